import time

from jobboard.mail.delivery import OutboxSender, ServerAway
from jobboard.mail.kinds import bulk_kinds
from jobboard.mail.models import OutboxMessage
from jobboard.mail.outbox import wake_sender

# The queue has other work, and a task is killed after Q_CLUSTER["timeout"].
SECONDS = 30
BATCH = 200


def send_outbox(seconds: float = SECONDS) -> None:
    """Send what is due, the longest waiting first, bulk mail last. Queued with each mail, scheduled every minute."""
    with OutboxSender(time.monotonic() + seconds) as sender:
        try:
            while sender.has_time and (messages := _next_batch()):
                sender.send(messages)
        except ServerAway:
            # Recorded with the message; the others are tried by the next run.
            return
    if not sender.has_time and OutboxMessage.objects.due().exists():
        wake_sender()


def _next_batch() -> list[OutboxMessage]:
    due, bulk = OutboxMessage.objects.due().order_by("due_at", "pk"), bulk_kinds()
    return list(due.exclude(kind__in=bulk)[:BATCH]) or list(due.filter(kind__in=bulk)[:BATCH])
