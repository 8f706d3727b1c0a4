"""Amounts as recruiters, candidates and curators type them."""

import doctest

import pytest
from django.core.exceptions import ValidationError

from jobboard.text import amounts
from jobboard.text.amounts import parse_amount
from jobboard.text.fields import AmountField


def test_doctest_of_parse_amount_passes():
    assert doctest.testmod(amounts).failed == 0


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("45,5k", 45_500),
        ("47,9k€", 47_900),
        ("47,9 k€", 47_900),
        ("47,9\u00a0K€", 47_900),
        ("45.5k", 45_500),
        ("45,55 keur", 45_550),
        ("45 000,00 €", 45_000),
        ("45\u2009000\u202f€", 45_000),
        ("45.000", 45_000),
        ("45'000", 45_000),
        ("45’000 euros", 45_000),
        ("€45.000,00", 45_000),
        ("45,500.00", 45_500),
        ("1 234 567", 1_234_567),
        ("52 K€ brut", 52_000),
    ],
)
def test_amount_is_not_changed(typed, amount):
    assert parse_amount(typed) == parse_amount(typed, assume_thousands=True) == amount


@pytest.mark.parametrize(("typed", "amount"), [("45", 45_000), ("45,5", 45_500), ("45.5", 45_500), ("45,500", 45_500)])
def test_small_amount_of_a_year_is_in_thousands(typed, amount):
    assert parse_amount(typed, assume_thousands=True) == amount


@pytest.mark.parametrize(
    ("typed", "assume_thousands", "code"),
    [
        ("45,500", False, "ambiguous"),
        ("1,500", False, "ambiguous"),
        ("45.500k", True, "ambiguous"),
        ("450", True, "ambiguous"),
        ("999", True, "ambiguous"),
        ("1 500,50", True, "cents"),
        ("450,50", False, "cents"),
        ("45-50", True, "range"),
        ("45 à 50 k€", True, "range"),
        ("45k – 50k", True, "range"),
        ("4 5000", True, "invalid"),
        ("45 00", True, "invalid"),
        ("1.5.5", True, "invalid"),
        ("-45000", True, "invalid"),
        ("٤٥٠٠٠", True, "invalid"),
        ("selon profil", True, "invalid"),
        ("9" * 5000, True, "invalid"),
    ],
)
def test_amount_with_no_or_two_meanings_is_refused(typed, assume_thousands, code):
    with pytest.raises(ValidationError) as error:
        parse_amount(typed, assume_thousands=assume_thousands)
    assert error.value.code == code


def test_field_compares_what_is_typed_with_the_stored_amount():
    field = AmountField(low=5_000, high=500_000)
    assert not field.has_changed(45_000, "45 000 €")
    assert field.has_changed(45_000, "46 000")
    assert field.has_changed(45_000, "beaucoup")
    assert not AmountField(required=False).has_changed(None, " ")
