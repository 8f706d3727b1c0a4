import uuid
from hashlib import sha256
from urllib.parse import urlsplit

from django import forms
from phonenumber_field.formfields import PhoneNumberField

from jobboard.contact.models import Lead
from jobboard.stamp import StampedForm

FRENCH_NUMBER, FOREIGN_NUMBER = "06 12 34 56 78".replace(" ", "\u00a0"), "+32 470 12 34 56".replace(" ", "\u00a0")


def local_path(text: str) -> str:
    """`text` as a path of this site without its query, or nothing: it comes from the visitor and lands in the admin."""
    if not text.startswith("/") or text.startswith("//") or not text.isprintable() or "\\" in text:
        return ""
    return urlsplit(text).path[: Lead._meta.get_field("page").max_length]


class MessageField(forms.CharField):
    def to_python(self, value):
        # A browser counts a line break once and sends two characters: the limit must be the one it announced.
        return super().to_python(value).replace("\r\n", "\n")


class ContactForm(StampedForm, forms.ModelForm):
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
        # A role page has other fields on it: the names of these must not meet theirs.
        super().__init__(*args, **{"auto_id": "contact-%s", **kwargs})

    def clean_page(self):
        return local_path(self.cleaned_data["page"])

    def submission(self) -> uuid.UUID:
        """The same for the same text sent again from the same form.

        The text counts as well as the stamp: two people who were served one copy of the page are two leads.
        """
        fields = ("stamp", "name", "company", "email", "phone", "role", "message")
        digest = sha256("\0".join(str(self.cleaned_data[name]) for name in fields).encode())
        return uuid.UUID(bytes=digest.digest()[:16])
