import time

from jobboard.mail.delivery import OutboxSender, ServerUnavailable
from jobboard.mail.kinds import bulk_kinds
from jobboard.mail.models import OutboxMessage
from jobboard.mail.outbox import queue_sending

# Time limit of a run: the queue has other tasks, and a task is killed after Q_CLUSTER["timeout"].
SECONDS = 30
BATCH = 200


def send_outbox(seconds: float = SECONDS) -> None:
    """Send the due mails, longest waiting first, bulk mails last. Queued with each mail, and scheduled every minute."""
    with OutboxSender(time.monotonic() + seconds) as sender:
        try:
            while sender.has_time and (messages := _next_batch()):
                sender.send(messages)
        except ServerUnavailable:
            # Recorded in the message; the next run sends the others.
            return
    if not sender.has_time and OutboxMessage.objects.due().exists():
        queue_sending()


def _next_batch() -> list[OutboxMessage]:
    due, bulk = OutboxMessage.objects.due().order_by("due_at", "pk"), bulk_kinds()
    return list(due.exclude(kind__in=bulk)[:BATCH]) or list(due.filter(kind__in=bulk)[:BATCH])
