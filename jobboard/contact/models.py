from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import salted_hmac

from jobboard.privacy.registry import format_period
from jobboard.text.columns import EmailColumn, LineColumn, PhoneColumn, ProseColumn


class LeadQuerySet(models.QuerySet):
    def new(self):
        return self.filter(status=Lead.Status.NEW)

    def past_retention(self, at=None):
        """Return the leads whose retention period is over."""
        limit = (at or timezone.now()) - timedelta(days=settings.LEAD_RETENTION_DAYS)
        return self.alias(since=Coalesce("last_contact_at", "created_at")).filter(since__lt=limit)


class Lead(models.Model):
    """A contact request of a recruiter. Personal data, stored until `retention_date`."""

    class Status(models.TextChoices):
        NEW = "new", "nouvelle"
        CONTACTED = "contacted", "contactée"
        QUALIFIED = "qualified", "qualifiée"
        WON = "won", "gagnée"
        LOST = "lost", "perdue"

    name = LineColumn("nom", max_length=120)
    company = LineColumn("entreprise", max_length=120)
    email = EmailColumn("adresse e-mail")
    phone = PhoneColumn("téléphone", blank=True)
    role = LineColumn("poste à pourvoir", max_length=120, blank=True)
    message = ProseColumn("message", max_length=5_000)
    page = LineColumn("page d’origine", max_length=200, blank=True)
    created_at = models.DateTimeField("reçue le", default=timezone.now, editable=False)
    # Idempotency key: a form submitted twice (double click, reload) creates one lead. NULL if created in the admin.
    submission = models.UUIDField("envoi", null=True, editable=False)

    status = models.CharField("état", max_length=10, choices=Status, default=Status.NEW)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="leads",
        verbose_name="suivi par",
        null=True,
        blank=True,
        limit_choices_to={"is_staff": True},
    )
    notes = models.TextField("notes", blank=True)
    last_contact_at = models.DateTimeField("dernier contact", null=True, blank=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de recruteur"
        verbose_name_plural = "demandes de recruteurs"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at"], name="lead_newest"),
            models.Index(fields=["status", "-created_at"], name="lead_status_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                name="lead_status_known",
                condition=Q(status__in=["new", "contacted", "qualified", "won", "lost"]),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.UniqueConstraint(
                fields=["submission"],
                name="lead_submission_unique",
                violation_error_message="Cette demande a déjà été reçue.",
            ),
        ]

    def __str__(self):
        return f"{self.name}, {self.company}"

    @property
    def retention_date(self):
        """Return the first day on which the lead must be deleted."""
        since = self.last_contact_at or self.created_at
        return timezone.localdate(since + timedelta(days=settings.LEAD_RETENTION_DAYS))


def retention_period() -> str:
    """Return the retention period after the last contact in French: “3 ans”, “400 jours”."""
    return format_period(settings.LEAD_RETENTION_DAYS)


class RateLimitExceeded(Exception):
    """The rate limit of a network or e-mail address is exceeded. `retry_after` is in seconds."""

    def __init__(self, retry_after: int):
        super().__init__(retry_after)
        self.retry_after = retry_after


class SenderQuerySet(models.QuerySet):
    def expired(self, at=None):
        return self.filter(expires_at__lte=at or timezone.now())

    def count_message(self, network: str, at=None, purpose: str = "sender", limit: int | None = None) -> None:
        """Count one message from `network`, or raise RateLimitExceeded. Each `purpose` has its own counter.

        Check and increment are one UPDATE, which makes them atomic between processes.
        """
        at = at or timezone.now()
        limit = settings.CONTACT_LIMIT_PER_HOUR if limit is None else limit
        key = salted_hmac(f"contact.{purpose}", network, algorithm="sha256").hexdigest()
        expires_at = at + Sender.WINDOW
        self.bulk_create([Sender(key=key, expires_at=expires_at)], ignore_conflicts=True)
        counter = self.filter(key=key)
        counted = counter.filter(Q(expires_at__lte=at) | Q(count__lt=limit)).update(
            count=Case(When(expires_at__lte=at, then=Value(1)), default=F("count") + 1),
            expires_at=Case(When(expires_at__lte=at, then=Value(expires_at)), default=F("expires_at")),
        )
        if not counted:
            end = counter.values_list("expires_at", flat=True).first() or at
            raise RateLimitExceeded(max(1, round((end - at).total_seconds())))


class Sender(models.Model):
    """The count of messages from a network within an hour of its first one.

    The network is stored as a keyed digest only, which is deleted after the hour.
    """

    WINDOW = timedelta(hours=1)

    key = models.CharField("empreinte", max_length=64)
    count = models.PositiveIntegerField("messages", default=0)
    expires_at = models.DateTimeField("jusqu’à", db_index=True)

    objects = SenderQuerySet.as_manager()

    class Meta:
        verbose_name = "expéditeur compté"
        verbose_name_plural = "expéditeurs comptés"
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="sender_key_unique", violation_error_message="Cet expéditeur est déjà compté."
            )
        ]

    def __str__(self):
        return f"{self.key[:8]}\u00a0: {self.count}"
