"""The notice that is due for an offer, by its last confirmation and its expiry, in tables that repeat the rules."""

from datetime import timedelta

import pytest
from django.utils import timezone

from offers.enums import OfferStatus
from offers.models import OfferEvent
from offers.posting import freshness
from offers.posting.models import Notice, Reminder
from tests.factories import make_company, make_member, make_offer, make_place, make_user
from tests.offers.lifecycle import make_offer_in

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
    """Return the kinds of notices that are due, separated by spaces."""
    return " ".join(kind for kind in Notice.Kind if freshness.due(kind, at).filter(pk=offer.pk).exists())


def test_notices_due_on_each_day_of_an_unconfirmed_offer(company):
    """Within 60 days, a confirmation is due from day 21, the announcements in the last week and on the last day."""
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


LIMITS = [
    # time since the confirmation, time until the expiry, kind that is due
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


@pytest.mark.parametrize(("since", "until", "kind"), LIMITS)
def test_notice_is_due_to_the_second(company, since, until, kind):
    offer = make_offer(company=company, published_at=NOW - timedelta(days=50), expires_at=NOW + until)
    type(offer).objects.filter(pk=offer.pk).update(confirmed_at=NOW - since)
    assert due(offer) == kind


def test_publication_date_counts_without_a_confirmation(company):
    offer = make_offer(company=company, published_at=NOW - timedelta(days=21))
    assert due(offer) == "confirm"
    type(offer).objects.update(confirmed_at=NOW)
    assert due(offer) == ""


def test_only_published_offers_with_a_company_have_notices(company):
    for status in OfferStatus.values:
        offer = make_offer_in(status, company=company, published_at=NOW - timedelta(days=22))
        assert due(offer) == ("confirm" if status == "published" else ""), status
    assert due(make_offer(confidential=True, company=None, published_at=NOW - timedelta(days=22))) == ""


def test_sent_notice_is_not_due_until_its_date_changes(company):
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


def test_recipients_are_the_last_requester_or_the_owners(company):
    """Notify the last requester if still an active member, else every owner, but no recruiter."""
    owner = company.memberships.get().user
    second = make_member(company).user
    recruiter = make_member(company, role="recruiter").user
    inactive = make_member(company, make_user(is_active=False), role="owner").user
    stranger = make_member().user
    offer = make_offer(company=company, published_at=NOW - timedelta(days=22))

    def request_publication(by, age=0):
        at = NOW - timedelta(hours=age)
        request = {"at": at, "requested_at": at, "requested_by": by, "by": by}
        OfferEvent.objects.create(
            offer=offer, verb="publish", before="draft", after="published", role="member", **request
        )

    def recipients():
        return sorted(freshness._recipients({offer.pk})[offer.pk])

    owners = sorted([owner.pk, second.pk])
    assert recipients() == owners
    request_publication(stranger, age=5)
    assert recipients() == owners
    request_publication(recruiter, age=4)
    assert recipients() == [recruiter.pk]
    request_publication(inactive, age=3)
    assert recipients() == owners
    request_publication(second, age=2)
    assert recipients() == [second.pk]
    OfferEvent.objects.create(
        offer=offer, verb="fill", before="published", after="filled", role="member", at=NOW, by=owner
    )
    assert recipients() == [second.pk]
    freshness.send_reminders(NOW)
    assert [reminder.user for reminder in Reminder.objects.all()] == [second]
