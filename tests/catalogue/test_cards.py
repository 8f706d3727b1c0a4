"""Cards of offers: their facts, technologies and excerpts."""

import re

import pytest

from careers.enums import Level
from offers.catalogue.cards import published_cards
from offers.catalogue.templatetags.cards import card_excerpt, card_tags, cards, initials
from offers.enums import Contract
from offers.models import Offer
from tests.factories import make_company, make_offer, make_skill

pytestmark = pytest.mark.django_db


def render(offer) -> str:
    return cards(published_cards([offer.pk]))


def tags(html: str) -> list[str]:
    (found,) = re.findall(r'<ul class="tags".*?</ul>', html, re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", found)


def test_card_has_five_skills_by_name():
    names = ["Rust", "Go", "Python", "Ada", "Java", "SQL"]
    html = render(make_offer(skills=[make_skill(name) for name in names]))
    assert tags(html) == ["Ada", "Go", "Java", "Python", "Rust"]
    assert 'class="tags"' not in render(make_offer())


def test_searched_skills_stand_first():
    skills = {name: make_skill(name) for name in ("Ada", "Go", "Java", "Python", "Rust", "SQL")}
    (card,) = published_cards([make_offer(skills=skills.values()).pk])
    assert card_tags(card, None, {skills["SQL"].pk})[:2] == [("SQL", False), ("Ada", False)]
    assert card_tags(card, frozenset({"rust"}), ())[:2] == [("Rust", True), ("Ada", False)]


def test_skills_take_no_query_of_their_own(django_assert_num_queries):
    for _ in range(3):
        make_offer(skills=[make_skill(), make_skill()])
    pks = list(Offer.objects.values_list("pk", flat=True))
    with django_assert_num_queries(1):
        assert all(len(card.card_skills) == 2 for card in published_cards(pks))
    with django_assert_num_queries(1):
        assert all(len(offer.card_skills) == 2 for offer in Offer.objects.for_cards())


def test_renamed_skill_invalidates_the_pages_with_the_card():
    skill = make_skill()
    (card,) = published_cards([make_offer(skills=[skill]).pk])
    assert f"skill:{skill.pk}" in card.surrogate_keys


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"contract": Contract.CDI}, "Salaire non communiqué"),
        ({"contract": Contract.FREELANCE}, "Tarif non communiqué"),
        ({"pay_min": 54_000, "pay_max": 63_000}, "<b>54\u00a0–\u00a063\u00a0K€</b> <span>brut par an</span>"),
        ({"experience": Level.CONFIRMED}, '<li>Confirmé<span class="years">, 4 à 8\u00a0ans</span></li>'),
        ({"remote_days": 1}, "<li>1\u00a0j de télétravail</li>"),
        ({"remote_days": 3}, "<li>3\u00a0j de télétravail</li>"),
    ],
)
def test_card_shows_a_fact(fields, text):
    assert text in render(make_offer(**fields))


def test_only_a_public_company_has_its_initials():
    company = make_company(name="Pollenis Santé")
    assert 'data-letters="PS"' in render(make_offer(company=company))
    assert 'data-letters="?"' in render(make_offer(company=company, confidential=True))
    assert [initials(name) for name in ("Cavalan", "l’Atelier du Code", "«\u00a0»")] == ["C", "LA", ""]


def test_excerpt_is_of_the_text_with_the_words():
    offer = make_offer(highlights="Une équipe en Python", description="Nous écrivons du Rust.")
    (card,) = published_cards([offer.pk], described=True)
    assert ("Python", True) in card_excerpt(card, frozenset({"python"}))
    assert ("Rust", True) in card_excerpt(card, frozenset({"rust"}))
    assert card_excerpt(card, frozenset({"java"})) == []
    assert 'class="why"' not in render(offer)
