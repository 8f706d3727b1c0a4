"""The `any` lookup on both databases."""

import pytest
from django.db import connection

from offers.models import Offer
from tests.factories import make_offer

pytestmark = pytest.mark.django_db


def test_any_matches_the_rows_of_in():
    first, second, _ = make_offer(), make_offer(), make_offer()
    assert set(Offer.objects.filter(pk__any=[first.pk, second.pk, second.pk, 0])) == {first, second}
    assert list(Offer.objects.filter(pk__any=())) == []
    assert list(Offer.objects.exclude(pk__any=[first.pk]).order_by("pk").values_list("pk", flat=True)) != [first.pk]


def test_any_accepts_foreign_keys_and_strings():
    offer = make_offer()
    make_offer(contract="freelance")
    assert Offer.objects.get(company_id__any=[offer.company_id], contract__any=[offer.contract]) == offer
    assert Offer.objects.get(company__any=[offer.company_id], pk__any=[offer.pk]) == offer


def test_any_refuses_a_queryset():
    with pytest.raises(TypeError, match="a list or a tuple"):
        Offer.objects.filter(pk__any=Offer.objects.values("pk"))


def test_any_has_the_same_sql_for_lists_of_every_length_on_postgresql():
    statements = {Offer.objects.filter(pk__any=ids).query.sql_with_params()[0] for ids in ([1], [1, 2], [*range(90)])}
    assert len(statements) == (1 if connection.vendor == "postgresql" else 3)
