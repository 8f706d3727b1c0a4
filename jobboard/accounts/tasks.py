import smtplib

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from jobboard.accounts.models import User


class MailNotSent(Exception):
    """Only the kind of error: its own text repeats addresses, and the queue keeps it for people to read."""


def send_mail(event: str, pk: int) -> None:
    """Send the mail `event` (password_reset, password_changed) to a person; raise for the queue to try again later."""
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None:
        return
    context = {
        "site_name": settings.SITE_NAME,
        "reset_url": settings.SITE_URL + reverse("account_reset_password"),
        "contact_url": settings.SITE_URL + reverse("contact:form"),
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }
    if event == "password_reset":
        token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
        path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), token])
        context["link"] = settings.SITE_URL + path
    message = EmailMessage(
        subject=render_to_string(f"account/mail/{event}_subject.txt", context).strip(),
        body=render_to_string(f"account/mail/{event}_body.txt", context),
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotSent(f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()) from None
