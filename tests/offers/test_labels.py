"""The labels of pay, remote work and counts, and the card of an offer."""

from datetime import timedelta

import pytest

from offers.catalogue.templatetags.cards import card, cards
from offers.enums import Contract
from offers.models import Offer
from offers.models.labels import offer_count_label, pay_label, remote_label
from tests.factories import make_company, make_offer


@pytest.mark.parametrize(
    ("contract", "pay_min", "pay_max", "label"),
    [
        ("cdi", None, None, ""),
        ("cdi", 55_000, 65_000, "55 – 65 K€"),
        ("cdi", 55_000, 55_000, "55 K€"),
        ("cdi", 52_500, 60_000, "52,5 – 60 K€"),
        ("cdi", 38_450, 42_000, "38 450 – 42 000 €"),
        ("freelance", 450, 550, "450 – 550 € par jour"),
        ("freelance", 1_200, 1_200, "1 200 € par jour"),
    ],
)
def test_pay_label_shortens_full_thousands(contract, pay_min, pay_max, label):
    result = pay_label(Offer(contract=contract, pay_min=pay_min, pay_max=pay_max))
    assert result.replace("\u202f", " ").replace("\u00a0", " ") == label
    assert " – " not in result
    assert not result or result[-2:] in {"K€", "\u00a0€", "ur"}


@pytest.mark.parametrize(
    ("days", "full", "label"),
    [
        (None, False, ""),
        (0, False, "sur site"),
        (1, False, "1\u00a0jour de télétravail"),
        (2, False, "2\u00a0jours de télétravail"),
        (5, False, "5\u00a0jours de télétravail"),
        (5, True, "100\u00a0% télétravail"),
    ],
)
def test_remote_label(days, full, label):
    assert remote_label(Offer(remote_days=days, fully_remote=full)) == label


def test_offer_count_label_has_singular_and_plural():
    assert [offer_count_label(n) for n in (0, 1, 2, 1234)] == [
        "Aucune offre",
        "1 offre",
        "2 offres",
        "1\u202f234 offres",
    ]


def test_card_shows_the_known_values(db):
    offer = make_offer(
        title="Développeur C++ – Web / RPC",
        company=make_company(name="Exemple <SA>"),
        contract=Contract.FREELANCE,
        pay_min=450,
        pay_max=550,
        remote_days=2,
        age=timedelta(days=5),
    )
    html = cards([offer])
    for text in (
        "(H/F)",
        "Exemple &lt;SA&gt;",
        "Lyon (69)",
        "Freelance",
        "par jour",
        "2\u00a0j de télétravail",
        "il y a 5\u00a0jours",
        f'href="/offres/{offer.pk}-developpeur-c-web-rpc/"',
    ):
        assert text in html


def test_card_of_an_offer_without_details_has_no_placeholders(db):
    html = card(make_offer())
    for text in ("K€", "télétravail", "None", "why", "Sur site"):
        assert text not in html
