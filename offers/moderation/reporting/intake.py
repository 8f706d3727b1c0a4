"""Store a report once, within the rate limit of its sender, and queue its mails."""

import uuid

from django.conf import settings
from django.db import transaction

from jobboard.contact.models import Sender
from offers.moderation.mails import queue_report_mail
from offers.moderation.models import Report

_COPIED = ("reason", "explanation", "name", "email")


def receive_report(report: Report, submission: uuid.UUID, network: str) -> Report:
    """Store `report`, or return the existing one of the same submission.

    Raise RateLimitExceeded, with nothing stored, when `network` exceeds its rate limit.
    """
    values = {name: getattr(report, name) for name in _COPIED}
    with transaction.atomic():
        report, created = Report.objects.get_or_create(
            submission=submission, defaults={"offer": report.offer, **values}
        )
        if created:
            Sender.objects.count_message(network, purpose="report", limit=settings.CONTACT_LIMIT_PER_HOUR)
            queue_report_mail("receipt", report)
            queue_report_mail("arrival", report)
    return report
