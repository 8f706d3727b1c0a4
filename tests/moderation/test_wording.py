from datetime import timedelta

import pytest

from offers.catalogue.templatetags.cards import card, cards
from offers.enums import Contract
from offers.models import Offer
from offers.models.labels import offer_count_label, pay_label, remote_label
from tests.factories import make_company, make_offer


@pytest.mark.parametrize(
    ("contract", "pay_min", "pay_max", "words"),
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
def test_pay(contract, pay_min, pay_max, words):
    shown = pay_label(Offer(contract=contract, pay_min=pay_min, pay_max=pay_max))
    assert shown.replace("\u202f", " ").replace("\u00a0", " ") == words
    assert " – " not in shown
    assert not shown or shown[-2:] in {"K€", "\u00a0€", "ur"}


@pytest.mark.parametrize(
    ("days", "full", "words"),
    [
        (None, False, ""),
        (0, False, "sur site"),
        (1, False, "1\u00a0jour de télétravail"),
        (2, False, "2\u00a0jours de télétravail"),
        (5, False, "5\u00a0jours de télétravail"),
        (5, True, "100\u00a0% télétravail"),
    ],
)
def test_remote(days, full, words):
    assert remote_label(Offer(remote_days=days, fully_remote=full)) == words


def test_number_of_offers():
    assert [offer_count_label(n) for n in (0, 1, 2, 1234)] == [
        "Aucune offre",
        "1 offre",
        "2 offres",
        "1\u202f234 offres",
    ]


def test_card_shows_what_is_known(db):
    offer = make_offer(
        title="Développeur C++ – Web / RPC",
        company=make_company(name="Exemple <SA>"),
        contract=Contract.FREELANCE,
        pay_min=450,
        pay_max=550,
        remote_days=2,
        highlights="produit maison\nclients : Decathlon et Intersport",
        age=timedelta(days=5),
    )
    html = cards([offer])
    for text in (
        "(H/F)",
        "Exemple &lt;SA&gt;",
        "Lyon (69)",
        "Freelance",
        "par jour",
        "2\u00a0jours de télétravail",
        "Produit maison · clients : Decathlon et Intersport",
        "il y a 5\u00a0jours",
        f'href="/offres/{offer.pk}-developpeur-c-web-rpc/"',
    ):
        assert text in html


def test_card_shows_nothing_for_what_is_not(db):
    html = card(make_offer())
    for text in ("K€", "télétravail", "None", "why", "Sur site"):
        assert text not in html
