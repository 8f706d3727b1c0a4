from django import forms
from phonenumber_field.formfields import PhoneNumberField

from jobboard.contact.forms import FOREIGN_NUMBER, FRENCH_NUMBER, MessageField
from jobboard.form_token import SpamProtectedForm
from offers.applications.cv import CvField
from offers.applications.models import Application, PendingUpload


class ApplicationForm(SpamProtectedForm, forms.ModelForm):
    """The form of a candidate, with the questions of the offer; `pending` is the token of a file sent before."""

    phone = PhoneNumberField(
        label="Téléphone",
        required=False,
        region="FR",
        max_length=40,
        error_messages={
            "invalid": f"Ce numéro n’est pas valable. Exemples\u00a0: {FRENCH_NUMBER}, {FOREIGN_NUMBER} (Belgique)."
        },
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    message = MessageField(
        label="Message",
        max_length=5_000,
        help_text="Quelques lignes suffisent\u00a0: ce qui vous attire, ce que vous savez faire, vos disponibilités.",
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"}),
    )
    cv = CvField(required=False)
    pending = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Application
        fields = ["name", "email", "phone", "message", "keep_for_others"]
        labels = {
            "name": "Nom",
            "email": "Adresse e-mail",
            "keep_for_others": "J’accepte que l’entreprise conserve ma candidature pour d’autres offres",
        }
        help_texts = {"email": "Vous y recevrez le suivi de votre candidature."}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        error_messages = {
            "email": {"invalid": "Cette adresse n’est pas complète. Exemple\u00a0: prenom.nom@fournisseur.fr."},
        }

    def __init__(self, *args, offer, **kwargs):
        super().__init__(*args, instance=Application(offer=offer), **kwargs)
        self.questions = {f"question_{question.pk}": question for question in offer.questions.all()}
        for name, question in self.questions.items():
            self.fields[name] = MessageField(
                label=question.text,
                required=question.required,
                max_length=2_000,
                widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
            )
        # The file of an invalid submission, unless it has expired.
        self.upload = PendingUpload.objects.with_token(self.data.get("pending", "")) if self.is_bound else None

    @property
    def upload_name(self) -> str:
        return self.upload.name if self.upload else ""

    def question_fields(self):
        return [self[name] for name in self.questions]

    def clean(self):
        super().clean()
        if "cv" not in self.errors and not self.cleaned_data.get("cv") and not self.upload:
            expired = self.data.get("pending")
            message = self.fields["cv"].error_messages["missing" if expired else "required"]
            self.add_error("cv", message)

    def _post_clean(self):
        super()._post_clean()
        self.instance.answers = [
            {"question": question.text, "answer": self.cleaned_data[name]}
            for name, question in self.questions.items()
            if self.cleaned_data.get(name)
        ]

    def validate_unique(self):
        """Skip the check: only a mail may reveal an earlier application (see intake)."""

    def validate_constraints(self):
        """Skip the checks, for the same reason."""

    def set_upload(self, upload: PendingUpload | None) -> None:
        """Render the form again with the token and the name of a stored file."""
        self.upload = upload
        self.data = self.data.copy()
        self.data["pending"] = upload.token if upload else ""


class CvForm(forms.Form):
    cv = CvField()


class NoteForm(forms.Form):
    text = MessageField(
        label="Nouvelle note",
        max_length=2_000,
        help_text="Lue par les membres de l’entreprise. La personne peut en demander copie.",
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


class DeclineForm(forms.Form):
    text = MessageField(
        label="Message envoyé à chaque personne",
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 12, "autocomplete": "off"}),
        error_messages={"required": "Écrivez au moins une phrase\u00a0: la personne ne recevra que ce message."},
    )
