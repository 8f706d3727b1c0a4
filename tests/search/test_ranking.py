"""The constants of ranking and of the index, and the order of results that follows from them.

Their values were chosen with the judgements of test_relevance.py: measure the relevance before changing one here.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from offers import fields
from offers.enums import Contract
from offers.models import Offer
from offers.search import criteria, documents, query, spelling, terms, text_query
from tests.factories import VILLEURBANNE, make_company, make_offer, make_place, make_role, make_skill

CONSTANTS = {
    query: {"FRESH_WEEKS": (1.5, 1.0, 0.5), "MAX_RESULTS": 10_000},
    text_query: {
        "TITLE": 10.0, "HIGHLIGHTS": 2.0, "COMPANY": 3.5, "ALL": 1.0, "ROLE": 9.0, "ROLE_WORD": 4.0, "SKILL": 6.0,
        "SKILL_WORD": 2.5, "TITLE_PAIR": 4.0, "SYNONYM": 0.75, "SAME_ROLE": 0.6, "NARROWER": 0.25,
        "ASIDE": 0.05, "ENOUGH": 20, "SPELLING": 0.95,
    },
    criteria: {"CHOICE": 3.0, "CENTRE": 4.0},
    terms: {"TIE_BREAKER": 0.2},
    spelling: {"ONE_EDIT_LENGTH": 5, "TWO_EDITS_LENGTH": 9},
    documents: {
        "SALARIES": (30_000, 35_000, 40_000, 45_000, 50_000, 60_000, 70_000, 80_000, 100_000),
        "DAILY_RATES": (300, 400, 500, 600, 700, 800),
    },
}  # fmt: skip


@pytest.mark.parametrize("module", CONSTANTS, ids=lambda module: module.__name__)
def test_constants_have_the_values_of_the_table(module):
    assert {name: getattr(module, name) for name in CONSTANTS[module]} == CONSTANTS[module]


def test_results_are_ordered_by_the_boost_of_the_matching_field(index, db):
    """One offer for each field, highest boost first, with the word in this field only."""
    place, skill, longer_skill = make_place(), make_skill("Kafka"), make_skill("Apache Kafka")
    role, longer_role = make_role(name="Kafka"), make_role(name="Expert Kafka")
    fields_by_name = {
        "title": {"title": "Kafka"},
        "role": {"role": role},
        "skill": {"skills": [skill]},
        # The name of the company is indexed in the text as well, and both scores count.
        "company": {"company": make_company(name="Kafka")},
        "role word": {"role": longer_role},
        "skill word": {"skills": [longer_skill]},
        "highlights": {"highlights": "Kafka"},
        "text": {"description": "Kafka"},
    }
    at, company = timezone.now() - timedelta(days=1), make_company(name="Autre")
    for name, values in fields_by_name.items():
        make_offer(
            external_reference=name, published_at=at, place=place, **{"title": "Offre", "company": company, **values}
        )
    make_offer(title="Sans rapport", place=place, company=company)
    assert references(index.search("kafka")) == list(fields_by_name)


def references(results) -> list[str]:
    references_by_pk = dict(Offer.objects.values_list("pk", "external_reference"))
    return [references_by_pk[pk] for pk in results.ids]


def test_freshness_decides_between_equal_matches_only(index, db):
    """Freshness counts less than the field that matches, but decides between equal matches."""
    place, now = make_place(), timezone.now()
    make_offer(title="Kafka", external_reference="old title", place=place, published_at=now - timedelta(days=59))
    make_offer(title="A", highlights="Kafka", external_reference="new text", place=place, published_at=now)
    make_offer(title="Kafka", external_reference="new title", place=place, published_at=now)
    assert references(index.search("kafka")) == ["new title", "old title", "new text"]


MAX_EDITS = {"java": 0, "kafka": 1, "python": 1, "symfony": 1, "postgre": 1, "terraform": 2, "kubernetes": 2, "k8s": 0,
             "java17": 0, "c++": 0, "développe": 2, "dévelope": 1}  # fmt: skip


def test_maximum_of_corrected_edits_by_length_of_the_word():
    assert {piece: spelling.max_edits(piece) for piece in MAX_EDITS} == MAX_EDITS


def test_edit_distances():
    table = {
        ("ab", "ab"): 0,
        ("ab", "ba"): 1,
        ("ab", "abc"): 1,
        ("abc", "ab"): 1,
        ("abc", "axc"): 1,
        ("abcd", "badc"): 2,
    }
    assert {pair: spelling.edit_distance(*pair, 2) for pair in table} == table
    assert spelling.edit_distance("abcd", "wxyz", 2) == 3
    assert spelling.edit_distance("a", "abcd", 2) == 3


# Indexed values, at the limits of their steps

REMOTE = {(0, 0): "0", (1, 0): "1-2", (2, 0): "1-2", (3, 0): "3-5", (5, 0): "3-5", (5, 1): "100", (None, 0): ""}
STEPS = {(0, False): 0, (29_999, False): 0, (30_000, False): 1, (99_999, False): 8, (100_000, False): 9}
DAILY = {(299, True): 100, (300, True): 101, (799, True): 105, (800, True): 106}


def test_codes_of_remote_work_and_pay_steps():
    assert {key: fields.REMOTE.code(*key) for key in REMOTE} == REMOTE
    assert {key: documents.pay_step(*key) for key in STEPS | DAILY} == STEPS | DAILY


def test_sort_by_pay_and_by_date(index, db):
    place, now = make_place(), timezone.now()

    def create(name, days, pay=None, **fields):
        paid = {"pay_min": pay, "pay_max": pay} if pay else {}
        make_offer(
            title="Kafka",
            external_reference=name,
            place=place,
            published_at=now - timedelta(days=days),
            **paid,
            **fields,
        )

    create("high", 9, 60_000)
    create("low, new", 1, 40_000)
    create("low, old", 5, 40_000)
    create("unknown", 0)
    create("by the day", 2, 900, contract=Contract.FREELANCE)
    by_pay = ["high", "low, new", "low, old", "by the day", "unknown"]
    by_date = ["unknown", "low, new", "by the day", "low, old", "high"]
    for q in ("", "kafka"):
        assert references(index.search(q, sort="salary")) == by_pay
        assert references(index.search(q, sort="date")) == by_date
    assert references(index.search(sort="date", offset=1, limit=2)) == by_date[1:3]
    assert set(references(index.search(salary=40_000))) == {"high", "low, new", "low, old"}
    assert set(references(index.search(salary=40_001))) == {"high"}
    assert set(references(index.search(daily_rate=900))) == {"by the day"}
    assert set(references(index.search(salary=60_000, daily_rate=900))) == {"high", "by the day"}
    assert set(references(index.search(since=now - timedelta(days=2)))) == {"unknown", "low, new", "by the day"}
    assert set(references(index.search(since=now - timedelta(days=1, hours=23)))) == {"unknown", "low, new"}


def test_more_remote_days_come_first(index):
    few, full, most = (make_offer(title="Java", remote_days=days, fully_remote=days == 5) for days in (1, 5, 3))
    assert list(index.search("java", remote=["1-2", "3-5", "100"]).ids) == [full.pk, most.pk, few.pk]


def test_higher_level_of_senior_comes_first(index):
    confirmed, expert = (make_offer(title="Java", experience=level) for level in ("confirme", "expert"))
    assert list(index.search("java", experience=["confirme", "expert"]).ids) == [
        expert.pk,
        confirmed.pk,
    ]


def test_town_comes_before_its_surroundings(index):
    villeurbanne = make_offer(title="Java", place=make_place(**VILLEURBANNE))
    lyon = make_offer(title="Java", place=make_place(), age=timedelta(days=30))
    places = frozenset((villeurbanne.place_id, lyon.place_id))
    assert list(index.search("java", places=places).ids) == [villeurbanne.pk, lyon.pk]
    assert list(index.search("java", places=places, centres=frozenset([lyon.place_id])).ids) == [
        lyon.pk,
        villeurbanne.pk,
    ]
    # A centre orders the offers, but does not select them.
    assert set(index.search("java", centres=frozenset([lyon.place_id])).ids) == {lyon.pk, villeurbanne.pk}
