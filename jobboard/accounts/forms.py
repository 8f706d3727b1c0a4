"""The forms of django-allauth with French labels, and without placeholders that repeat the labels."""

import binascii

from allauth.account import forms as account
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.internal.flows.add import validate_can_add_authenticator
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import forms as recovery
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from cryptography.exceptions import InvalidSignature
from django import forms
from django.contrib.auth import get_user_model
from django.db import transaction

from jobboard.accounts import factors
from jobboard.accounts.adapter import account_pk, confirm_address, lock_email, queue_account_mail, reserve_attempt
from jobboard.form_token import SpamProtectedForm
from jobboard.text.fields import EmailField

RULES_HELP_TEXT = (
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


class FrenchLabelsMixin:
    """Replace labels, help texts and errors of the forms of allauth, and remove placeholders."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in list(self.fields.items()):
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            if name in {"login", "email"}:
                self.fields[name] = _our_email_field(field)
            if name in {"password", "oldpassword"}:
                # The template renders the link for a forgotten password below: Tab would focus it between the fields.
                field.help_text = ""
            if name == "password1":
                field.help_text = RULES_HELP_TEXT
            if name == "code":
                field.max_length = 32
                field.widget.attrs |= {"inputmode": "numeric", "maxlength": 32, "spellcheck": "false"}


def _our_email_field(field: forms.EmailField) -> EmailField:
    """Return the field with our spelling of addresses and our errors."""
    return EmailField(
        label=field.label,
        required=field.required,
        initial=field.initial,
        widget=field.widget,
        help_text=field.help_text,
    )


class LoginForm(FrenchLabelsMixin, account.LoginForm):
    pass


class SignupForm(FrenchLabelsMixin, SpamProtectedForm, account.SignupForm):
    """Sign up with the same response and the same work whether or not the address has an account."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "Mot de passe"

    def validate_unique_email(self, value):
        # Unlike allauth, ignore unconfirmed addresses of other accounts.
        self.account_already_exists = get_user_model().objects.filter(email__iexact=value).exists()
        return value

    def try_save(self, request):
        if self.is_trapped:
            return None, prevent_enumeration(request)
        with transaction.atomic():
            lock_email(self.cleaned_data["email"])
            # Again, since a concurrent request may have created an account with this address.
            self.validate_unique_email(self.cleaned_data["email"])
            if self.account_already_exists:
                # Hash the password as for a new account: the response time must not reveal an existing one.
                get_user_model()().set_password(self.cleaned_data["password1"])
            return super().try_save(request)

    def signup(self, request, user):
        user.signed_up = True
        user.save(update_fields=["signed_up"])


class AddEmailForm(FrenchLabelsMixin, account.AddEmailForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Nouvelle adresse e-mail"

    @transaction.atomic
    def save(self, request):
        # Two concurrent requests would each replace the earlier new address.
        get_user_model().objects.select_for_update().get(pk=self.user.pk)
        return super().save(request)


class ReauthenticateForm(FrenchLabelsMixin, account.ReauthenticateForm):
    pass


class ResetPasswordForm(FrenchLabelsMixin, account.ResetPasswordForm):
    def save(self, request, **kwargs):
        email = self.cleaned_data["email"]
        # Past the limit, send no other mail but show the same page: the links of the mails sent before are still valid.
        # A refusal would let anyone keep the owner of the address from the page.
        is_allowed = ratelimit.consume(
            request, app="allauth.account", action="reset_mail", config={"reset_mail": "5/h/key"}, key=email.lower()
        )
        # Queue a task even without an account: the response must not reveal whether there is one.
        queue_account_mail("password_reset", account_pk(email) if is_allowed else 0)
        return email


class ResetPasswordKeyForm(FrenchLabelsMixin, account.ResetPasswordKeyForm):
    def save(self):
        super().save()
        # The link was sent by mail, which proves the address.
        confirm_address(self.user)


class ChangePasswordForm(FrenchLabelsMixin, account.ChangePasswordForm):
    pass


class SetPasswordForm(FrenchLabelsMixin, account.SetPasswordForm):
    pass


class CodeMixin(FrenchLabelsMixin):
    """Accept a code of the app or a recovery code once, with the limits of the site for wrong ones."""

    def clean_code(self):
        code = self.cleaned_data["code"]
        attempt = reserve_attempt(context.request, "code", self.user.email, self.user.pk)
        types = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
        for authenticator in Authenticator.objects.filter(user=self.user, type__in=types):
            if factors.use_code(authenticator, code):
                attempt.cancel()
                authenticator.user = self.user
                self.authenticator = authenticator
                return code
        raise get_adapter().validation_error("incorrect_code")


class MFACodeForm(CodeMixin, mfa.AuthenticateForm):
    pass


class MFACodeReauthenticateForm(CodeMixin, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(FrenchLabelsMixin, totp.ActivateTOTPForm):
    def clean_code(self):
        validate_can_add_authenticator(self.user)
        code = self.cleaned_data["code"]
        counters = factors.totp_counters(self.secret, code)
        if not counters:
            raise get_adapter().validation_error("incorrect_code")
        self.counter = counters[0]
        return code


class DeactivateTOTPForm(FrenchLabelsMixin, totp.DeactivateTOTPForm):
    pass


class RecoveryCodesForm(FrenchLabelsMixin, recovery.GenerateRecoveryCodesForm):
    pass


class PasskeyCredentialMixin:
    """Turn exceptions about a malformed passkey credential into form errors."""

    MALFORMED = (AttributeError, KeyError, TypeError, ValueError, binascii.Error, InvalidSignature)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages |= {
            "required": "La clé n’a pas répondu. Cette page a besoin de JavaScript.",
            "invalid": "La réponse de la clé n’a pas été comprise.",
        }

    def parse_credential(self, clean):
        try:
            return clean()
        except forms.ValidationError:
            raise
        except self.MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error


class AddPasskeyForm(FrenchLabelsMixin, PasskeyCredentialMixin, webauthn.AddWebAuthnForm):
    name = forms.CharField(required=False, max_length=60)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = "Se connecter avec cette clé seule, sans mot de passe"
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = "L’appareil demande alors une empreinte, un visage ou un code."

    def clean(self):
        return self.parse_credential(super().clean)


class RenamePasskeyForm(FrenchLabelsMixin, webauthn.EditWebAuthnForm):
    name = forms.CharField(max_length=60)


class PasskeyForm(FrenchLabelsMixin, PasskeyCredentialMixin, webauthn.AuthenticateWebAuthnForm):
    def clean_credential(self):
        return self.parse_credential(super().clean_credential)


class PasskeyReauthenticateForm(FrenchLabelsMixin, PasskeyCredentialMixin, webauthn.ReauthenticateWebAuthnForm):
    def clean_credential(self):
        return self.parse_credential(super().clean_credential)


class PasskeyLoginForm(FrenchLabelsMixin, PasskeyCredentialMixin, webauthn.LoginWebAuthnForm):
    def clean_credential(self):
        return self.parse_credential(super().clean_credential)


class NameForm(forms.ModelForm):
    class Meta:
        model = get_user_model()
        fields = ["first_name", "last_name"]
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }
        labels = {"first_name": "Prénom", "last_name": "Nom"}


class DeleteAccountForm(forms.Form):
    confirm = forms.BooleanField(
        label="Oui, supprimer mon compte",
        error_messages={"required": "Cochez cette case pour confirmer."},
    )
