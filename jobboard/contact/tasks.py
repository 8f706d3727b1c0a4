"""What the task worker does for leads: their two mails, and the forgetting of who sent them.

A task can run twice or die half-way. A try is claimed before it starts and each mail is stamped when it has left, so
that a mail goes out again only where a process died between the server's "accepted" and the stamp; it then bears the
same Message-ID. Logs and the tables of the queue know a lead by its number only.
"""

import logging
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from jobboard.contact.models import Lead, Sender
from jobboard.mail import ServerAway, error_code, mail_server

logger = logging.getLogger(__name__)

# One sweep stops after so many seconds: the queue has other work, and a task is killed after Q_CLUSTER["timeout"].
SWEEP_SECONDS = 30


def send_lead_mails(pk: int) -> None:
    """Try to send what is due for one lead, right after it came in."""
    if lead := Lead.objects.mail_due().filter(pk=pk).first():
        deliver(lead)


def send_due_mails() -> None:
    """Try again what did not leave, the longest waiting first. Scheduled every minute."""
    end = time.monotonic() + SWEEP_SECONDS
    for lead in Lead.objects.mail_due().order_by("mail_due_at")[:100]:
        # A server that does not answer one mail answers none: the others keep their try.
        if not deliver(lead) or time.monotonic() > end:
            break


def forget_senders() -> None:
    """Delete the digests of addresses whose hour is over. Scheduled every ten minutes."""
    Sender.objects.expired().delete()


def deliver(lead: Lead) -> bool:
    """One try at the mails of a lead. False when the mail server cannot be reached."""
    if not lead.claim_mail():
        return True
    errors = []
    try:
        with mail_server() as connection:
            for event, stamp in (("notification", "notified_at"), ("acknowledgement", "acknowledged_at")):
                if getattr(lead, stamp) is not None:
                    continue
                try:
                    _mail(lead, event, connection).send()
                except Exception as error:  # whatever one mail has, it must not stop the other one
                    errors.append(error)
                else:
                    setattr(lead, stamp, timezone.now())
                    lead.save(update_fields=[stamp])
    except ServerAway as away:
        _record(lead, [away.__cause__])
        return False
    _record(lead, errors)
    return True


def _record(lead: Lead, errors: list[Exception]) -> None:
    lead.mail_error = " ".join(sorted({error_code(error) for error in errors}))[:80]
    if not errors:
        lead.mail_due_at = None
    lead.save(update_fields=["mail_error", "mail_due_at"])
    if errors:
        level = logging.WARNING if lead.mail_due_at else logging.ERROR
        logger.log(level, "lead %d: try %d at its mails failed: %s", lead.pk, lead.mail_attempts, lead.mail_error)


def _mail(lead: Lead, event: str, connection) -> EmailMessage:
    admin_url = reverse("admin:contact_lead_change", args=[lead.pk])
    context = {"lead": lead, "site_name": settings.SITE_NAME, "admin_url": settings.SITE_URL + admin_url}
    to_team = event == "notification"
    return EmailMessage(
        subject=render_to_string(f"contact/mail/{event}_subject.txt", context).strip(),
        body=render_to_string(f"contact/mail/{event}_body.txt", context),
        to=settings.TEAM_EMAILS if to_team else [lead.email],
        reply_to=[lead.email] if to_team else settings.TEAM_EMAILS[:1],
        headers={
            "Message-ID": f"<lead-{lead.pk}-{event}@{urlsplit(settings.SITE_URL).hostname}>",
            "Auto-Submitted": "auto-generated" if to_team else "auto-replied",
        },
        connection=connection,
    )
