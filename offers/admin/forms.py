"""The form of an offer in the admin, with the verbs whose buttons save it."""

import re
from typing import NamedTuple

from django import forms
from django.contrib import admin
from django.utils.functional import cached_property

from careers.models import MARKDOWN_HELP
from jobboard.text.dates import end_of_day, local_date
from jobboard.text.fields import AmountField, ProseField
from offers.models.transitions import TRANSITIONS
from offers.moderation import wording
from offers.revisions import JUSTIFICATION_LENGTH, REASON_LENGTH


class Verb(NamedTuple):
    """A verb of OfferLifecycle as a button of the form and, if `done` is set, as a bulk action.

    `done` is the message after one offer and after several, without the count.
    """

    method: str
    done: tuple[str, str] = ("", "")

    @property
    def button(self) -> str:
        return f"_{self.method}"

    @property
    def transition(self):
        return TRANSITIONS[self.method]


VERBS = [
    Verb("submit"),
    Verb("publish", ("offre publiée", "offres publiées")),
    Verb("renew", ("offre renouvelée", "offres renouvelées")),
    Verb("fill", ("offre marquée pourvue", "offres marquées pourvues")),
    Verb("withdraw", ("offre retirée", "offres retirées")),
    Verb("reopen"),
    Verb("return_"),
    Verb("remove"),
    Verb("restore"),
]
NOT_JUSTIFIED = (
    "L’offre n’est ni enregistrée ni publiée\u00a0: le contrôle du texte relève les points ci-dessus. Corrigez-les, ou "
    "dites pourquoi publier l’offre ainsi."
)
# The verbs on the page that adds an offer.
NEW = ("submit", "publish")
BY_METHOD = {verb.method: verb for verb in VERBS}
_QUESTION = re.compile(r"questions-(\d+)-text")


class OfferForm(forms.ModelForm):
    request_source = forms.CharField(
        label="publication demandée par",
        max_length=200,
        required=False,
        widget=admin.widgets.AdminTextInputWidget(attrs={"class": "vTextField wide"}),
        help_text="Qui, dans l’entreprise, a demandé à publier, quand et comment\u00a0: conservé dans l’historique "
        "(code du travail, art. L5331-3).",
    )
    # Shown with the buttons of the verbs.
    reason = ProseField(
        label="Motif, que l’entreprise lira",
        max_length=REASON_LENGTH,
        required=False,
        widget=admin.widgets.AdminTextareaWidget(attrs={"rows": 3}),
    )
    justification = ProseField(
        label="Pourquoi publier le texte tel quel",
        max_length=JUSTIFICATION_LENGTH,
        required=False,
        widget=admin.widgets.AdminTextareaWidget(attrs={"rows": 3}),
    )

    class Meta:
        field_classes = {"pay_min": AmountField, "pay_max": AmountField}
        widgets = {
            **dict.fromkeys(
                ("pay_min", "pay_max"), admin.widgets.AdminTextInputWidget(attrs={"class": "vIntegerField"})
            ),
            "title": admin.widgets.AdminTextInputWidget(attrs={"class": "vTextField wide"}),
            "highlights": admin.widgets.AdminTextareaWidget(attrs={"rows": 6}),
            "description": admin.widgets.AdminTextareaWidget(attrs={"rows": 18}),
        }
        help_texts = {
            "description": MARKDOWN_HELP,
            "confidential": "Le nom de l’entreprise n’est alors montré nulle part\u00a0; elle reste enregistrée ici.",
            "pay_min": "",
        }

    def clean_expires_at(self):
        """Return the end of the day: pages show the day only."""
        value = self.cleaned_data["expires_at"]
        return value and end_of_day(local_date(value))

    def clean(self):
        data = super().clean()
        if data.get("fully_remote") and data.get("remote_days") is None and "remote_days" not in self.errors:
            data["remote_days"] = 5
        return data

    def _get_validation_exclusions(self):
        # A constraint is skipped when it reads a column that the form leaves out, such as the status: the database
        # would then raise an error 500. Exclude only the fields with errors.
        return {name for name in super()._get_validation_exclusions() if name in self.fields}

    @property
    def verb(self) -> Verb | None:
        """Return the verb of the button that was clicked, if any."""
        return next((verb for verb in VERBS if verb.button in self.data), None)

    @property
    def verb_arguments(self) -> dict:
        """Return the further arguments of the verb. A text without errors has no justification any more."""
        if self.verb.transition.needs_reason:
            return {"reason": self.cleaned_data["reason"]}
        if self.verb.method not in NEW:
            return {}
        justification = self.cleaned_data["justification"] if self.errors_in_text else ""
        return {"request_source": self.cleaned_data["request_source"], "justification": justification}

    @cached_property
    def errors_in_text(self) -> list[wording.Finding]:
        """Return what the wording check finds in the version of the form."""
        asked = _posted_questions(self.data) if self.is_bound else None
        return wording.errors_in_text(wording.check(self.instance, asked=asked))

    def _post_clean(self):
        """Check the verb before anything is saved, so that all texts stay in the form."""
        super()._post_clean()
        if self.verb is None:
            return
        transition, data = self.verb.transition, self.cleaned_data
        if self.instance.status not in transition.sources:
            self.add_error(None, self.instance.refusal_message(transition))
        if transition.needs_reason and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Indiquez le motif\u00a0: l’entreprise le lira.")
        is_justified = data.get("justification") or "justification" in self.errors
        if self.verb.method == "publish" and not is_justified and self.errors_in_text:
            self.add_error("justification", NOT_JUSTIFIED)


def _posted_questions(data) -> list[str]:
    """Return the texts of the questions in the data of the page, without those to delete."""
    numbers = [match[1] for name in data if (match := _QUESTION.fullmatch(name))]
    return [data[f"questions-{number}-text"] for number in numbers if f"questions-{number}-DELETE" not in data]
