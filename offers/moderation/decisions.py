"""The mails that tell a company what the team decided of its offer. A task may run twice: what has left is stamped."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from jobboard.text.lines import in_one_line
from offers.companies.enums import MemberRole
from offers.models import OfferEvent

EVENTS = {
    "publish": "published",
    "return_": "returned",
    "remove": "removed",
    "accept": "accepted",
    "decline": "declined",
}


class MailNotSent(Exception):
    """Only the kind of error: its own text repeats addresses, and the queue keeps it for people to read."""


def send(pk: int) -> None:
    """Send what one event has to tell; nothing where it has left already."""
    unsent = OfferEvent.objects.filter(pk=pk, told_at=None, verb__in=EVENTS)
    event = unsent.select_related("offer__company", "asked_by").first()
    if event is None:
        return
    if to := responsible_for(event.offer, event):
        _send(event, to)
    unsent.update(told_at=timezone.now())


def responsible_for(offer, event=None) -> list[str]:
    """Return the e-mail address of the member who asked for the publication, else those of the owners."""
    company = offer.company
    if company is None:
        return []
    members = company.memberships.filter(user__is_active=True).order_by("pk")
    asking = event if event and event.asked_at else offer.events.asking().first()
    asked = members.filter(user=asking.asked_by) if asking and asking.asked_by else members.none()
    chosen = asked or members.filter(role=MemberRole.OWNER)
    return list(chosen.values_list("user__email", flat=True))


def _send(event, to):
    offer, mail = event.offer, EVENTS[event.verb]
    page = offer.get_absolute_url() if offer.was_published() and not offer.is_gone() else reverse("posting:dashboard")
    context = {"offer": offer, "event": event, "site_name": settings.SITE_NAME, "url": settings.SITE_URL + page}
    message = EmailMessage(
        subject=in_one_line(render_to_string(f"moderation/mail/offer_{mail}_subject.txt", context)),
        body=render_to_string(f"moderation/mail/offer_{mail}_body.txt", context),
        to=to,
        # These mails say how to contest a decision: by an answer.
        reply_to=settings.TEAM_EMAILS[:1],
        headers={
            "Message-ID": f"<offer-event-{event.pk}@{urlsplit(settings.SITE_URL).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotSent(f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()) from None
