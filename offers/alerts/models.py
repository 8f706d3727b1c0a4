from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from jobboard.text.columns import EmailColumn
from offers import visibility
from offers.models.offer import Offer

# Mails are sent in the morning, weekly ones on Mondays, so that alerts with the same search share its results.
HOUR = time(7)
MONDAY = 0


class AlertQuerySet(models.QuerySet):
    def active(self):
        """Return the alerts that are not unsubscribed, confirmed or not."""
        return self.filter(unsubscribed_at=None)

    def of(self, email: str):
        """Return the alerts of an e-mail address, ignoring case."""
        return self.filter(email__iexact=email)

    def due(self, at=None):
        """Return the alerts due at `at` (default: now) and not claimed by a run."""
        at = at or timezone.now()
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lte=at), due_at__lte=at)

    def expired(self, at=None):
        """Return the alerts that are unconfirmed or unsubscribed for more than ALERT_UNCONFIRMED_DAYS."""
        limit = (at or timezone.now()) - timedelta(days=settings.ALERT_UNCONFIRMED_DAYS)
        return self.filter(Q(confirmed_at=None, created_at__lt=limit) | Q(unsubscribed_at__lt=limit))

    def claim(self, limit: int, at=None) -> "tuple[UUID, list[Alert]]":
        """Claim up to `limit` due alerts, and return the claim and the alerts ordered by search.

        A claim expires after Alert.CLAIM, so a killed process only delays its alerts. One UPDATE checks and claims the
        rows, so that concurrent runs never claim the same alert.
        """
        at, claim = at or timezone.now(), uuid4()
        candidates = list(self.due(at).order_by("due_at", "query", "pk").values_list("pk", flat=True)[:limit])
        self.due(at).filter(pk__in=candidates).update(claim=claim, claimed_until=at + Alert.CLAIM)
        return claim, list(self.filter(claim=claim).order_by("query", "pk")) if candidates else []

    def held(self, claim: UUID):
        """Return the alerts that still have this claim."""
        return self.filter(claim=claim)

    def release(self, claim: UUID) -> None:
        self.held(claim).update(claim=None, claimed_until=None)


