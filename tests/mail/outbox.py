"""Changes to the outbox that stand for the passage of time."""

from django.utils import timezone

from jobboard.mail.models import OutboxMessage


def due_again() -> None:
    """Make the next attempt of all pending messages due now."""
    OutboxMessage.objects.pending().update(due_at=timezone.now())
