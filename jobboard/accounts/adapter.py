from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from jobboard.accounts import attempts
from jobboard.accounts.models import User
from jobboard.accounts.open_sessions import end_all_sessions
from jobboard.accounts.qr import qr_svg
from jobboard.locks import lock_value
from jobboard.mail.outbox import queue_mail
from jobboard.network import client_ip
from jobboard.text.dates import waiting_time

TOO_MANY = "Trop de tentatives. Réessayez dans quelques minutes."
# The notifications of allauth, and the event of our own mail for each.
NOTIFICATIONS = {
    # One mail for a password changed, set for the first time or reset.
    "account/email/password_changed": "password_changed",
    "account/email/password_set": "password_changed",
    "account/email/password_reset": "password_changed",
    "mfa/email/totp_activated": "factor_added",
    "mfa/email/webauthn_added": "factor_added",
    "mfa/email/totp_deactivated": "factor_removed",
    "mfa/email/webauthn_removed": "factor_removed",
    "mfa/email/recovery_codes_generated": "codes_made",
}


class AccountAdapter(DefaultAccountAdapter):
    # With typographic apostrophes, unlike those of allauth.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "Ce compte n’est plus actif.",
        "duplicate_email": "C’est déjà l’adresse de ce compte.",
        "email_password_mismatch": "L’adresse ou le mot de passe est incorrect.",
        "enter_current_password": "Le mot de passe actuel est incorrect.",
        "incorrect_code": "Ce code est incorrect.",
        "incorrect_password": "Le mot de passe est incorrect.",
        "invalid_password_reset": "Ce lien n’est plus valable.",
        "rate_limited": TOO_MANY,
        "too_many_login_attempts": TOO_MANY,
    }

    def is_open_for_signup(self, request):
        return settings.SIGNUP_OPEN

    def get_client_ip(self, request):
        # Not the method of allauth: it raises when a proxy sent fewer IPs than expected.
        return client_ip(request) or "0.0.0.0"  # noqa: S104  # nosec B104 # the placeholder for an unknown IP

    def authenticate(self, request, **credentials):
        """Check a password at sign-in or reauthentication, unless there were too many wrong ones."""
        email = credentials.get("email") or ""
        attempt = reserve_attempt(request, "password", email, account_pk(email))
        user = super().authenticate(request, **credentials)
        if user:
            attempt.cancel()
        return user

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        attempts.remember(request, response, user)
        return response

    def get_password_change_redirect_url(self, request):
        return reverse("account_home")

    def get_reauthentication_methods(self, user):
        """Return the ways to confirm the identity: the second factor if the user has one, else the password."""
        names = {
            "reauthenticate": "Avec le mot de passe",
            "mfa_reauthenticate": "Avec un code",
            "mfa_reauthenticate:webauthn": "Avec une clé d’accès",
        }
        methods = super().get_reauthentication_methods(user)
        factors = [method for method in methods if method["id"] != "reauthenticate"]
        return [{**method, "description": names[method["id"]]} for method in factors or methods]

    def set_password(self, user, password):
        """Set the password and end all other sessions."""
        super().set_password(user, password)
        end_all_sessions(user, keep=self.request.session.session_key)

    def confirm_email(self, request, email_address):
        """Confirm the address and delete unconfirmed accounts opened with it by others.

        If another account uses the address already, show an error and change nothing.
        """
        others = User.objects.filter(email__iexact=email_address.email).exclude(pk=email_address.user_id)
        with transaction.atomic():
            lock_email(email_address.email)
            others.unconfirmed().delete()
            if not others.exists():
                return super().confirm_email(request, email_address)
        messages.error(request, "Cette adresse est déjà celle d’un autre compte.")
        return False

    # Queue our own mails instead of those of allauth. Tokens are created when a mail is sent: the outbox contains none.

    def send_mail(self, template_prefix, email, context):
        raise NotImplementedError(f"{template_prefix} has no mail of ours")

    def send_confirmation_mail(self, request, emailconfirmation, signup):
        address = emailconfirmation.email_address
        if signup or address.email == address.user.email:
            queue_account_mail("address_confirm", address.user_id, address.pk)
        else:
            queue_account_mail("address_change", address.user_id, address.pk)
            # Warn the current e-mail address too, in case another person uses an open session.
            queue_account_mail("address_changing", address.user_id)

    def send_account_already_exists_mail(self, email):
        queue_account_mail("account_exists", account_pk(email))

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        if template_prefix == "account/email/email_changed":
            queue_mail("accounts.address_changed", recipient=email)
        elif event := NOTIFICATIONS.get(template_prefix):
            queue_account_mail(event, user.pk)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": "Les codes de secours viennent avec une application ou une clé d’accès.",
        "incorrect_code": "Ce code ou cette clé n’ont pas été reconnus.",
        "unverified_email": "Confirmez d’abord la nouvelle adresse du compte, ou annulez son changement.",
    }

    def get_totp_issuer(self):
        return settings.SITE_NAME

    def build_totp_svg(self, url):
        return qr_svg(url)

    def get_public_key_credential_rp_entity(self):
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}

    def generate_authenticator_name(self, user, type):
        return f"Clé n°\u00a0{Authenticator.objects.filter(user=user, type=type).count() + 1}"


def reserve_attempt(request, kind: str, email: str, user_pk: int) -> attempts.Attempt:
    """Reserve an attempt, or raise a ValidationError that says when the next one is possible."""
    try:
        return attempts.reserve(request, kind, email, user_pk)
    except attempts.TooManyAttempts as error:
        others = "une clé d’accès ou «\u00a0Mot de passe oublié\u00a0»" if kind == "password" else "une clé d’accès"
        delay = waiting_time(error.retry_after)
        raise ValidationError(
            f"Trop de tentatives infructueuses. Réessayez dans {delay}, ou utilisez {others}.",
            code="too_many_attempts",
        ) from None


def account_pk(email: str) -> int:
    """Return the pk of the active account with this e-mail address, or 0."""
    user = User.objects.filter(email__iexact=email, is_active=True).only("pk").first()
    return user.pk if user else 0


def queue_account_mail(event: str, user: int, address: int | None = None) -> None:
    """Queue the mail `event` to the account with the pk `user`, or to its EmailAddress with the pk `address`.

    A mail to the pk 0 is cancelled: pages that must not reveal whether an account exists queue one in both cases.
    """
    context = {"user": user} if address is None else {"user": user, "address": address}
    queue_mail(f"accounts.{event}", **context)


def lock_email(email: str) -> None:
    """Let only this transaction create an account with this e-mail address, or change one to it."""
    lock_value("account", email.lower())


@transaction.atomic
def confirm_address(user: User) -> None:
    """Mark the e-mail address of an account as verified, and delete its other addresses."""
    lock_email(user.email)
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
