from django import forms

from jobboard.form_token import SpamProtectedForm
from jobboard.text.fields import ProseField
from offers.applications.cv import CvField
from offers.applications.models import Application, PendingUpload
from offers.applications.models.retention import period_of_decided, period_with_consent


def _describe_consent(form) -> None:
    """Set the texts of the field `keep_for_others`, whose periods are settings."""
    field = form.fields["keep_for_others"]
    field.label = f"Garder ma candidature pour d’autres offres de l’entreprise, pendant {period_with_consent()}"
    field.help_text = f"Sinon, elle est effacée {period_of_decided()}."


class ApplicationForm(SpamProtectedForm, forms.ModelForm):
    """The form of a candidate, with the questions of the offer; `pending` is the token of a file sent before."""

    message = ProseField(
        label="Message",
        max_length=5_000,
        help_text="Quelques lignes suffisent\u00a0: ce qui vous attire, ce que vous savez faire, vos disponibilités.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    cv = CvField(required=False)
    pending = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Application
        fields = ["name", "email", "phone", "message", "keep_for_others"]
        labels = {
            "name": "Nom",
            "email": "Adresse e-mail",
        }
        help_texts = {"email": "Vous y recevrez le suivi de votre candidature."}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }

    def __init__(self, *args, offer, **kwargs):
        super().__init__(*args, instance=Application(offer=offer), **kwargs)
        _describe_consent(self)
        self.questions = {f"question_{question.pk}": question for question in offer.questions.all()}
        for name, question in self.questions.items():
            self.fields[name] = ProseField(
                label=question.text,
                required=question.required,
                max_length=2_000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        # The order of the page.
        self.order_fields(["name", "email", "phone", "message", *self.questions, "cv", "keep_for_others"])
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


class ConsentForm(forms.Form):
    """The consent of the application form, to be given or ended on the status page."""

    keep_for_others = forms.BooleanField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe_consent(self)


class CvForm(forms.Form):
    cv = CvField()


class NoteForm(forms.Form):
    text = ProseField(
        label="Nouvelle note",
        max_length=2_000,
        help_text="Lue par les membres de l’entreprise. La personne peut en demander copie.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DeclineForm(forms.Form):
    text = ProseField(
        label="Message envoyé à chaque personne",
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        error_messages={"required": "Écrivez au moins une phrase\u00a0: la personne ne recevra que ce message."},
    )
