"""Which notice is due on which day of an offer, by its last confirmation and its end: a table written out here."""

from datetime import timedelta

import pytest
from django.utils import timezone

from offers.enums import OfferStatus
from offers.models import OfferEvent
from offers.posting import freshness
from offers.posting.models import Notice, Reminder
from tests.factories import make_company, make_member, make_offer, make_place, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def periods(settings):
    settings.CONFIRM_AFTER_DAYS = 21


@pytest.fixture
def company():
    company = make_company()
    make_member(company)
    return company


def due(offer, at=NOW) -> str:
    return " ".join(kind for kind in Notice.Kind if freshness.due(kind, at).filter(pk=offer.pk).exists())


def test_the_days_of_an_offer_that_nobody_confirms(company):
    """Published for 60 days: asked from the 21st on, told in the last week and on the last day."""
    start = NOW
    offer = make_offer(company=company, published_at=start, expires_at=start + timedelta(days=60))
    days = {day: due(offer, start + timedelta(days=day)) for day in range(61)}
    expected = (
        dict.fromkeys(range(21), "")
        | dict.fromkeys(range(21, 53), "confirm")
        | dict.fromkeys(range(53, 59), "week")
        | {59: "day", 60: ""}
    )
    assert days == expected


EDGES = [
    # Since the last word, until the end, what is due.
    (timedelta(days=21) - SECOND, timedelta(days=30), ""),
    (timedelta(days=21), timedelta(days=30), "confirm"),
    (timedelta(days=21) + SECOND, timedelta(days=30), "confirm"),
    (timedelta(days=21), timedelta(days=7) + SECOND, "confirm"),
    (timedelta(days=21), timedelta(days=7), "week"),
    (timedelta(days=1), timedelta(days=7) + SECOND, ""),
    (timedelta(days=1), timedelta(days=7), "week"),
    (timedelta(days=1), timedelta(days=6), "week"),
    (timedelta(days=1), timedelta(days=1) + SECOND, "week"),
    (timedelta(days=1), timedelta(days=1), "day"),
    (timedelta(days=40), timedelta(days=1), "day"),
    (timedelta(days=1), SECOND, "day"),
    (timedelta(days=1), timedelta(0), ""),
    (timedelta(days=1), -SECOND, ""),
]


@pytest.mark.parametrize(("since", "until", "kind"), EDGES)
def test_the_edges_by_the_second(company, since, until, kind):
    offer = make_offer(company=company, published_at=NOW - timedelta(days=50), expires_at=NOW + until)
    type(offer).objects.filter(pk=offer.pk).update(confirmed_at=NOW - since)
    assert due(offer) == kind


def test_without_a_confirmation_the_publication_counts(company):
    offer = make_offer(company=company, published_at=NOW - timedelta(days=21))
    assert due(offer) == "confirm"
    type(offer).objects.update(confirmed_at=NOW)
    assert due(offer) == ""


def test_every_status(company):
    for status in OfferStatus.values:
        closed = {"closed_at": NOW} if status in {"filled", "expired", "withdrawn", "removed"} else {}
        offer = make_offer(status=status, company=company, published_at=NOW - timedelta(days=22), **closed)
        assert due(offer) == ("confirm" if status == "published" else ""), status
    assert due(make_offer(confidential=True, company=None, published_at=NOW - timedelta(days=22))) == ""


def test_what_has_been_said_is_not_due_until_its_date_changes(company):
    place = make_place()
    for kind, days, until in (("confirm", 22, 30), ("week", 1, 6), ("day", 1, 0.5)):
        offer = make_offer(
            company=company, place=place, published_at=NOW - timedelta(days=22), expires_at=NOW + timedelta(days=until)
        )
        confirmed, other = NOW - timedelta(days=days), NOW - timedelta(days=days + 1)
        type(offer).objects.filter(pk=offer.pk).update(confirmed_at=confirmed)
        since = confirmed if kind == "confirm" else offer.expires_at
        run = "0" * 32
        # Another kind or another date is another notice.
        for others in {"confirm", "week", "day"} - {kind}:
            Notice.objects.create(offer=offer, kind=others, since=since, run=run)
        Notice.objects.create(offer=offer, kind=kind, since=other, run=run)
        Notice.objects.create(offer=make_offer(place=place), kind=kind, since=since, run=run)
        assert due(offer) == kind
        notice = Notice.objects.create(offer=offer, kind=kind, since=since, run=run)
        assert due(offer) == ""
        assert Notice.objects.get(pk=notice.pk).is_current
        type(offer).objects.filter(pk=offer.pk).update(
            **({"confirmed_at": NOW} if kind == "confirm" else {"expires_at": NOW + timedelta(days=40)})
        )
        assert not Notice.objects.get(pk=notice.pk).is_current


def test_who_hears_of_an_offer(company):
    """Who asked last, if they are still there and may sign in; every owner, and no recruiter, elsewhere."""
    owner = company.memberships.get().user
    second = make_member(company).user
    recruiter = make_member(company, role="recruiter").user
    inactive = make_member(company, make_user(is_active=False), role="owner").user
    stranger = make_member().user
    offer = make_offer(company=company, published_at=NOW - timedelta(days=22))

    def ask(by, age=0):
        at = NOW - timedelta(hours=age)
        acted = {"at": at, "requested_at": at, "requested_by": by, "by": by}
        OfferEvent.objects.create(
            offer=offer, verb="publish", before="draft", after="published", role="member", **acted
        )

    def recipients():
        return sorted(freshness._recipients({offer.pk})[offer.pk])

    owners = sorted([owner.pk, second.pk])
    assert recipients() == owners
    ask(stranger, age=5)
    assert recipients() == owners
    ask(recruiter, age=4)
    assert recipients() == [recruiter.pk]
    ask(inactive, age=3)
    assert recipients() == owners
    ask(second, age=2)
    assert recipients() == [second.pk]
    OfferEvent.objects.create(
        offer=offer, verb="fill", before="published", after="filled", role="member", at=NOW, by=owner
    )
    assert recipients() == [second.pk]
    freshness.send_reminders(NOW)
    assert [mail.user for mail in Reminder.objects.all()] == [second]