class Alert(models.Model):
    """A saved search whose new offers are sent by e-mail. Personal data: the e-mail address and the search.

    `query` is a canonical query string (offers.alerts.saved). `covered_until` is the watermark: offers published before
    it have been searched. It is saved in the transaction that queues the mail.
    """

    class Frequency(models.TextChoices):
        DAILY = "daily", "chaque jour"
        WEEKLY = "weekly", "chaque semaine"

    # Longer than the timeout of a task, so that no claim expires during its run.
    CLAIM = timedelta(minutes=5)
    # A search starts this long before `covered_until`, because offers may be committed or indexed late.
    OVERLAP = timedelta(hours=1)
    # A row of the unique index on e-mail and query must fit into a page of PostgreSQL.
    QUERY_LENGTH = 1_500

    email = EmailColumn("adresse e-mail")
    query = models.CharField("recherche", max_length=QUERY_LENGTH, blank=True)
    label = models.CharField("en mots", max_length=300)
    frequency = models.CharField("fréquence", max_length=10, choices=Frequency, default=Frequency.DAILY)
    created_at = models.DateTimeField("demandée le", default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField("confirmée le", null=True, editable=False)
    paused_at = models.DateTimeField("suspendue le", null=True, editable=False)
    unsubscribed_at = models.DateTimeField("arrêtée le", null=True, editable=False)

    follows_from = models.DateTimeField("suit les offres parues depuis", default=timezone.now, editable=False)
    covered_until = models.DateTimeField("à jour jusqu’au", default=timezone.now, editable=False)
    due_at = models.DateTimeField("prochain envoi", null=True, editable=False)
    last_sent_at = models.DateTimeField("dernier envoi", null=True, editable=False)
    # When the alert was suspended because its address refused all attempts of a mail.
    refused_at = models.DateTimeField("adresse en refus le", null=True, editable=False)
    claim = models.UUIDField("prise par", null=True, editable=False)
    claimed_until = models.DateTimeField("prise jusqu’à", null=True, editable=False)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = "alerte"
        verbose_name_plural = "alertes"
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["due_at", "query"], name="alert_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["claim"], name="alert_claim", condition=Q(claim__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "query",
                condition=Q(unsubscribed_at__isnull=True),
                name="alert_unique",
                violation_error_message="Cette adresse a déjà une alerte pour cette recherche.",
            ),
            models.CheckConstraint(
                name="alert_frequency_known",
                condition=Q(frequency__in=["daily", "weekly"]),
                violation_error_message="Cette fréquence n’existe pas.",
            ),
            models.CheckConstraint(
                name="alert_due_while_it_runs",
                condition=Q(
                    due_at__isnull=False,
                    confirmed_at__isnull=False,
                    paused_at__isnull=True,
                    unsubscribed_at__isnull=True,
                )
                | Q(Q(confirmed_at__isnull=True) | Q(paused_at__isnull=False) | Q(unsubscribed_at__isnull=False))
                & Q(due_at__isnull=True),
                violation_error_message="Une alerte confirmée, ni suspendue ni arrêtée, a un envoi prévu.",
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def since(self) -> datetime:
        """Return the datetime after which published offers may be new to this alert."""
        return max(self.covered_until - self.OVERLAP, self.follows_from)

    @property
    def is_running(self) -> bool:
        return self.due_at is not None

    # Transitions. Each is idempotent, and releases the claim of a concurrent run.

    def confirm(self, at=None) -> bool:
        """Activate the alert, for offers published since it was created. Return False if it was unsubscribed."""
        at = at or timezone.now()
        Alert.objects.active().filter(pk=self.pk, confirmed_at=None).update(
            confirmed_at=at, due_at=next_slot(self.frequency, at)
        )
        self.refresh_from_db()
        return self.unsubscribed_at is None

    def pause(self, at=None) -> None:
        self._while_confirmed(paused_at=None).update(
            paused_at=at or timezone.now(), due_at=None, claim=None, claimed_until=None
        )

    def suspend(self, at=None) -> None:
        """Pause the alert because its e-mail address refuses mails."""
        at = at or timezone.now()
        self.pause(at)
        Alert.objects.filter(pk=self.pk, paused_at=at).update(refused_at=at)

    def resume(self, at=None) -> None:
        """Resume from now: offers published during the pause are not sent."""
        at = at or timezone.now()
        self._while_confirmed(paused_at__isnull=False).update(
            paused_at=None,
            refused_at=None,
            follows_from=at,
            covered_until=at,
            due_at=models.Case(
                *(models.When(frequency=value, then=models.Value(next_slot(value, at))) for value in self.Frequency)
            ),
        )

    def unsubscribe(self, at=None) -> None:
        Alert.objects.active().filter(pk=self.pk).update(
            unsubscribed_at=at or timezone.now(), due_at=None, claim=None, claimed_until=None
        )

    def change_frequency(self, frequency: str, at=None) -> None:
        slot = next_slot(frequency, at or timezone.now())
        with transaction.atomic():
            alert = Alert.objects.active().filter(pk=self.pk)
            alert.filter(due_at__isnull=False).update(due_at=slot, claim=None, claimed_until=None)
            alert.update(frequency=frequency)

    def _while_confirmed(self, **state):
        return Alert.objects.active().filter(pk=self.pk, confirmed_at__isnull=False, **state)


def next_slot(frequency: str, after: datetime) -> datetime:
    """Return the next datetime at which mails of this frequency are sent, in the timezone of the site."""
    zone = timezone.get_default_timezone()
    day = after.astimezone(zone).date()
    while True:
        slot = datetime.combine(day, HOUR, tzinfo=zone)
        if slot > after and (frequency == Alert.Frequency.DAILY or day.weekday() == MONDAY):
            return slot
        day += timedelta(days=1)


class AlertDeliveryQuerySet(models.QuerySet):
    def expired(self, at=None):
        """Return the deliveries of offers closed or expired for OFFER_GONE_AFTER_DAYS, which are not sent again."""
        limit = (at or timezone.now()) - timedelta(days=settings.OFFER_GONE_AFTER_DAYS)
        return self.filter(offer__in=Offer.objects.filter(visibility.ended_condition(limit)))


class AlertDelivery(models.Model):
    """An offer that was queued in a mail of an alert, and is not sent again."""

    # Without an index: that of the constraint starts with this column.
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="deliveries", verbose_name="alerte", db_index=False)
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="+", verbose_name="offre")
    mailed_at = models.DateTimeField("envoyée le")

    objects = AlertDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "offre envoyée"
        verbose_name_plural = "offres envoyées"
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "offer"],
                name="alert_delivery_once",
                violation_error_message="Cette alerte a déjà envoyé cette offre.",
            )
        ]

    def __str__(self):
        return f"{self.alert_id}\u00a0: {self.offer_id}"
