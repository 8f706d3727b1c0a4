import uuid
from hashlib import sha256
from urllib.parse import urlsplit

from django import forms
from phonenumber_field.formfields import PhoneNumberField

from jobboard.contact.models import Lead
from jobboard.form_token import SpamProtectedForm

FRENCH_NUMBER, FOREIGN_NUMBER = "06 12 34 56 78".replace(" ", "\u00a0"), "+32 470 12 34 56".replace(" ", "\u00a0")


def local_path(text: str) -> str:
    """Return `text` as a path of this site without its query string, or an empty string.

    The text is user input, which the admin displays.
    """
    if not text.startswith("/") or text.startswith("//") or not text.isprintable() or "\\" in text:
        return ""
    return urlsplit(text).path[: Lead._meta.get_field("page").max_length]


class MessageField(forms.CharField):
    def to_python(self, value):
        # Browsers submit a line break as two characters, but `maxlength` counts one.
        return super().to_python(value).replace("\r\n", "\n")


class ContactForm(SpamProtectedForm, forms.ModelForm):
    phone = PhoneNumberField(
        label="Téléphone",
        required=False,
        region="FR",
        max_length=40,
        help_text=f"En France ou à l’étranger, avec l’indicatif\u00a0: {FOREIGN_NUMBER}.",
        error_messages={
            "invalid": f"Ce numéro n’est pas valable. Exemples\u00a0: {FRENCH_NUMBER}, {FOREIGN_NUMBER} (Belgique)."
        },
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    message = MessageField(
        label="Message", max_length=5_000, widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"})
    )
    page = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Lead
        fields = ["name", "company", "email", "phone", "role", "message", "page"]
        labels = {
            "name": "Nom",
            "company": "Entreprise",
            "email": "Adresse e-mail",
            "role": "Poste à pourvoir",
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "company": forms.TextInput(attrs={"autocomplete": "organization"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "role": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        error_messages = {
            "email": {"invalid": "Cette adresse n’est pas complète. Exemple : prenom.nom@entreprise.fr."},
        }

    def __init__(self, *args, **kwargs):
        # Role pages contain other forms, and ids must be unique on a page.
        super().__init__(*args, **{"auto_id": "contact-%s", **kwargs})

    def clean_page(self):
        return local_path(self.cleaned_data["page"])

    def submission(self) -> uuid.UUID:
        """Return an idempotency key, the same if a form is submitted twice with the same text.

        The text is included because two visitors of one cached page have the same token.
        """
        fields = ("form_token", "name", "company", "email", "phone", "role", "message")
        digest = sha256("\0".join(str(self.cleaned_data[name]) for name in fields).encode())
        return uuid.UUID(bytes=digest.digest()[:16])
