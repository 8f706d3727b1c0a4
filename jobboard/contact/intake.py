"""Store a contact request once, within the rate limit of its sender, and queue its two mails."""

import uuid

from django.db import transaction
from django.utils import timezone

from jobboard.contact.models import Lead, Sender
from jobboard.mail.outbox import outbox_message, queue_mails

_COPIED = [field.name for field in Lead._meta.concrete_fields if field.name not in {"id", "submission"}]


def receive(lead: Lead, submission: uuid.UUID, network: str) -> Lead:
    """Store `lead`, or return the existing one of the same submission.

    Raise RateLimitExceeded, with nothing stored, when `network` exceeds its rate limit.
    """
    now = timezone.now()
    with transaction.atomic():
        lead.created_at = now
        values = {name: getattr(lead, name) for name in _COPIED}
        lead, created = Lead.objects.get_or_create(submission=submission, defaults=values)
        if created:
            Sender.objects.count_message(network, at=now)
            kinds = ("contact.notification", "contact.acknowledgement")
            queue_mails([outbox_message(kind, lead.pk, lead=lead.pk) for kind in kinds])
    return lead
