"""Pay quartiles of the published offers of a role."""

import random
import statistics

import pytest

from offers.enums import Contract
from offers.models import Offer
from tests.factories import make_offer, make_role


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 8])
def test_quartiles_match_the_inclusive_method(db, django_assert_num_queries, count):
    pays = [40_000, 90_000, 55_000, 55_000, 61_000, 72_500, 48_000, 120_000][:count]
    for pay in pays:
        make_offer(pay_min=pay - 2_000, pay_max=pay + 2_000)
    with django_assert_num_queries(1):
        quartiles = Offer.objects.published().pay_quartiles()
    assert quartiles.count == count
    expected = statistics.quantiles(pays, n=4, method="inclusive") if count > 1 else [pays[0]] * 3
    assert [quartiles.low, quartiles.median, quartiles.high] == [round(value) for value in expected]


def test_quartiles_exclude_freelance_offers_offers_without_pay_and_other_roles(db):
    role = make_role()
    make_offer(role=role, pay_min=50_000, pay_max=60_000)
    make_offer(role=role, contract=Contract.FREELANCE, pay_min=600, pay_max=700)
    make_offer(role=role)
    make_offer(role=make_role(), pay_min=90_000, pay_max=99_000)
    quartiles = role.offers.published().pay_quartiles()
    assert (quartiles.count, quartiles.median) == (1, 55_000)


def test_quartiles_without_offers_are_none(db):
    assert Offer.objects.published().pay_quartiles() is None


def test_quartiles_of_many_offers_match_the_inclusive_method(db):
    rng = random.Random(5)
    role = make_role()
    pays = [rng.randrange(30, 120) * 500 for _ in range(61)]
    offer = make_offer(role=role)
    Offer.objects.bulk_create(
        Offer(
            title="Dév", contract="cdi", status="published", confidential=True, place=offer.place, role=role,
            published_at=offer.published_at, expires_at=offer.expires_at, pay_min=pay - 1_000, pay_max=pay + 1_000,
        )
        for pay in pays
    )  # fmt: skip
    quartiles = role.offers.published().pay_quartiles()
    expected = statistics.quantiles(pays, n=4, method="inclusive")
    assert quartiles.count == 61
    assert [quartiles.low, quartiles.median, quartiles.high] == [round(value) for value in expected]
