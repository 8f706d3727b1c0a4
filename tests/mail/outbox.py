"""What tests do with the outbox in place of the task worker and of time."""

from django.utils import timezone

from jobboard.mail.models import OutboxMessage


def due_again() -> None:
    """Let the time of the next attempt have come."""
    OutboxMessage.objects.pending().update(due_at=timezone.now())
