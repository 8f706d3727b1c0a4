"""The mails about alerts: plain text. Nothing that a stranger typed goes to an address that nobody has confirmed."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from jobboard.text.lines import in_one_line
from offers.alerts import links, saved
from offers.alerts.models import Alert
from offers.models import Offer

# Offers that one mail lists.
LISTED = 20


def confirmation(alert: Alert) -> EmailMessage:
    context = {
        "search": saved.label(saved.replay(alert.query), own_words=False),
        "confirm_url": links.absolute_url(links.CONFIRM, alert),
        "days": links.lifetime(links.CONFIRM).days,
    }
    return _mail("confirm", alert, context)


def management(alert: Alert) -> EmailMessage:
    context = {"manage_url": links.absolute_url(links.MANAGE, alert), "days": links.lifetime(links.MANAGE).days}
    return _mail("manage", alert, context)


@dataclass(frozen=True)
class Found:
    """What is the same in the mails of all alerts for one search: nothing in it is of one person."""

    subject: str
    text: str


def found(alert: Alert, offers: list[Offer], more: bool) -> Found:
    """The `offers` that are new to an alert, the newest first; whether there are `more` than were looked at."""
    context = {
        "alert": alert,
        "offers": offers[:LISTED],
        "count": len(offers),
        "others": max(len(offers) - LISTED, 0),
        "more": more,
        "list_url": settings.SITE_URL + reverse("catalogue:list") + (f"?{alert.query}" if alert.query else ""),
        "site_url": settings.SITE_URL,
    }
    return Found(
        subject=in_one_line(render_to_string("alerts/mail/new_offers_subject.txt", context)),
        text=render_to_string("alerts/mail/new_offers_found.txt", context),
    )


def new_offers(alert: Alert, found: Found) -> EmailMessage:
    stop_url = links.absolute_url(links.STOP, alert)
    context = {
        "found": found.text,
        "manage_url": links.absolute_url(links.MANAGE, alert),
        "stop_url": stop_url,
    }
    mail = _mail("new_offers", alert, context, found.subject)
    mail.extra_headers |= {
        # The same at every try: where one was taken and the process died before it could note so.
        "Message-ID": f"<alert-{alert.pk}-{int(alert.covered_until.timestamp())}@{_host()}>",
        "List-Unsubscribe": f"<{stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<alertes.{_host()}>",
    }
    return mail


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname


def _mail(event: str, alert: Alert, context: dict, subject: str = "") -> EmailMessage:
    context = {**context, "alert": alert, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    return EmailMessage(
        subject=subject or in_one_line(render_to_string(f"alerts/mail/{event}_subject.txt", context)),
        body=render_to_string(f"alerts/mail/{event}_body.txt", context),
        to=[alert.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
