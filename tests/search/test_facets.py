import random
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from careers.enums import Level
from offers.enums import Contract, EmployerKind
from offers.models import Offer
from offers.search import facets
from offers.search.criteria import Criteria
from tests.factories import GRENOBLE, LYON, PARIS, make_company, make_offer, make_place, make_role, make_skill
from tests.search.conftest import as_criteria


@pytest.fixture
def offers(db):
    rng = random.Random(3)
    places = [make_place(**place) for place in (LYON, PARIS, GRENOBLE)]
    companies = [make_company(kind=kind) for kind in EmployerKind.values]
    roles, skills = [make_role() for _ in range(3)], [make_skill() for _ in range(6)]
    created = []
    for _ in range(80):
        contract = rng.choice(Contract.values)
        pay = rng.choice([None, 400, 650] if contract == Contract.FREELANCE else [None, 34_000, 52_000, 90_000])
        remote = rng.random() < 0.1
        created.append(
            make_offer(
                title=rng.choice(["Développeur Python", "Développeuse Java", "Chef de projet"]),
                skills=rng.sample(skills, rng.randint(0, 3)),
                company=rng.choice(companies),
                place=None if remote else rng.choice(places),
                fully_remote=remote,
                remote_days=5 if remote else rng.choice([None, 0, 1, 2, 3]),
                role=rng.choice([None, *roles]),
                contract=contract,
                experience=rng.choice(["", *Level.values]),
                pay_min=pay,
                pay_max=pay,
                age=timedelta(hours=rng.randint(1, 1_000)),
            )
        )
    return created


def as_set(*values):
    return frozenset(values)


# The code path by the number of matches: the field values of few are read; the skills of many are aggregated otherwise.
EVERY_METHOD = pytest.mark.parametrize("method", ["few", "some", "many"])


def count_facets(index, method, *, now=None, **criteria):
    results = index.search(**criteria)
    assert len(results.matches) == results.total
    results = {"few": results, "some": replace(results, matches=None), "many": None}[method]
    return facets.count(
        index.searcher,
        as_criteria(**criteria),
        now=now or timezone.now(),
        thesaurus=index.thesaurus,
        results=results,
    )


@EVERY_METHOD
@pytest.mark.parametrize(
    "criteria",
    [
        {},
        {"q": "développeur"},
        {"contract": as_set("cdi")},
        {"contract": as_set("cdi", "freelance"), "regions": as_set("84"), "q": "développeur"},
        {"remote": as_set("1-2"), "kind": as_set("esn"), "experience": as_set("junior")},
        {"contract": as_set("cdi", "cdd"), "experience": as_set("junior", "expert")},
        {"departments": as_set("69"), "salary": 40_000},
        {"daily_rate": 500, "since": 7},
    ],
)
def test_each_count_is_the_total_of_a_search_for_its_value(index, offers, criteria, method):
    """A facet ignores its own values, so each count is the total of the search with this value instead of them."""
    now = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    if "since" in criteria:
        criteria = {**criteria, "since": now - timedelta(days=criteria["since"])}
    counts = count_facets(index, method, now=now, **criteria)
    values = {
        "contract": Contract.values,
        "remote": ["0", "1-2", "3-5", "100"],
        "experience": Level.values,
        "regions": ["84", "11", "75"],
        "departments": ["69", "75", "38", "01"],
        "kind": EmployerKind.values,
        "roles": set(Offer.objects.exclude(role=None).values_list("role", flat=True)),
    }
    for name, choices in values.items():
        for value in choices:
            total = index.search(**{**criteria, name: as_set(value)}).total
            assert counts[name].get(value, 0) == total, (name, value)
        assert set(counts[name]) <= set(choices)
    for steps, name, other in (
        (facets.SALARIES, "salary", "daily_rate"),
        (facets.DAILY_RATES, "daily_rate", "salary"),
    ):
        for step in steps:
            count = counts["salaries" if name == "salary" else "daily_rates"].get(step, 0)
            assert count == index.search(**{**criteria, name: step, other: None}).total, step
    for days in facets.AGES:
        assert counts["ages"].get(days, 0) == index.search(**{**criteria, "since": now - timedelta(days=days)}).total
    for skill in set(Offer.skills.through.objects.values_list("skill", flat=True)):
        assert counts["skills"].get(skill, 0) == index.search(**{**criteria, "skills": as_set(skill)}).total


@EVERY_METHOD
def test_skills_are_counted_among_offers_with_the_selected_skills(index, offers, method):
    one, two = sorted(set(Offer.skills.through.objects.values_list("skill", flat=True)))[:2]
    counts = count_facets(index, method, skills=as_set(one))
    assert counts["skills"][one] == index.search(skills=as_set(one)).total
    assert counts["skills"].get(two, 0) == index.search(skills=as_set(one, two)).total


@EVERY_METHOD
def test_all_of_many_skills_of_an_offer_are_counted(index, db, method):
    skills = [make_skill(f"Savoir {rank}") for rank in range(12)]
    make_offer(skills=skills)
    make_offer(skills=skills[5:])
    counts = count_facets(index, method)
    assert counts["skills"] == {skill.pk: 1 + (skill in skills[5:]) for skill in skills}


@EVERY_METHOD
def test_empty_index_has_no_counts(index, db, method):
    counts = count_facets(index, method)
    assert counts == {facet.name: {} for facet in facets.FACETS}


def test_counts_are_cached_for_other_pages_of_a_search(offers, index):
    now, criteria = timezone.now(), Criteria(q="développeur")
    options = {"searcher": index.searcher, "now": now, "thesaurus": index.thesaurus, "results": None}
    first = facets.count_once("generation", criteria=criteria, **options)
    assert facets.count_once("generation", criteria=Criteria(q="développeur"), **options) is first
    assert first == facets.count(criteria=criteria, **options)
    # Another search, time or index generation is counted again.
    assert facets.count_once("generation", criteria=Criteria(q="java"), **options) != first
    other = {**options, "now": now - timedelta(days=30)}
    assert facets.count_once("generation", criteria=criteria, **other)["ages"] != first["ages"]
    assert facets.count_once("next", criteria=criteria, **options) is not first
