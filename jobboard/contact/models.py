from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import salted_hmac

from jobboard.contact.enums import SALES_STATUSES, ContactSubject, LeadStatus
from jobboard.privacy.registry import format_period
from jobboard.text.columns import EmailColumn, LineColumn, PhoneColumn, ProseColumn

FROM_RECRUITER = Q(subject=ContactSubject.RECRUITER)


class LeadQuerySet(models.QuerySet):
    def past_retention(self, at=None):
        """Return the requests whose retention period is over."""
        return self._with_since().filter(_past_retention_condition(at))

    def count_open(self, at=None) -> dict[str, int]:
        """Return the counts of new requests of recruiters and of others, and of those past retention, in one query."""
        new = Q(status=LeadStatus.NEW)
        return (
            self._with_since()
            .order_by()
            .aggregate(
                recruiters=Count("pk", filter=new & FROM_RECRUITER),
                others=Count("pk", filter=new & ~FROM_RECRUITER),
                past_retention=Count("pk", filter=_past_retention_condition(at)),
            )
        )

    def _with_since(self):
        return self.alias(since=Coalesce("last_contact_at", "created_at"))


def _past_retention_condition(at) -> Q:
    at = at or timezone.now()
    return FROM_RECRUITER & Q(since__lt=at - timedelta(days=settings.LEAD_RETENTION_DAYS)) | ~FROM_RECRUITER & Q(
        since__lt=at - timedelta(days=settings.CONTACT_RETENTION_DAYS)
    )


class Lead(models.Model):
    """A contact request: of a recruiter, which is a sales lead, or of anyone else, which is a message to answer.

    Personal data, stored until `retention_date`.
    """

    subject = models.CharField("sujet", max_length=20, choices=ContactSubject)
    name = LineColumn("nom", max_length=120)
    company = LineColumn("entreprise", max_length=120, blank=True)
    email = EmailColumn("adresse e-mail")
    phone = PhoneColumn("téléphone", blank=True)
    role = LineColumn("poste à pourvoir", max_length=120, blank=True)
    message = ProseColumn("message", max_length=5_000)
    page = LineColumn("page d’origine", max_length=200, blank=True)
    created_at = models.DateTimeField("reçue le", default=timezone.now, editable=False)
    # Idempotency key: a form submitted twice (double click, reload) creates one lead. NULL if created in the admin.
    submission = models.UUIDField("envoi", null=True, editable=False)

    status = models.CharField("état", max_length=10, choices=LeadStatus, default=LeadStatus.NEW)
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
        verbose_name = "demande de contact"
        verbose_name_plural = "demandes de contact"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at"], name="lead_newest"),
            models.Index(fields=["status", "-created_at"], name="lead_status_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                name="lead_status_known",
                condition=Q(status__in=LeadStatus.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="lead_subject_known",
                condition=Q(subject__in=ContactSubject.values),
                violation_error_message="Ce sujet n’existe pas.",
            ),
            models.CheckConstraint(
                name="lead_company_of_recruiter",
                condition=~FROM_RECRUITER | ~Q(company=""),
                violation_error_message="Une demande de recruteur nomme son entreprise.",
            ),
            models.CheckConstraint(
                name="lead_sales_status_of_recruiter",
                condition=FROM_RECRUITER | ~Q(status__in=SALES_STATUSES),
                violation_error_message="Cet état est réservé aux demandes de recruteurs.",
            ),
            models.UniqueConstraint(
                fields=["submission"],
                name="lead_submission_unique",
                violation_error_message="Cette demande a déjà été reçue.",
            ),
        ]

    def __str__(self):
        return f"{self.name}, {self.company}" if self.company else self.name

    def clean(self):
        """Report at the fields what the constraints would report for the whole form."""
        errors = {}
        if self.is_from_recruiter and not self.company:
            errors["company"] = "Indiquez l’entreprise qui recrute."
        if not self.is_from_recruiter and self.status in SALES_STATUSES:
            errors["status"] = (
                "Cet état est réservé aux demandes de recruteurs\u00a0: choisissez «\u00a0traitée\u00a0»."
            )
        if errors:
            raise ValidationError(errors)

    def validate_constraints(self, exclude=None):
        """Leave the constraints to the database: the choices and `clean` check the same, without a query for each."""

    @property
    def is_from_recruiter(self) -> bool:
        return self.subject == ContactSubject.RECRUITER

    @property
    def retention_date(self):
        """Return the first day on which the request must be deleted."""
        days = settings.LEAD_RETENTION_DAYS if self.is_from_recruiter else settings.CONTACT_RETENTION_DAYS
        return timezone.localdate((self.last_contact_at or self.created_at) + timedelta(days=days))


def retention_periods() -> str:
    """Return the retention periods after the last contact as a French phrase, which follows “gardées”."""
    recruiters, others = format_period(settings.LEAD_RETENTION_DAYS), format_period(settings.CONTACT_RETENTION_DAYS)
    if recruiters == others:
        return f"{recruiters} après le dernier contact"
    return f"{recruiters} après le dernier contact pour un recrutement, {others} pour les autres sujets"


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
