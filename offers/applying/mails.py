"""The mails about an application: written as rows in the transaction of what they tell, sent by the task worker.

A try is claimed before it starts and stamped when the mail has left, so that one goes out again only where a process
died between the server's "accepted" and the stamp; it then bears the same Message-ID. Logs and queue know numbers only.
"""

import logging
import time
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task

from jobboard.mail import ServerAway, error_code, mail_server
from offers.models import Application, ApplicationMail

logger = logging.getLogger(__name__)

Kind = ApplicationMail.Kind
# One sweep stops after so many seconds: the queue has other work, and a task is killed after Q_CLUSTER["timeout"].
SWEEP_SECONDS = 30
# Whoever keeps applying again is told once in so long.
AGAIN_AFTER = timedelta(days=1)


def queue_mail(application: Application, kind: Kind, text: str = "") -> None:
    """Have a mail sent. To be called in the transaction of what it tells; one that is already on its way stays."""
    now = timezone.now()
    mail, created = ApplicationMail.objects.get_or_create(
        application=application, kind=kind, defaults={"text": text, "due_at": now}
    )
    if not created:
        if mail.due_at or (kind == Kind.AGAIN and mail.sent_at and mail.sent_at > now - AGAIN_AFTER):
            return
        ApplicationMail.objects.filter(pk=mail.pk).update(text=text, due_at=now, attempts=0, sent_at=None, error="")
    async_task("offers.tasks.send_application_mail", mail.pk, task_name=f"application-mail-{mail.pk}")


def send(pk: int) -> None:
    """Try to send one mail, right after it was written."""
    if mail := _due().filter(pk=pk).first():
        _deliver([mail])


def send_due() -> None:
    """Try again what did not leave, the longest waiting first, over one connection."""
    _deliver(_due().order_by("due_at", "pk")[:200])


def _due():
    return ApplicationMail.objects.due().select_related("application__offer__company", "application__offer__place")


def _deliver(mails) -> None:
    end = time.monotonic() + SWEEP_SECONDS
    mails = list(mails)
    if not mails:
        return
    try:
        with mail_server() as connection:
            for mail in mails:
                if mail.claim():
                    _send(mail, connection)
                if time.monotonic() > end:
                    break
    except ServerAway as away:
        # A server that does not answer one mail answers none: the others keep their try.
        if mails[0].claim():
            _failed(mails[0], away.__cause__)


def _send(mail: ApplicationMail, connection) -> None:
    try:
        _message(mail, connection).send()
    except Exception as error:  # whatever one mail has, it must not stop the others
        _failed(mail, error)
        return
    now = timezone.now()
    ApplicationMail.objects.filter(pk=mail.pk).update(sent_at=now, due_at=None, error="")


def _failed(mail: ApplicationMail, error: BaseException) -> None:
    code = error_code(error)[:80]
    ApplicationMail.objects.filter(pk=mail.pk).update(error=code)
    level = logging.WARNING if mail.due_at else logging.ERROR
    logger.log(level, "application mail %d: try %d failed: %s", mail.pk, mail.attempts, code)


def _message(mail: ApplicationMail, connection) -> EmailMessage:
    application, offer = mail.application, mail.application.offer
    context = {
        "application": application,
        "offer": offer,
        "text": mail.text,
        "site_name": settings.SITE_NAME,
        "status_url": settings.SITE_URL + application.get_absolute_url(),
        "offer_url": settings.SITE_URL + offer.get_absolute_url(),
        "inbox_url": settings.SITE_URL + reverse("offers:inbox_application", args=[application.pk]),
    }
    to = _recruiters(offer) if mail.kind == Kind.ARRIVAL else [application.email]
    host = urlsplit(settings.SITE_URL).hostname
    return EmailMessage(
        subject=" ".join(render_to_string(f"offers/mail/application_{mail.kind}_subject.txt", context).split()),
        body=render_to_string(f"offers/mail/application_{mail.kind}_body.txt", context),
        to=to,
        headers={"Message-ID": f"<application-mail-{mail.pk}@{host}>", "Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def _recruiters(offer) -> list[str]:
    """Who hears of a new application: the people of the company, or the site’s own where it has none."""
    people = get_user_model().objects.filter(memberships__company=offer.company_id, is_active=True)
    return list(people.order_by("pk").values_list("email", flat=True)[:20]) or settings.TEAM_EMAILS
