"""Queue mails in the outbox, the only way to send one: no request waits for the mail server."""

from uuid import uuid4

from django.db import transaction
from django_q.tasks import async_task

from jobboard.mail.kinds import get_kind
from jobboard.mail.models import OutboxMessage

SEND_TASK = "jobboard.mail.tasks.send_outbox"


def outbox_message(kind: str, key: object = None, *, recipient: str = "", **context) -> OutboxMessage:
    """Return an unsaved message of `kind`, for `queue_mails`.

    `key` identifies the occurrence within the kind; without it each message is unique. `context` contains primary keys
    and small values without personal data. Raise LookupError for an unregistered kind.
    """
    get_kind(kind)
    key = uuid4().hex if key is None else key
    return OutboxMessage(kind=kind, key=f"{kind}:{key}", recipient=recipient, context=context)


def queue_mail(kind: str, key: object = None, *, recipient: str = "", **context) -> None:
    """Queue one mail, with the arguments of `outbox_message`. Call it in the transaction of the change."""
    queue_mails([outbox_message(kind, key, recipient=recipient, **context)])


def queue_mails(messages: list[OutboxMessage]) -> None:
    """Queue mails with two statements. Idempotent: a message with an existing kind and key is ignored.

    The task that sends them is queued in the same transaction.
    """
    if messages:
        with transaction.atomic(savepoint=False):
            OutboxMessage.objects.bulk_create(messages, ignore_conflicts=True, batch_size=1_000)
            queue_sending()


def queue_sending() -> None:
    """Queue the task that sends the due mails after the current transaction is committed.

    The task has no arguments: administrators of the queue need not know the recipients.
    """
    async_task(SEND_TASK, task_name="mail")
