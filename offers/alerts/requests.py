"""Create unconfirmed alerts, and mail links to existing ones.

The response does not reveal whether the e-mail address has alerts; only the mail depends on it.
"""

from django.db import transaction
from django.utils import timezone

from jobboard.contact.link_requests import LinkRequestLimit
from jobboard.mail.outbox import queue_mail
from offers.alerts.models import Alert

# Maximum count of alerts per e-mail address.
MAX_ALERTS = 20
LIMIT = LinkRequestLimit("alerts", "ALERT_LIMIT_PER_HOUR")


def request_alert(email: str, query: str, label: str, frequency: str, network: str) -> None:
    """Create an alert and mail its confirmation link; if it exists or there are too many, mail the link to the list.

    Raise RateLimitExceeded, with nothing stored, when `network` exceeds its rate limit.
    """
    with transaction.atomic():
        LIMIT.count_request(network)
        if not LIMIT.may_mail(email):
            return
        existing = Alert.objects.active().of(email)
        alert = existing.filter(query=query).first()
        if alert is None:
            if existing.count() >= MAX_ALERTS:
                _queue_mail("manage", existing.order_by("-created_at").first())
                return
            now = timezone.now()
            new = Alert(email=email, query=query, label=label, frequency=frequency, created_at=now)
            new.follows_from = new.covered_until = now
            # Concurrent requests with the same search create one alert.
            Alert.objects.bulk_create([new], ignore_conflicts=True)
            alert = existing.filter(query=query).first()
        elif alert.confirmed_at is None:
            existing.filter(pk=alert.pk, confirmed_at=None).update(frequency=frequency, created_at=timezone.now())
        _queue_mail("manage" if alert.confirmed_at else "confirm", alert)


def request_list(email: str, network: str) -> None:
    """Mail the link to the list of alerts, if there are any. Raise RateLimitExceeded like `request_alert`."""
    with transaction.atomic():
        LIMIT.count_request(network)
        alert = Alert.objects.active().of(email).order_by("-created_at").first()
        if alert and LIMIT.may_mail(email):
            _queue_mail("manage", alert)


def _queue_mail(event: str, alert: Alert) -> None:
    queue_mail(f"alerts.{event}", alert=alert.pk)
