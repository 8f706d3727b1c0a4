"""Alerts as rows: constraints, retention, claims, and the times at which mails are sent."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from offers.alerts.models import Alert, AlertDelivery, next_slot
from tests.factories import make_alert, make_offer

pytestmark = pytest.mark.django_db
PARIS_TIME = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("frequency", "after", "slot"),
    [
        ("daily", "2026-11-24 06:59", "2026-11-24 07:00"),
        ("daily", "2026-11-24 07:00", "2026-11-25 07:00"),
        ("weekly", "2026-11-24 06:00", "2026-11-30 07:00"),
        ("weekly", "2026-11-23 06:00", "2026-11-23 07:00"),
        # Daylight saving time starts or ends in between: it stays seven, local time.
        ("daily", "2026-10-24 08:00", "2026-10-25 07:00"),
        ("daily", "2027-03-27 08:00", "2027-03-28 07:00"),
    ],
)
def test_next_slot_is_at_seven_in_the_morning(frequency, after, slot):
    after, slot = (datetime.fromisoformat(text).replace(tzinfo=PARIS_TIME) for text in (after, slot))
    assert next_slot(frequency, after) == slot
    assert next_slot(frequency, after.astimezone(ZoneInfo("UTC"))) == slot


def test_constraints_refuse_inconsistent_rows():
    alert = make_alert(email="anne@example.org", query="contrat=cdi")
    now = timezone.now()
    for values in ({"due_at": None}, {"paused_at": now}, {"unsubscribed_at": now}, {"frequency": "hourly"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.filter(pk=alert.pk).update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_alert(email="ANNE@example.org", query="contrat=cdi")
    make_alert(email="anne@example.org", query="q=" + "é" * 700)
    offer = make_offer()
    AlertDelivery.objects.create(alert=alert, offer=offer, mailed_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        AlertDelivery.objects.create(alert=alert, offer=offer, mailed_at=now)


def test_expired_alerts_and_deliveries(settings):
    now = timezone.now()
    week = timedelta(days=7, minutes=1)
    unconfirmed = make_alert(confirmed_at=None, due_at=None, created_at=now - week)
    make_alert(confirmed_at=None, due_at=None)
    running = make_alert(created_at=now - timedelta(days=400))
    ended = make_alert(unsubscribed_at=now - week, due_at=None)
    assert set(Alert.objects.expired()) == {unconfirmed, ended}
    published, closed, expired = make_offer(), make_offer(), make_offer()
    closed.fill(at=now - timedelta(days=settings.OFFER_GONE_AFTER_DAYS + 1))
    type(expired).objects.filter(pk=expired.pk).update(
        published_at=now - timedelta(days=99), expires_at=now - timedelta(days=32)
    )
    for offer in (published, closed, expired):
        AlertDelivery.objects.create(alert=running, offer=offer, mailed_at=now)
    assert {row.offer for row in AlertDelivery.objects.expired()} == {closed, expired}


def test_claim_belongs_to_one_worker_and_expires():
    alert = make_alert()
    now = timezone.now()
    claim, alerts = Alert.objects.claim(10, now)
    assert alerts == [alert]
    assert Alert.objects.claim(10, now)[1] == []
    assert Alert.objects.claim(10, now + Alert.CLAIM)[1] == [alert]
    assert not Alert.objects.held(claim).exists()
