from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from jobboard.mail.kinds import get_kind
from jobboard.mail.retry import MAX_ATTEMPTS, retry_delay
from jobboard.text.dates import long_date
from jobboard.text.numbers import counted

# How long an address is stored that is in no other row.
RECIPIENT_RETENTION = timedelta(days=1)
# The error of an attempt without a result: its process is still running, or was killed.
INTERRUPTED = "Interrupted"


class OutboxQuerySet(models.QuerySet):
    def due(self, at=None):
        """Return the messages whose next attempt is due."""
        return self.filter(due_at__lte=at or timezone.now())

    def pending(self):
        return self.filter(due_at__isnull=False)

    def sent(self):
        return self.filter(sent_at__isnull=False)

    def given_up(self):
        """Return the messages that were not sent and have no attempt left."""
        return self.filter(due_at=None, sent_at=None).exclude(error="")

    def about(self, app: str, **context):
        """Return the messages of an app with these context values: `about("contact", lead=12)`."""
        return self.filter(kind__startswith=f"{app}.", **{f"context__{name}": value for name, value in context.items()})

    def expired(self, at=None):
        """Return the messages past OUTBOX_RETENTION_DAYS, and those with an address past RECIPIENT_RETENTION."""
        at = at or timezone.now()
        old = at - timedelta(days=settings.OUTBOX_RETENTION_DAYS)
        return self.filter(
            Q(due_at=None, created_at__lt=old) | (~Q(recipient="") & Q(created_at__lt=at - RECIPIENT_RETENTION))
        )


class OutboxMessage(models.Model):
    """A row of the transactional outbox: a mail that is pending, sent, cancelled or given up.

    It contains no text: subject, body and recipients are rendered from `context` when the mail is sent. `recipient` is
    set only if no other row contains the address, and is cleared when the mail has been sent.
    """

    kind = models.CharField("sorte", max_length=60)
    # Kind and occurrence. Unique, so that queueing the mail of an event is idempotent.
    key = models.CharField("clé", max_length=200)
    recipient = models.EmailField("destinataire", blank=True)
    # Keyword arguments of the renderer: primary keys and small values without personal data.
    context = models.JSONField("contexte", default=dict)
    created_at = models.DateTimeField("écrit le", default=timezone.now)
    due_at = models.DateTimeField("prochain envoi", null=True, default=timezone.now)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    sent_at = models.DateTimeField("envoyé le", null=True)
    error = models.CharField("dernière erreur", max_length=80, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = "e-mail"
        verbose_name_plural = "e-mails"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at"], name="outbox_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["kind", "-created_at"], name="outbox_kind_newest"),
            models.Index(fields=["created_at"], name="outbox_created"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="outbox_key_unique", violation_error_message="Cet e-mail est déjà prévu."
            ),
            models.CheckConstraint(
                name="outbox_sent_is_not_due",
                condition=Q(sent_at=None) | Q(due_at=None),
                violation_error_message="Un e-mail envoyé n’a plus de prochain envoi.",
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """Return the label of the kind, or its name if it is no longer registered."""
        try:
            return get_kind(self.kind).label
        except LookupError:
            return self.kind

    @property
    def is_given_up(self) -> bool:
        return self.due_at is None and self.sent_at is None and self.error != ""

    @property
    def state(self) -> str:
        """Return the state in French, with the last error."""
        if self.sent_at:
            return f"parti le {long_date(self.sent_at)}"
        if self.due_at:
            state = f"en attente, {counted(self.attempts, 'essai')}"
        else:
            state = f"jamais parti ({counted(self.attempts, 'essai')})" if self.is_given_up else "sans objet"
        return f"{state}, {self.error}" if self.error else state

    def claim(self, at=None) -> bool:
        """Claim the next attempt for this process. Return False if it is not due, or claimed by another process.

        The attempt is counted and the next one scheduled before the mail is sent, so a killed process only delays the
        mail, and no lock is held during the SMTP session.
        """
        at = at or timezone.now()
        attempts = self.attempts + 1
        due = at + retry_delay(attempts) if attempts < MAX_ATTEMPTS else None
        unclaimed = OutboxMessage.objects.due(at).filter(pk=self.pk, attempts=self.attempts)
        if not unclaimed.update(attempts=attempts, due_at=due, error=INTERRUPTED):
            return False
        self.attempts, self.due_at, self.error = attempts, due, INTERRUPTED
        return True

    def mark_sent(self, at=None) -> None:
        self._update(sent_at=at or timezone.now(), due_at=None, recipient="", error="")

    def mark_cancelled(self) -> None:
        """Record that the mail is no longer due, or has no recipient."""
        self._update(due_at=None, recipient="", error="")

    def mark_failed(self, error: str) -> None:
        self._update(error=error)

    def _update(self, **values) -> None:
        # Not save(), which would create a concurrently deleted row again.
        OutboxMessage.objects.filter(pk=self.pk).update(**values)
        for name, value in values.items():
            setattr(self, name, value)
