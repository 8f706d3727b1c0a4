"""The mails about an application: rows of `jobboard.mail`, sent by the task worker."""

import logging
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task

from jobboard.mail import SWEEP_ROWS, deliver
from jobboard.text.lines import in_one_line
from offers.applications.enums import ApplicationStatus, CvState
from offers.applications.models import Application, ApplicationMail

logger = logging.getLogger(__name__)

Kind = ApplicationMail.Kind
# Whoever keeps applying again is told once in so long.
AGAIN_AFTER = timedelta(days=1)


def queue_mail(application: Application, kind: Kind, text: str = "") -> None:
    """Have a mail sent. To be called in the transaction of what it tells; one that is already on its way stays."""
    now = timezone.now()
    mail, created = ApplicationMail.objects.get_or_create(
        application=application, kind=kind, defaults={"text": text, "due_at": now}
    )
    if not created:
        if mail.due_at:
            # It says what is true now.
            ApplicationMail.objects.filter(pk=mail.pk, due_at__isnull=False).update(text=text)
            return
        if kind == Kind.AGAIN and mail.sent_at and mail.sent_at > now - AGAIN_AFTER:
            return
        ApplicationMail.objects.filter(pk=mail.pk).update(text=text, due_at=now, attempts=0, sent_at=None, error="")
    async_task("offers.applications.tasks.send_application_mail", mail.pk, task_name=f"application-mail-{mail.pk}")


def send(pk: int) -> None:
    """Try to send one mail, right after it was written."""
    if mail := _due().filter(pk=pk).first():
        deliver([mail], _message)


def send_due() -> None:
    """Try again what did not leave, the longest waiting first, over one connection."""
    deliver(_due().order_by("due_at", "pk")[:SWEEP_ROWS], _message)


def _due():
    return ApplicationMail.objects.due().select_related("application__offer__company", "application__offer__place")


def _message(mail: ApplicationMail, connection) -> EmailMessage:
    application, offer = mail.application, mail.application.offer
    context = {
        "application": application,
        "offer": offer,
        "text": mail.text,
        "site_name": settings.SITE_NAME,
        "status_url": settings.SITE_URL + application.get_absolute_url(),
        "offer_url": settings.SITE_URL + offer.get_absolute_url(),
        "inbox_url": settings.SITE_URL + reverse("applications:inbox_application", args=[application.pk]),
    }
    to = _recruiters(offer) if mail.kind == Kind.ARRIVAL else [application.email]
    if _is_overtaken(mail):
        to = []
    host = urlsplit(settings.SITE_URL).hostname
    return EmailMessage(
        subject=in_one_line(render_to_string(f"applications/mail/application_{mail.kind}_subject.txt", context)),
        body=render_to_string(f"applications/mail/application_{mail.kind}_body.txt", context),
        to=to,
        headers={"Message-ID": f"<application-mail-{mail.pk}@{host}>", "Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def _is_overtaken(mail: ApplicationMail) -> bool:
    """Whether what the mail tells is no longer so: it had to wait, and somebody changed their mind meanwhile."""
    application = mail.application
    if mail.kind == Kind.DECLINE:
        return application.status != ApplicationStatus.DECLINED
    if mail.kind == Kind.CV_REFUSED:
        return not application.is_open or application.cv_state != CvState.REFUSED
    return False


def _recruiters(offer) -> list[str]:
    """Who hears of a new application: the people of the company, or the site’s own where it has none."""
    if offer.company_id is None:
        # Asked for those of no company, the database would name everybody who works for none.
        return settings.TEAM_EMAILS
    people = get_user_model().objects.filter(memberships__company=offer.company_id, is_active=True)
    return list(people.order_by("pk").values_list("email", flat=True)[:20]) or settings.TEAM_EMAILS
