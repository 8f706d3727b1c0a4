"""A message becomes a lead: counted against its sender, stored once, its two mails on their way."""

import uuid

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from jobboard.contact.models import Lead, Sender

_COPIED = [field.name for field in Lead._meta.concrete_fields if field.name not in {"id", "submission"}]


def receive(lead: Lead, submission: uuid.UUID, network: str) -> Lead:
    """Store `lead`, or return the one that the same submission made before.

    The row of the task queue is written in the same transaction: either both are there or neither is. Raises
    TooManyMessages, with nothing stored, when `network` has used up its messages.
    """
    now = timezone.now()
    with transaction.atomic():
        lead.created_at = lead.mail_due_at = now
        values = {name: getattr(lead, name) for name in _COPIED}
        lead, created = Lead.objects.get_or_create(submission=submission, defaults=values)
        if created:
            Sender.objects.take(network, at=now)
            # Nothing but the number: the queue and its failures are read by people who need not know the lead.
            async_task("jobboard.contact.tasks.send_lead_mails", lead.pk, task_name=f"lead-{lead.pk}-mails")
    return lead
