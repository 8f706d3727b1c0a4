"""Write mails to the outbox. The only way to send one: no page waits for a mail server."""

from uuid import uuid4

from django.db import transaction
from django_q.tasks import async_task

from jobboard.mail.kinds import get_kind
from jobboard.mail.models import OutboxMessage

SEND_TASK = "jobboard.mail.tasks.send_outbox"


def outbox_message(kind: str, key: object = None, *, recipient: str = "", **context) -> OutboxMessage:
    """Return an unsaved message of `kind`, for `queue_mails`.

    `key` names the occurrence; without one each message is an occurrence of its own. `context` holds primary keys and
    small values that are no personal data. Raises LookupError for a kind that is not registered.
    """
    get_kind(kind)
    key = uuid4().hex if key is None else key
    return OutboxMessage(kind=kind, key=f"{kind}:{key}", recipient=recipient, context=context)


def queue_mail(kind: str, key: object = None, *, recipient: str = "", **context) -> None:
    """Queue one mail: the arguments of `outbox_message`. Call it in the transaction of what the mail tells."""
    queue_mails([outbox_message(kind, key, recipient=recipient, **context)])


def queue_mails(messages: list[OutboxMessage]) -> None:
    """Queue mails in two statements. Idempotent: of two with one kind and key the first one stays.

    The row of the task queue is written in the same transaction, so either both exist or neither does.
    """
    if messages:
        with transaction.atomic(savepoint=False):
            OutboxMessage.objects.bulk_create(messages, ignore_conflicts=True, batch_size=1_000)
            wake_sender()


def wake_sender() -> None:
    """Have the task worker send what is due, once the current transaction is committed.

    The task has no arguments: the queue and its failures are read by people who need not know about whom a mail is.
    """
    async_task(SEND_TASK, task_name="mail")
