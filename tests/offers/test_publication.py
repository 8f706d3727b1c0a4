"""The visibility of offers by status and dates, and the bounds of pay, in tables that repeat the rules."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from offers import visibility
from offers.enums import Contract, OfferStatus
from offers.models import Offer
from offers.models.offer import PAY_BOUNDS
from tests.factories import make_company, make_offer, make_place
from tests.offers.lifecycle import CLOSED, make_offer_in

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SECOND = timedelta(seconds=1)
ONCE_PUBLIC = {"published", "filled", "expired", "withdrawn", "removed"}


@pytest.fixture
def place():
    return make_place()


def make_dated_offer(status, published, expires, **fields):
    """Return an offer in `status`; the dates are relative to NOW."""
    closed = {"closed_at": NOW} if status in CLOSED else {}
    return make_offer_in(status, published_at=NOW + published, expires_at=NOW + expires, **closed, **fields)


DATES = [
    # published_at, expires_at, whether the dates include NOW, whether the publication has begun
    (-timedelta(days=1), timedelta(days=1), True, True),
    (-SECOND, SECOND, True, True),
    (timedelta(0), SECOND, True, True),
    (SECOND, timedelta(days=1), False, False),
    (-timedelta(days=1), SECOND, True, True),
    (-timedelta(days=1), timedelta(0), False, True),
    (-timedelta(days=1), -SECOND, False, True),
]


@pytest.mark.parametrize("status", OfferStatus.values)
def test_visibility_by_status_and_dates(place, status):
    company = make_company()
    for published, expires, is_open, has_begun in DATES:
        offer = make_dated_offer(status, published, expires, place=place, company=company)
        offers = Offer.objects.filter(pk=offer.pk)
        case = (published, expires)
        visible, seen = status == "published" and is_open, status in ONCE_PUBLIC and has_begun
        assert offer.is_published(NOW) is visibility.is_published(offer, NOW) is visible, case
        assert offers.published(NOW).exists() is visible, case
        assert offer.was_published(NOW) is seen, case
        assert offers.once_published(NOW).exists() is seen, case
        assert type(company).objects.public(NOW).exists() is seen, case
        counted = type(company).objects.filter(visibility.published_condition(NOW, "offers__"))
        assert counted.exists() is visible, case
        assert offers.due_to_expire(NOW).exists() is (status == "published" and expires <= timedelta(0)), case
        offer.delete()


def test_offer_without_dates_is_not_public(place):
    for status in ("draft", "submitted", "returned", "withdrawn", "removed"):
        offer = make_offer_in(status, place=place, published_at=None, expires_at=None)
        assert not offer.is_published()
        assert not offer.was_published()
        assert not Offer.objects.once_published().filter(pk=offer.pk).exists()


def test_company_counts_published_offers_and_is_public(place):
    company, other = make_company(), make_company()
    for status in OfferStatus.values:
        make_dated_offer(status, -timedelta(days=1), timedelta(days=1), place=place, company=company)
    make_dated_offer("published", -timedelta(days=1), timedelta(days=1), place=place, company=company)
    make_dated_offer("published", -timedelta(days=1), -SECOND, place=place, company=company)
    counts = type(company).objects.annotate(live=visibility.published_offer_count("company"))
    assert dict(counts.values_list("pk", "live")) == {company.pk: 2, other.pk: 0}
    assert set(type(company).objects.public()) == {company}
    secret = make_company()
    make_offer(company=secret, confidential=True, place=place)
    assert set(type(company).objects.public()) == {company}
    # A badge alone would show that a company with confidential offers only is a customer.
    secret.verify(None)
    assert set(type(company).objects.public()) == {company}


@pytest.mark.parametrize("status", OfferStatus.values)
def test_closed_offer_is_gone_after_the_configured_days(place, settings, status):
    settings.OFFER_GONE_AFTER_DAYS = 30
    offer = make_dated_offer(status, -timedelta(days=90), -timedelta(days=60), place=place)
    gone = {}
    if offer.closed_at:
        Offer.objects.filter(pk=offer.pk).update(closed_at=NOW - timedelta(days=60))
        offer.refresh_from_db()
    for offset in (-SECOND, timedelta(0), SECOND):
        gone[offset] = offer.is_gone(NOW - timedelta(days=30) + offset)
    if status in {"draft", "submitted", "returned"}:
        assert list(gone.values()) == [False] * 3
    elif status == "removed":
        assert list(gone.values()) == [True] * 3
    else:
        assert list(gone.values()) == [False, True, True]


# Pay

BOUNDS = {
    Contract.CDI: (5_000, 500_000),
    Contract.CDD: (5_000, 500_000),
    Contract.TEMP: (5_000, 500_000),
    Contract.INTERNSHIP: (5_000, 500_000),
    Contract.APPRENTICESHIP: (5_000, 500_000),
    Contract.FREELANCE: (80, 3_000),
}


@pytest.mark.parametrize("contract", Contract.values)
def test_pay_outside_the_bounds_of_the_contract_is_refused(place, contract):
    low, high = BOUNDS[contract]
    offer = make_offer(place=place, contract=contract)
    cases = {
        (low, high): set(),
        (low, low): set(),
        (high, high): set(),
        (None, None): set(),
        (low - 1, high): {"pay_min"},
        (low, high + 1): {"pay_max"},
        (low - 1, low - 1): {"pay_min", "pay_max"},
        (high + 1, high + 1): {"pay_min", "pay_max"},
    }
    for (offer.pay_min, offer.pay_max), invalid_fields in cases.items():
        errors = set()
        try:
            offer.clean()
        except ValidationError as error:
            errors = set(error.error_dict)
        assert errors == invalid_fields, (offer.pay_min, offer.pay_max)
    assert PAY_BOUNDS == {"year": (5_000, 500_000), "day": (80, 3_000)}
    assert offer.pay_period == ("day" if contract == Contract.FREELANCE else "year")


def test_pay_quartiles_are_computed_from_yearly_midpoints(place):
    for low, high in [(30_000, 40_000), (40_000, 50_000), (50_000, 60_000), (60_000, 70_000), (35_000, 35_001)]:
        make_offer(place=place, pay_min=low, pay_max=high)
    make_offer(place=place)
    make_offer(place=place, contract=Contract.FREELANCE, pay_min=500, pay_max=600)
    quartiles = Offer.objects.pay_quartiles()
    # Midpoints 35,000, 35,000.5, 45,000, 55,000 and 65,000.
    assert (quartiles.count, quartiles.low, quartiles.median, quartiles.high) == (5, 35_000, 45_000, 55_000)
    assert Offer.objects.none().pay_quartiles() is None
    one = Offer.objects.filter(pay_min=60_000).pay_quartiles()
    assert (one.count, one.low, one.median, one.high) == (1, 65_000, 65_000, 65_000)
    two = Offer.objects.filter(pay_min__gte=50_000).pay_quartiles()
    assert (two.count, two.low, two.median, two.high) == (2, 57_500, 60_000, 62_500)
