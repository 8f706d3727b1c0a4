"""Spam protection of public forms: a signed, dated token and a honeypot field, without a CAPTCHA."""

import secrets

from django import forms
from django.conf import settings
from django.core import signing

# Seconds. An older token is replaced, and the form has to be submitted again.
MAX_AGE = 24 * 3600
_signer = signing.TimestampSigner(salt="contact.form_token")


def make_form_token() -> str:
    """Return a signed random value that carries the time of its creation."""
    return _signer.sign(secrets.token_urlsafe(12))


class SpamProtectedForm(forms.Form):
    """A form with a honeypot field that is invalid if it is submitted too soon or too late after it was rendered.

    Its template renders `form_token` and, visually hidden, `detail`. Its view discards the data if `is_trapped`.
    """

    form_token = forms.CharField(required=False, widget=forms.HiddenInput)
    # The honeypot field: invisible for people, filled in by bots.
    detail = forms.CharField(
        label="Ne rien écrire ici",
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["form_token"].initial = make_form_token

    @property
    def is_trapped(self) -> bool:
        """Return whether the honeypot field has been filled in."""
        return bool(self.data.get("detail"))

    def clean(self):
        cleaned = super().clean()
        form_token = self.cleaned_data.get("form_token", "")
        if not _is_younger(form_token, MAX_AGE):
            # Missing, forged or expired: keep the data and set a new token, so that the form can be submitted again.
            self.data = self.data.copy()
            self.data["form_token"] = make_form_token()
            self.add_error(None, "Le formulaire est resté ouvert trop longtemps. Il suffit de l’envoyer à nouveau.")
        elif _is_younger(form_token, settings.CONTACT_MINIMUM_DELAY):
            self.add_error(
                None,
                "L’envoi a été si rapide qu’il ressemble à celui d’un robot. "
                "Attendre quelques secondes, puis envoyer à nouveau.",
            )
        return cleaned


def _is_younger(form_token: str, seconds: int) -> bool:
    """Return whether the signature of `form_token` is valid and less than `seconds` old."""
    try:
        _signer.unsign(form_token, max_age=seconds)
    except signing.BadSignature:
        return False
    return True
