"""What a role's own live offers pay, next to its grid."""

import random
import statistics

import pytest

from offers.enums import Contract
from offers.models import Offer
from tests.factories import make_offer, make_role


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 8])
def test_quartiles_are_those_of_a_spreadsheet(db, django_assert_num_queries, count):
    pays = [40_000, 90_000, 55_000, 55_000, 61_000, 72_500, 48_000, 120_000][:count]
    for pay in pays:
        make_offer(pay_min=pay - 2_000, pay_max=pay + 2_000)
    with django_assert_num_queries(1):
        found = Offer.objects.published().pay_quartiles()
    assert found.count == count
    expected = statistics.quantiles(pays, n=4, method="inclusive") if count > 1 else [pays[0]] * 3
    assert [found.low, found.median, found.high] == [round(value) for value in expected]


def test_quartiles_leave_out_freelance_and_unpaid_offers_and_other_roles(db):
    role = make_role()
    make_offer(role=role, pay_min=50_000, pay_max=60_000)
    make_offer(role=role, contract=Contract.FREELANCE, pay_min=600, pay_max=700)
    make_offer(role=role)
    make_offer(role=make_role(), pay_min=90_000, pay_max=99_000)
    found = role.offers.published().pay_quartiles()
    assert (found.count, found.median) == (1, 55_000)


def test_quartiles_of_nothing(db):
    assert Offer.objects.published().pay_quartiles() is None


def test_quartiles_of_many_are_those_of_a_spreadsheet(db):
    draw = random.Random(5)
    role = make_role()
    pays = [draw.randrange(30, 120) * 500 for _ in range(61)]
    offer = make_offer(role=role)
    Offer.objects.bulk_create(
        Offer(
            title="Dév", contract="cdi", status="published", confidential=True, place=offer.place, role=role,
            published_at=offer.published_at, expires_at=offer.expires_at, pay_min=pay - 1_000, pay_max=pay + 1_000,
        )
        for pay in pays
    )  # fmt: skip
    found = role.offers.published().pay_quartiles()
    expected = statistics.quantiles(pays, n=4, method="inclusive")
    assert found.count == 61
    assert [found.low, found.median, found.high] == [round(value) for value in expected]
