"""The base class of the steps of the wizard."""

import json
from hashlib import sha256

from django import forms
from django.core.exceptions import ValidationError

from offers.fields import step_columns
from offers.models import Offer
from offers.posting import drafts as posting

STALE = (
    "Cette étape a été enregistrée entre-temps, dans un autre onglet ou par un collègue. Ce que vous avez saisi est "
    "toujours là\u00a0: comparez, puis enregistrez à nouveau pour le conserver."
)


class StepForm(forms.ModelForm):
    """The fields of an offer that `offers/fields.py` declares for one step.

    `version` is the fingerprint of their values when the form was rendered: see `is_stale`.
    """

    slug = name = intro = template = ""
    # Fields that a submitted offer needs, though a draft does not: their labels do not say “optional”.
    expected: tuple[str, ...] = ()

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, **kwargs):
        self.user = user
        super().__init__(*args, **{"auto_id": "offre-%s", **kwargs})
        self.stored = self.current_values()
        self.fields["version"].initial = self.fingerprint(self.stored)
        self.saved_values: list[tuple[str, str]] = []
        self.expect()

    def expect(self) -> None:
        for name in self.expected:
            self.fields[name].expected = True

    @property
    def field_names(self) -> list[str]:
        """Return the names of the columns of the step."""
        return step_columns(self.slug)

    def current_values(self) -> dict:
        """Return the stored values of the step as JSON; steps add the rows of other tables."""
        return {name: self.instance.serializable_value(name) for name in self.field_names}

    @staticmethod
    def fingerprint(values: dict) -> str:
        return sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:24]

    def is_stale(self) -> bool:
        """Return whether other values were saved since the form was rendered."""
        submitted_version = self.data.get(self.add_prefix("version"), "")
        return (
            self.instance.pk is not None
            and submitted_version != self.fingerprint(self.stored)
            and self.current_values() != self.stored
        )

    def refuse_stale(self) -> None:
        """Add an error, list the values saved since in `saved_values`, and let the next submission overwrite them."""
        before = type(self)(instance=Offer.objects.get(pk=self.instance.pk), user=self.user)
        for name, field in self.fields.items():
            # A form without data has no question which commune is meant.
            if name in before.fields and not field.widget.is_hidden and field.label:
                saved = before.display_value(name)
                if saved != self.display_value(name):
                    self.saved_values.append((str(field.label), saved or "rien"))
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = self.fingerprint(self.stored)
        self.add_error(None, STALE)

    def display_value(self, name: str) -> str:
        """Return the value of a field as text."""
        value, field = self[name].value(), self.fields[name]
        values = value if isinstance(value, (list, tuple)) else [value]
        choices = dict(getattr(field, "choices", ()) and [(str(key), label) for key, label in field.choices])
        return ", ".join(str(choices.get(str(each), each)) for each in values if each not in (None, "", False))

    def _get_validation_exclusions(self):
        # A constraint is skipped if it reads a column that is not in the form: the database would then raise an error
        # 500. Exclude only the fields with errors.
        return {name for name in super()._get_validation_exclusions() if name in self.fields}

    def _update_errors(self, errors):
        # Errors of fields of other steps are shown there, and by the check at the end.
        if hasattr(errors, "error_dict"):
            own = {name: each for name, each in errors.error_dict.items() if name in (*self.fields, "__all__")}
            if not own:
                return
            errors = ValidationError(own)
        super()._update_errors(errors)

    def save(self, commit=True):
        if self.instance.pk is None:
            self.instance.save()
        else:
            posting.save_fields(self.instance, self.field_names)
        self.save_rows()
        return self.instance

    def show_proposed(self, changes: dict) -> None:
        """Start from the rows of other tables in a waiting revision; its columns are those of the instance."""

    def save_rows(self) -> None:
        """Save the rows of other tables."""
