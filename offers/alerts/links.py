"""Signed links in mails about alerts. Their tokens replace a login, and contain no personal data.

Tokens are not stored: they consist of the pk of the alert, a timestamp and a signature.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from offers.alerts.models import Alert

# The names of the pages, and the lifetimes of their links.
CONFIRM, MANAGE, STOP = "confirm", "manage", "stop"
_LIFETIMES = {MANAGE: timedelta(days=30), STOP: None}


def _signer(page: str) -> signing.TimestampSigner:
    # A dot, which mail programs recognize as part of a URL, unlike a colon.
    return signing.TimestampSigner(salt=f"alerts.{page}", sep=".")


def absolute_url(page: str, alert: Alert) -> str:
    """Return the absolute URL, for a mail."""
    return settings.SITE_URL + path(page, alert)


def path(page: str, alert: Alert) -> str:
    return reverse(f"alerts:{page}", args=[_signer(page).sign(str(alert.pk))])


def lifetime(page: str) -> timedelta | None:
    # Unconfirmed alerts are deleted after this time.
    return timedelta(days=settings.ALERT_UNCONFIRMED_DAYS) if page == CONFIRM else _LIFETIMES[page]


def alert_from_token(page: str, token: str) -> Alert | None:
    """Return the alert of a token for `page`; None if it is forged or expired, or the alert is deleted."""
    try:
        pk = int(_signer(page).unsign(token, max_age=lifetime(page)))
    except (signing.BadSignature, ValueError):
        return None
    return Alert.objects.filter(pk=pk).first()
