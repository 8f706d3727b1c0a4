"""The forms of companies with the wording check, which is in an app above theirs."""

from django import forms

from jobboard.text.fields import ProseField
from offers.companies.forms import CompanyForm, NewCompanyForm
from offers.companies.models import CompanyRevision
from offers.companies.models.revision import CHECKED_TEXTS
from offers.moderation import wording
from offers.revisions import JUSTIFICATION_LENGTH


class CheckedTextsMixin:
    """Refuse texts with errors of the wording check, as the wizard does for offers, in the fields that have changed.

    `blocking` are these errors. With a justification the form is valid nevertheless.
    """

    blocking: list[wording.Finding] = []

    def clean(self):
        # Before CompanyForm.clean, which asks for the logo again after any error.
        data = self.cleaned_data
        texts = {name: data[name] for name in CHECKED_TEXTS if name in self.changed_data and data.get(name)}
        self.blocking = wording.blocking(wording.check_texts(texts))
        if not data.get("justification"):
            for finding in self.blocking:
                self.add_error(finding.field, _error_text(finding))
        return super().clean()


def _error_text(finding: wording.Finding) -> str:
    law = f" {finding.law}." if finding.law else ""
    return f"{finding.message}\u00a0: «\u00a0{finding.text}\u00a0». {finding.explanation} {finding.correction}{law}"


class CheckedCompanyForm(CheckedTextsMixin, CompanyForm):
    field_order = (*CompanyForm.Meta.fields[:-1], "justification", "logo")

    justification = ProseField(
        label="Pourquoi ce texte est justifié",
        max_length=JUSTIFICATION_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Si le contrôle se trompe, dites pourquoi et enregistrez à nouveau\u00a0: un modérateur lira ce "
        "motif, et la fiche changera s’il accepte.",
    )

    @property
    def shows_justification(self) -> bool:
        return bool(self.blocking or self.initial.get("justification"))

    def show_proposed(self, revision: CompanyRevision) -> None:
        super().show_proposed(revision)
        self.initial["justification"] = revision.justification

    def save_or_propose(self, by) -> CompanyRevision | None:
        return super().save_or_propose(by, self.cleaned_data["justification"] if self.blocking else "")


class CheckedNewCompanyForm(CheckedTextsMixin, NewCompanyForm):
    """Without a justification: there is no company yet whose change could wait. The page leads to the contact form."""
