import uuid
from hashlib import sha256
from urllib.parse import urlsplit

from django import forms
from django.utils.text import capfirst

from jobboard.contact.enums import ContactSubject
from jobboard.contact.models import Lead
from jobboard.form_token import SpamProtectedForm
from jobboard.text.fields import ProseField


def local_path(text: str) -> str:
    """Return `text` as a path of this site without its query string, or an empty string.

    The text is user input, which the admin displays.
    """
    if not text.startswith("/") or text.startswith("//") or not text.isprintable() or "\\" in text:
        return ""
    return urlsplit(text).path[: Lead._meta.get_field("page").max_length]


class ContactForm(SpamProtectedForm, forms.ModelForm):
    subject = forms.ChoiceField(
        label="Sujet",
        choices=[("", "Choisir un sujet"), *((value, capfirst(label)) for value, label in ContactSubject.choices)],
        error_messages={"required": "Choisissez le sujet de votre message."},
    )
    message = ProseField(label="Message", max_length=5_000, widget=forms.Textarea(attrs={"rows": 6}))
    page = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Lead
        fields = ["subject", "name", "company", "email", "phone", "role", "message", "page"]
        labels = {
            "name": "Nom",
            "company": "Entreprise qui recrute",
            "email": "Adresse e-mail",
            "role": "Poste à pourvoir",
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "company": forms.TextInput(attrs={"autocomplete": "organization"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        error_messages = {
            "email": {"invalid": "Cette adresse n’est pas complète. Exemple : prenom.nom@entreprise.fr."},
        }

    def __init__(self, *args, **kwargs):
        # Role pages contain other forms, and ids must be unique on a page.
        super().__init__(*args, **{"auto_id": "contact-%s", **kwargs})
        # Required from recruiters only (Lead.clean), and shown to them only: not labelled as optional.
        self.fields["company"].expected = True

    def clean_page(self):
        return local_path(self.cleaned_data["page"])

    def submission(self) -> uuid.UUID:
        """Return an idempotency key, the same if a form is submitted twice with the same text.

        The text is included because two visitors of one cached page have the same token.
        """
        fields = ("form_token", "subject", "name", "company", "email", "phone", "role", "message")
        digest = sha256("\0".join(str(self.cleaned_data[name]) for name in fields).encode())
        return uuid.UUID(bytes=digest.digest()[:16])
