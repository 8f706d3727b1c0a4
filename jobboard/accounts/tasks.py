import smtplib

from allauth.account import app_settings
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from jobboard.accounts.models import LastMail, User


class MailNotSent(Exception):
    """Only the kind of error: its own text repeats addresses, and the queue keeps it for people to read."""


def send_mail(event: str, user: int, address: int | None = None) -> None:
    """Send the mail `event` to an account, or to one of its addresses; raise for the queue to try again later."""
    user = User.objects.filter(pk=user, is_active=True).first()
    if user is None:
        return
    to, context = user.email, {}
    if event == "password_reset":
        token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
        path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), token])
        context = {"link": settings.SITE_URL + path, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
    if address is not None:
        row = EmailAddress.objects.filter(pk=address, user=user, verified=False).first()
        if row is None:
            # Confirmed meanwhile, or no longer wanted.
            return
        path = reverse("account_confirm_email", args=[EmailConfirmationHMAC(row).key])
        context = {"link": settings.SITE_URL + path, "days": app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS}
        to = row.email
    _send(event, to, context)


def send_last_mail(pk: int) -> None:
    """Send a mail to an address that no account has any more, and forget the address."""
    if mail := LastMail.objects.filter(pk=pk).first():
        _send(mail.event, mail.email, {})
        mail.delete()


def forget() -> None:
    """Delete the limits that no longer count. Scheduled every ten minutes; what a person can see goes by the purge."""
    cache.delete_expired()


def _send(event: str, to: str, context: dict) -> None:
    context |= {
        "site_name": settings.SITE_NAME,
        "account_url": settings.SITE_URL + reverse("account_home"),
        "login_url": settings.SITE_URL + reverse("account_login"),
        "reset_url": settings.SITE_URL + reverse("account_reset_password"),
        "contact_url": settings.SITE_URL + reverse("contact:form"),
    }
    message = EmailMessage(
        subject=render_to_string(f"account/mail/{event}_subject.txt", context).strip(),
        body=render_to_string(f"account/mail/{event}_body.txt", context),
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotSent(f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()) from None
