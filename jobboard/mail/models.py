from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from jobboard.mail.kinds import get_kind
from jobboard.mail.retry import MAX_ATTEMPTS, retry_delay

# How long a recipient that no other row holds may be kept.
RECIPIENT_RETENTION = timedelta(days=1)
# The error of an attempt that has not ended: the process that made it is at work, or was killed.
INTERRUPTED = "Interrupted"


class OutboxQuerySet(models.QuerySet):
    def due(self, at=None):
        """Messages whose next attempt has come."""
        return self.filter(due_at__lte=at or timezone.now())

    def pending(self):
        return self.filter(due_at__isnull=False)

    def sent(self):
        return self.filter(sent_at__isnull=False)

    def given_up(self):
        """Messages that were never sent and are no longer tried."""
        return self.filter(due_at=None, sent_at=None).exclude(error="")

    def about(self, app: str, **context):
        """Messages of one app whose context has these values: `about("contact", lead=12)`."""
        return self.filter(kind__startswith=f"{app}.", **{f"context__{name}": value for name, value in context.items()})

    def expired(self, at=None):
        """Messages that may no longer be kept."""
        at = at or timezone.now()
        old = at - timedelta(days=settings.OUTBOX_RETENTION_DAYS)
        return self.filter(
            Q(due_at=None, created_at__lt=old) | (~Q(recipient="") & Q(created_at__lt=at - RECIPIENT_RETENTION))
        )


class OutboxMessage(models.Model):
    """A mail that is to be sent, was sent, was cancelled, or was given up: the transactional outbox.

    It holds no text and, as a rule, no address: subject, body and recipients are rendered from `context` when the mail
    is sent. `recipient` is set only where no other row holds the address, and cleared once the mail has been sent.
    """

    kind = models.CharField("sorte", max_length=60)
    # Kind and occurrence: the same event queues one mail, however often it is told.
    key = models.CharField("clé", max_length=200)
    recipient = models.EmailField("destinataire", blank=True)
    # Primary keys and small values that are no personal data: the keyword arguments of the renderer.
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
        """The name of the kind; of one that is no longer registered, its code."""
        try:
            return get_kind(self.kind).label
        except LookupError:
            return self.kind

    @property
    def is_given_up(self) -> bool:
        return self.due_at is None and self.sent_at is None and self.error != ""

    @property
    def state(self) -> str:
        """The state in words, with the last error."""
        if self.sent_at:
            return f"parti le {date_format(timezone.localtime(self.sent_at), 'j F Y')}"
        if self.due_at:
            state = f"en attente, {self.attempts}\u00a0essai{'s' if self.attempts > 1 else ''}"
        else:
            state = f"jamais parti ({self.attempts}\u00a0essais)" if self.is_given_up else "sans objet"
        return f"{state}, {self.error}" if self.error else state

    def claim(self, at=None) -> bool:
        """Take the next attempt for this process alone; return False when it is not due or already taken.

        The attempt is counted and the next one scheduled before anything is sent: a process that dies meanwhile only
        delays the mail, and no lock is held while a mail server takes its time.
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
        self._settle(sent_at=at or timezone.now(), due_at=None, recipient="", error="")

    def mark_cancelled(self) -> None:
        """Record that there is nothing left to say, or no recipient."""
        self._settle(due_at=None, recipient="", error="")

    def mark_failed(self, error: str) -> None:
        self._settle(error=error)

    def _settle(self, **values) -> None:
        # An update, so that a row that was deleted meanwhile stays deleted.
        OutboxMessage.objects.filter(pk=self.pk).update(**values)
        for name, value in values.items():
            setattr(self, name, value)
