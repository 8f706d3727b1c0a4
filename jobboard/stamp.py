"""What tells programs from people in a form that anybody may send, without asking anything of people."""

import secrets

from django import forms
from django.conf import settings
from django.core import signing

# A page left open for longer is sent again with a fresh stamp.
MAX_AGE = 24 * 3600
_signer = signing.TimestampSigner(salt="contact.stamp")


def make_stamp() -> str:
    """A signed random value with the moment it was made."""
    return _signer.sign(secrets.token_urlsafe(12))


class StampedForm(forms.Form):
    """A form that knows when its page was made, with a field that only programs fill in.

    Its template writes `stamp` and, out of sight, `detail`; its view leaves alone what `is_trapped`.
    """

    stamp = forms.CharField(required=False, widget=forms.HiddenInput)
    # People never see it, programs fill it in.
    detail = forms.CharField(
        label="Ne rien écrire ici",
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stamp"].initial = make_stamp

    @property
    def is_trapped(self) -> bool:
        return bool(self.data.get("detail"))

    def clean(self):
        cleaned = super().clean()
        stamp = self.cleaned_data.get("stamp", "")
        if not _is_younger(stamp, MAX_AGE):
            # Missing, forged or expired. What was typed stays; sending it again is all there is to do.
            self.data = self.data.copy()
            self.data["stamp"] = make_stamp()
            self.add_error(None, "Le formulaire est resté ouvert trop longtemps. Il suffit de l’envoyer à nouveau.")
        elif _is_younger(stamp, settings.CONTACT_MINIMUM_DELAY):
            self.add_error(
                None,
                "L’envoi a été si rapide qu’il ressemble à celui d’un robot. "
                "Attendre quelques secondes, puis envoyer à nouveau.",
            )
        return cleaned


def _is_younger(stamp: str, seconds: int) -> bool:
    """Whether `stamp` is ours and was made within the last `seconds`."""
    try:
        _signer.unsign(stamp, max_age=seconds)
    except signing.BadSignature:
        return False
    return True
