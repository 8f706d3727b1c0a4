"""Somebody types an address: an alert waits for its confirmation, or its owner is sent the way to those there are.

Whatever is known of the address, the page says the same; only its owner, by mail, is told more.
"""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jobboard.contact.models import Sender, TooManyMessages
from jobboard.mail.outbox import queue_mail
from offers.alerts.models import Alert

# Alerts that one address may have.
MOST = 20


def ask(email: str, query: str, label: str, frequency: str, network: str) -> None:
    """Raises TooManyMessages, with nothing stored, when `network` has asked too often."""
    with transaction.atomic():
        _count(network)
        if not _may_be_written_to(email):
            return
        mine = Alert.objects.active().of(email)
        alert = mine.filter(query=query).first()
        if alert is None:
            if mine.count() >= MOST:
                _queue("manage", mine.order_by("-created_at").first())
                return
            now = timezone.now()
            new = Alert(email=email, query=query, label=label, frequency=frequency, created_at=now)
            new.follows_from = new.covered_until = now
            # Sent twice at once, it is one alert.
            Alert.objects.bulk_create([new], ignore_conflicts=True)
            alert = mine.filter(query=query).first()
        elif alert.confirmed_at is None:
            mine.filter(pk=alert.pk, confirmed_at=None).update(frequency=frequency, created_at=timezone.now())
        _queue("manage" if alert.confirmed_at else "confirm", alert)


def ask_for_list(email: str, network: str) -> None:
    """The same for who wants to see the alerts of an address."""
    with transaction.atomic():
        _count(network)
        alert = Alert.objects.active().of(email).order_by("-created_at").first()
        if alert and _may_be_written_to(email):
            _queue("manage", alert)


def _count(network: str) -> None:
    Sender.objects.take(network, purpose="alerts", limit=settings.ALERT_LIMIT_PER_HOUR)


def _may_be_written_to(email: str) -> bool:
    """Not more often than the limit says, whoever asks: no page may be used to fill somebody’s mailbox."""
    try:
        Sender.objects.take(email.lower(), purpose="alert-mails", limit=settings.ALERT_LIMIT_PER_HOUR)
    except TooManyMessages:
        return False
    return True


def _queue(event: str, alert: Alert) -> None:
    queue_mail(f"alerts.{event}", alert=alert.pk)
