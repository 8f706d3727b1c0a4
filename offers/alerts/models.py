from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from jobboard.text.lines import one_line
from offers import visibility
from offers.models.offer import Offer

# Mails leave in the morning, those of the week on Mondays: equal searches of many people are then made once.
HOUR = time(7)
MONDAY = 0


class AlertQuerySet(models.QuerySet):
    def active(self):
        """Those that nobody has ended, confirmed or not."""
        return self.filter(unsubscribed_at=None)

    def of(self, email: str):
        """Those of an address, however it is written."""
        return self.filter(email__iexact=email)

    def due(self, at=None):
        """Those whose turn has come and that nobody is working on."""
        at = at or timezone.now()
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lte=at), due_at__lte=at)

    def expired(self, at=None):
        """Those that may no longer be kept: never confirmed, or ended, for so long."""
        limit = (at or timezone.now()) - timedelta(days=settings.ALERT_UNCONFIRMED_DAYS)
        return self.filter(Q(confirmed_at=None, created_at__lt=limit) | Q(unsubscribed_at__lt=limit))

    def claim(self, most: int, at=None) -> "tuple[UUID, list[Alert]]":
        """Take up to `most` alerts that are due for whoever has the returned claim, those of one search together.

        A claim runs out by itself, so that a process which died delays its alerts and no more. Condition and mark are
        one UPDATE: of two who saw the same rows due, one gets each.
        """
        at, claim = at or timezone.now(), uuid4()
        seen = list(self.due(at).order_by("due_at", "query", "pk").values_list("pk", flat=True)[:most])
        self.due(at).filter(pk__in=seen).update(claim=claim, claimed_until=at + Alert.CLAIM)
        return claim, list(self.filter(claim=claim).order_by("query", "pk")) if seen else []

    def held(self, claim: UUID):
        """Those that this claim still holds."""
        return self.filter(claim=claim)

    def release(self, claim: UUID) -> None:
        self.held(claim).update(claim=None, claimed_until=None)


class Alert(models.Model):
    """A search whose new offers somebody receives by mail. Personal data: the address, and what it looks for.

    `query` is the search as offers.alerts.saved writes it. `covered_until` is the moment up to which new offers have
    been dealt with: that before the last search was made, noted together with the mail in the outbox.
    """

    class Frequency(models.TextChoices):
        DAILY = "daily", "chaque jour"
        WEEKLY = "weekly", "chaque semaine"

    # Longer than a task may run, so that no claim runs out under somebody who is still sending.
    CLAIM = timedelta(minutes=5)
    # How far back a search looks beyond `covered_until`, for what was committed or indexed late.
    OVERLAP = timedelta(hours=1)
    # Both sides of the unique index have to fit into a page of PostgreSQL’s.
    QUERY_LENGTH = 1_500

    email = models.EmailField("adresse e-mail", validators=[one_line])
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
    # Suspended by us: the address refused a mail at each attempt.
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
        """From when on an offer may be new to this alert."""
        return max(self.covered_until - self.OVERLAP, self.follows_from)

    @property
    def is_running(self) -> bool:
        return self.due_at is not None

    # Verbs. Each takes the alert out of the hands of whoever was about to send it; each can be repeated.

    def confirm(self, at=None) -> bool:
        """Start sending, what has come out since it was asked for included. False where it has been ended."""
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
        """Pause it because its address refuses mail."""
        at = at or timezone.now()
        self.pause(at)
        Alert.objects.filter(pk=self.pk, paused_at=at).update(refused_at=at)

    def resume(self, at=None) -> None:
        """Go on from now: what came out meanwhile stays unsent."""
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
            mine = Alert.objects.active().filter(pk=self.pk)
            mine.filter(due_at__isnull=False).update(due_at=slot, claim=None, claimed_until=None)
            mine.update(frequency=frequency)

    def _while_confirmed(self, **state):
        return Alert.objects.active().filter(pk=self.pk, confirmed_at__isnull=False, **state)


def next_slot(frequency: str, after: datetime) -> datetime:
    """The next morning that mails of this frequency leave, by the clocks of France."""
    zone = timezone.get_default_timezone()
    day = after.astimezone(zone).date()
    while True:
        slot = datetime.combine(day, HOUR, tzinfo=zone)
        if slot > after and (frequency == Alert.Frequency.DAILY or day.weekday() == MONDAY):
            return slot
        day += timedelta(days=1)


class AlertDeliveryQuerySet(models.QuerySet):
    def expired(self, at=None):
        """Those of offers that nobody can be sent again: closed or expired for so long that their page is gone."""
        limit = (at or timezone.now()) - timedelta(days=settings.OFFER_GONE_AFTER_DAYS)
        gone = Offer.objects.filter(Q(closed_at__lt=limit) | visibility.overdue_condition(limit))
        return self.filter(offer__in=gone)


class AlertDelivery(models.Model):
    """An offer that an alert has put into a mail, and does not mail again."""

    # The constraint has the index.
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
