"""A form becomes a report: counted against its sender, stored once, its mails on their way."""

import uuid

from django.conf import settings
from django.db import transaction

from jobboard.contact.models import Sender
from offers.moderation.mails import queue_report_mail
from offers.moderation.models import Report

_COPIED = ("reason", "explanation", "name", "email")


def receive(report: Report, submission: uuid.UUID, network: str) -> Report:
    """Store `report`, or return the one that the same submission made before.

    Raises TooManyMessages, with nothing stored, when `network` has used up its messages.
    """
    values = {name: getattr(report, name) for name in _COPIED}
    with transaction.atomic():
        report, created = Report.objects.get_or_create(
            submission=submission, defaults={"offer": report.offer, **values}
        )
        if created:
            Sender.objects.take(network, purpose="report", limit=settings.CONTACT_LIMIT_PER_HOUR)
            queue_report_mail("receipt", report)
            queue_report_mail("arrival", report)
    return report
