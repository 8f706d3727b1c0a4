"""The transitions of an alert from each state, and the states in which it is due and mailed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from offers.alerts import mails, sending
from offers.alerts.models import Alert, AlertDelivery, next_slot
from tests.factories import make_alert, make_offer

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=10)
STATES = {
    "unconfirmed": {"confirmed_at": None, "due_at": None},
    "running": {"due_at": NOW},
    "paused": {"paused_at": LONG_AGO, "due_at": None},
    "ended": {"unsubscribed_at": LONG_AGO, "due_at": None},
    "ended, unconfirmed": {"confirmed_at": None, "unsubscribed_at": LONG_AGO, "due_at": None},
    "ended, paused": {"paused_at": LONG_AGO, "unsubscribed_at": LONG_AGO, "due_at": None},
}
# The target state of each transition by its source state. From other states, a transition changes nothing.
TRANSITIONS = {
    "confirm": {"unconfirmed": "running"},
    "pause": {"running": "paused"},
    "resume": {"paused": "running"},
    "unsubscribe": {"unconfirmed": "ended, unconfirmed", "running": "ended", "paused": "ended, paused"},
}


def make_alert_in(state):
    return make_alert(**{"created_at": LONG_AGO, **STATES[state]})


def state_of(alert) -> str:
    alert = Alert.objects.get(pk=alert.pk)
    parts = [
        "ended" if alert.unsubscribed_at else "",
        "unconfirmed" if not alert.confirmed_at else "",
        "paused" if alert.paused_at else "",
    ]
    return ", ".join(part for part in parts if part) or "running"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("transition", TRANSITIONS)
def test_transition_from_each_state(transition, state):
    alert = make_alert_in(state)
    before = Alert.objects.filter(pk=alert.pk).values().get()
    getattr(alert, transition)(NOW)
    stored = Alert.objects.get(pk=alert.pk)
    expected = TRANSITIONS[transition].get(state, state)
    assert state_of(alert) == expected
    if expected == state:
        assert Alert.objects.filter(pk=alert.pk).values().get() == before
    elif expected == "running":
        assert stored.due_at == next_slot("daily", NOW)
        # A confirmed alert covers offers from its request, a resumed one from now.
        assert (stored.follows_from, stored.covered_until) == (
            (NOW, NOW) if transition == "resume" else (LONG_AGO, LONG_AGO)
        )
    else:
        assert (stored.due_at, stored.claim, stored.claimed_until) == (None, None, None)


@pytest.mark.parametrize("state", STATES)
def test_new_offers_are_mailed_to_running_alerts_only(state):
    alert, offer, closed = make_alert_in(state), make_offer(title="Dompteuse"), make_offer(title="Fermée")
    closed.fill()
    mail = mails.new_offers(alert.pk, [offer.pk, closed.pk], False)
    assert (mail is not None) == (state == "running")
    assert mails.new_offers(alert.pk, [closed.pk], False) is None
    if mail:
        assert mail.to == [alert.email]


@pytest.mark.parametrize("state", STATES)
def test_only_running_alerts_are_due(state):
    alert = make_alert_in(state)
    assert Alert.objects.due(NOW).exists() == (state == "running")
    assert not Alert.objects.due(NOW - timedelta(seconds=1)).exists()
    assert alert.is_running == (state == "running")
    if state == "running":
        claim, claimed = Alert.objects.claim(10, NOW)
        assert claimed == [alert]
        assert not Alert.objects.due(NOW + Alert.CLAIM - timedelta(seconds=1)).exists()
        assert Alert.objects.due(NOW + Alert.CLAIM).exists()
        Alert.objects.release(claim)
        assert Alert.objects.due(NOW).exists()


def test_offer_closed_after_indexing_is_neither_mailed_nor_recorded(search_index):
    make_alert()
    offer = make_offer()
    search_index.follow()
    offer.fill()
    assert sending.run() == sending.Run(alerts=1, searches=1)
    assert not AlertDelivery.objects.exists()


def test_since_is_the_watermark_less_the_overlap_but_not_before_the_request():
    at = timezone.now()
    alert = Alert(covered_until=at, follows_from=at - timedelta(days=1))
    assert alert.since == at - timedelta(hours=1)
    alert.follows_from = at - timedelta(minutes=10)
    assert alert.since == at - timedelta(minutes=10)
