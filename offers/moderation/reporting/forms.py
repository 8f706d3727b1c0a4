import uuid
from hashlib import sha256

from django import forms

from jobboard.form_token import SpamProtectedForm
from jobboard.text.fields import ProseField
from offers.moderation.enums import ReportReason
from offers.moderation.models import Report


class ReportForm(SpamProtectedForm, forms.ModelForm):
    reason = forms.ChoiceField(
        label="Que se passe-t-il\u00a0?",
        choices=ReportReason,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisir le motif le plus proche."},
    )
    explanation = ProseField(
        label="Explication",
        max_length=3_000,
        help_text="Le passage en cause, ou ce qui s’est passé. Plus c’est précis, plus vite nous pouvons agir.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    good_faith = forms.BooleanField(
        label="Je signale de bonne foi, et ce que j’écris est exact et complet à ma connaissance.",
        error_messages={"required": "Cocher cette case pour envoyer le signalement."},
    )

    class Meta:
        model = Report
        fields = ["reason", "explanation", "name", "email"]
        labels = {"name": "Nom", "email": "Adresse e-mail"}
        help_texts = {
            "email": "Pour recevoir un accusé de réception et la décision. L’employeur n’en saura rien.",
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }

    def submission(self, offer) -> uuid.UUID:
        """Return a key that is equal for a resubmission of the same form with the same text."""
        values = (str(self.cleaned_data[name]) for name in ("form_token", "reason", "explanation", "name", "email"))
        return uuid.UUID(bytes=sha256("\0".join([str(offer.pk), *values]).encode()).digest()[:16])
