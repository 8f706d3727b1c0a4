"""The mails about a report: rows of `jobboard.mail`, sent by the task worker."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django_q.tasks import async_task

from jobboard.mail import SWEEP_ROWS, deliver
from jobboard.text.lines import in_one_line
from offers.moderation.decisions import responsible_for
from offers.moderation.models import Report, ReportMail

Kind = ReportMail.Kind


def queue_mail(report: Report, kind: Kind) -> None:
    """Have a mail sent. To be called in the transaction of what it tells."""
    if kind in {Kind.RECEIPT, Kind.DECISION} and not report.email:
        return
    mail, created = ReportMail.objects.get_or_create(report=report, kind=kind)
    if created:
        async_task("offers.moderation.tasks.send_report_mail", mail.pk, task_name=f"report-mail-{mail.pk}")


def send(pk: int) -> None:
    """Try to send one mail, right after it was written."""
    deliver(_due().filter(pk=pk), _message)


def send_due() -> None:
    """Try again what did not leave, the longest waiting first, over one connection."""
    deliver(_due().order_by("due_at", "pk")[:SWEEP_ROWS], _message)


def _due():
    return ReportMail.objects.due().select_related("report__offer__company")


def _message(mail: ReportMail, connection) -> EmailMessage:
    report, offer = mail.report, mail.report.offer
    context = {
        "report": report,
        "offer": offer,
        "site_name": settings.SITE_NAME,
        "site_email": settings.SITE_IDENTITY["email"],
        "offer_url": settings.SITE_URL + offer.get_absolute_url(),
        "admin_url": settings.SITE_URL + reverse("admin:moderation_report_change", args=[report.pk]),
    }
    to = {Kind.ARRIVAL: settings.TEAM_EMAILS, Kind.CLEARED: responsible_for(offer)}.get(mail.kind, [report.email])
    host = urlsplit(settings.SITE_URL).hostname
    return EmailMessage(
        subject=in_one_line(render_to_string(f"moderation/mail/report_{mail.kind}_subject.txt", context)),
        body=render_to_string(f"moderation/mail/report_{mail.kind}_body.txt", context),
        to=to,
        reply_to=settings.TEAM_EMAILS[:1],
        headers={"Message-ID": f"<report-mail-{mail.pk}@{host}>", "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
