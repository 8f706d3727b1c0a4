"""The signed addresses in mails about alerts: whoever has one may do what it says, and nothing in it names a person.

None of them is kept: a number and a signature, with the time where they run out.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from offers.alerts.models import Alert

# What an address is for: the name of its page, and for how long it opens it.
CONFIRM, MANAGE, STOP = "confirm", "manage", "stop"
_LASTS = {MANAGE: timedelta(days=30), STOP: None}


def _signer(page: str) -> signing.TimestampSigner:
    # A sign that mail programs take for part of an address, unlike a colon at its end.
    return signing.TimestampSigner(salt=f"alerts.{page}", sep=".")


def link(page: str, alert: Alert) -> str:
    """The whole address, for a mail."""
    return settings.SITE_URL + path(page, alert)


def path(page: str, alert: Alert) -> str:
    return reverse(f"alerts:{page}", args=[_signer(page).sign(str(alert.pk))])


def lasts(page: str) -> timedelta | None:
    # An alert that is not confirmed is kept for so long and no longer.
    return timedelta(days=settings.ALERT_UNCONFIRMED_DAYS) if page == CONFIRM else _LASTS[page]


def opened(page: str, token: str) -> Alert | None:
    """The alert that `token` speaks for on this page; None for one that is forged, has run out or is of no use."""
    try:
        pk = int(_signer(page).unsign(token, max_age=lasts(page)))
    except (signing.BadSignature, ValueError):
        return None
    return Alert.objects.filter(pk=pk).first()
