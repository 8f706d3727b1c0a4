"""The forms of django-allauth with our words, and without placeholders that repeat the labels."""

import binascii

from allauth.account import forms as account
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes import forms as recovery
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from cryptography.exceptions import InvalidSignature
from django import forms
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from jobboard.accounts.adapter import account_with, confirm_address, queue_mail
from jobboard.stamp import StampedForm

RULES = (
    "Au moins 10\u00a0caractères. Ni un mot de passe courant, ni une variante de votre adresse, ni des chiffres seuls."
)
LABELS = {
    "login": "Adresse e-mail",
    "email": "Adresse e-mail",
    "password": "Mot de passe",
    "oldpassword": "Mot de passe actuel",
    "password1": "Nouveau mot de passe",
    "password2": "Nouveau mot de passe, encore une fois",
    "code": "Code",
    "name": "Nom de la clé",
}


class Plain:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            if name in {"login", "email"}:
                field.error_messages["invalid"] = "Cette adresse n’est pas complète."
            if name in {"password", "oldpassword"}:
                # The pages have the link for a forgotten password below: between two fields it stops the keyboard.
                field.help_text = ""
            if name == "password1":
                field.help_text = RULES
            if name == "code":
                field.max_length = 32
                field.widget.attrs |= {"inputmode": "numeric", "maxlength": 32, "spellcheck": "false"}


class LoginForm(Plain, account.LoginForm):
    pass


class SignupForm(Plain, StampedForm, account.SignupForm):
    """Says and does the same whether the address has an account or not."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "Mot de passe"

    def validate_unique_email(self, value):
        # Not the library’s own question, which also finds addresses that somebody wants to have and has not confirmed.
        self.account_already_exists = get_user_model().objects.filter(email__iexact=value).exists()
        return value

    def try_save(self, request):
        if self.is_trapped:
            return None, prevent_enumeration(request)
        if self.account_already_exists:
            # What takes longest for an account that is made: so that nobody can tell by the time it took.
            get_user_model()().set_password(self.cleaned_data["password1"])
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            # The same address, a moment before.
            self.account_already_exists = True
            return super().try_save(request)

    def signup(self, request, user):
        user.signed_up = True
        user.save(update_fields=["signed_up"])


class AddEmailForm(Plain, account.AddEmailForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Nouvelle adresse e-mail"


class ReauthenticateForm(Plain, account.ReauthenticateForm):
    pass


class ResetPasswordForm(Plain, account.ResetPasswordForm):
    def save(self, request, **kwargs):
        # The same work for an address without an account: nothing tells one from the other.
        queue_mail("password_reset", account_with(self.cleaned_data["email"]))
        return self.cleaned_data["email"]


class ResetPasswordKeyForm(Plain, account.ResetPasswordKeyForm):
    def save(self):
        super().save()
        # The link came by mail.
        confirm_address(self.user)


class ChangePasswordForm(Plain, account.ChangePasswordForm):
    pass


class SetPasswordForm(Plain, account.SetPasswordForm):
    pass


class CodeForm(Plain, mfa.AuthenticateForm):
    pass


class CodeAgainForm(Plain, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(Plain, totp.ActivateTOTPForm):
    pass


class DeactivateTOTPForm(Plain, totp.DeactivateTOTPForm):
    pass


class RecoveryCodesForm(Plain, recovery.GenerateRecoveryCodesForm):
    pass


class Credential:
    """What a browser sends for a passkey, or anybody in its place: whatever cannot be read is refused in words."""

    UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, binascii.Error, InvalidSignature)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages |= {
            "required": "La clé n’a rien répondu. Cette page a besoin de JavaScript.",
            "invalid": "La réponse de la clé n’a pas été comprise.",
        }

    def reading(self, read):
        try:
            return read()
        except forms.ValidationError:
            raise
        except self.UNREADABLE as error:
            raise get_adapter().validation_error("incorrect_code") from error


class AddPasskeyForm(Plain, Credential, webauthn.AddWebAuthnForm):
    name = forms.CharField(required=False, max_length=60)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = "Se connecter avec cette clé seule, sans mot de passe"
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = "L’appareil demande alors une empreinte, un visage ou un code."

    def clean(self):
        return self.reading(super().clean)


class RenamePasskeyForm(Plain, webauthn.EditWebAuthnForm):
    name = forms.CharField(max_length=60)


class PasskeyForm(Plain, Credential, webauthn.AuthenticateWebAuthnForm):
    def clean_credential(self):
        return self.reading(super().clean_credential)


class PasskeyAgainForm(Plain, Credential, webauthn.ReauthenticateWebAuthnForm):
    def clean_credential(self):
        return self.reading(super().clean_credential)


class PasskeyLoginForm(Plain, Credential, webauthn.LoginWebAuthnForm):
    def clean_credential(self):
        return self.reading(super().clean_credential)


class NameForm(forms.ModelForm):
    class Meta:
        model = get_user_model()
        fields = ["first_name", "last_name"]
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }
        labels = {"first_name": "Prénom", "last_name": "Nom"}


class DeleteForm(forms.Form):
    sure = forms.BooleanField(
        label="Oui, supprimer mon compte",
        error_messages={"required": "Cochez cette case pour confirmer."},
    )
