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
    chance = random.Random(3)
    places = [make_place(**place) for place in (LYON, PARIS, GRENOBLE)]
    companies = [make_company(kind=kind) for kind in EmployerKind.values]
    roles, skills = [make_role() for _ in range(3)], [make_skill() for _ in range(6)]
    made = []
    for _ in range(80):
        contract = chance.choice(Contract.values)
        pay = chance.choice([None, 400, 650] if contract == Contract.FREELANCE else [None, 34_000, 52_000, 90_000])
        remote = chance.random() < 0.1
        made.append(
            make_offer(
                title=chance.choice(["Développeur Python", "Développeuse Java", "Chef de projet"]),
                skills=chance.sample(skills, chance.randint(0, 3)),
                company=chance.choice(companies),
                place=None if remote else chance.choice(places),
                fully_remote=remote,
                remote_days=5 if remote else chance.choice([None, 0, 1, 2, 3]),
                role=chance.choice([None, *roles]),
                contract=contract,
                experience=chance.choice(["", *Level.values]),
                pay_min=pay,
                pay_max=pay,
                age=timedelta(hours=chance.randint(1, 1_000)),
            )
        )
    return made


def some(*values):
    return frozenset(values)


# A few matches are read one by one, and the skills of many are counted in another way than those of some.
EVERY_WAY = pytest.mark.parametrize("way", ["few", "some", "many"])


def counted(index, way, *, now=None, **asked):
    found = index.search(**asked)
    assert len(found.matches) == found.total
    results = {"few": found, "some": replace(found, matches=None), "many": None}[way]
    return facets.count(
        index.searcher,
        as_criteria(**asked),
        now=now or timezone.now(),
        thesaurus=index.thesaurus,
        results=results,
    )


@EVERY_WAY
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"q": "développeur"},
        {"contract": some("cdi")},
        {"contract": some("cdi", "freelance"), "regions": some("84"), "q": "développeur"},
        {"remote": some("1-2"), "kind": some("esn"), "experience": some("junior")},
        {"contract": some("cdi", "cdd"), "experience": some("junior", "expert")},
        {"departments": some("69"), "salary": 40_000},
        {"daily_rate": 500, "since": 7},
    ],
)
def test_every_count_is_what_asking_for_the_value_alone_would_find(index, offers, asked, way):
    """A dimension ignores its own values, so each count is the total of the search with that value in their place."""
    now = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    if "since" in asked:
        asked = {**asked, "since": now - timedelta(days=asked["since"])}
    counts = counted(index, way, now=now, **asked)
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
            total = index.search(**{**asked, name: some(value)}).total
            assert counts[name].get(value, 0) == total, (name, value)
        assert set(counts[name]) <= set(choices)
    for steps, name, other in (
        (facets.SALARIES, "salary", "daily_rate"),
        (facets.DAILY_RATES, "daily_rate", "salary"),
    ):
        for step in steps:
            found = counts["salaries" if name == "salary" else "daily_rates"].get(step, 0)
            assert found == index.search(**{**asked, name: step, other: None}).total, step
    for days in facets.AGES:
        assert counts["ages"].get(days, 0) == index.search(**{**asked, "since": now - timedelta(days=days)}).total
    for skill in set(Offer.skills.through.objects.values_list("skill", flat=True)):
        assert counts["skills"].get(skill, 0) == index.search(**{**asked, "skills": some(skill)}).total


@EVERY_WAY
def test_skills_count_within_those_that_are_ticked(index, offers, way):
    one, two = sorted(set(Offer.skills.through.objects.values_list("skill", flat=True)))[:2]
    counts = counted(index, way, skills=some(one))
    assert counts["skills"][one] == index.search(skills=some(one)).total
    assert counts["skills"].get(two, 0) == index.search(skills=some(one, two)).total


@EVERY_WAY
def test_every_skill_of_an_offer_is_counted_however_many_it_asks_for(index, db, way):
    skills = [make_skill(f"Savoir {number}") for number in range(12)]
    make_offer(skills=skills)
    make_offer(skills=skills[5:])
    counts = counted(index, way)
    assert counts["skills"] == {skill.pk: 1 + (skill in skills[5:]) for skill in skills}


@EVERY_WAY
def test_an_empty_index_has_no_counts(index, db, way):
    counts = counted(index, way)
    assert counts == {facet.name: {} for facet in facets.FACETS}


def test_other_pages_of_a_search_are_not_counted_again(offers, index):
    now, criteria = timezone.now(), Criteria(q="développeur")
    asked = {"searcher": index.searcher, "now": now, "thesaurus": index.thesaurus, "results": None}
    first = facets.count_once("generation", criteria=criteria, **asked)
    assert facets.count_once("generation", criteria=Criteria(q="développeur"), **asked) is first
    assert first == facets.count(criteria=criteria, **asked)
    # Another search, minute or index is.
    assert facets.count_once("generation", criteria=Criteria(q="java"), **asked) != first
    other = {**asked, "now": now - timedelta(days=30)}
    assert facets.count_once("generation", criteria=criteria, **other)["ages"] != first["ages"]
    assert facets.count_once("next", criteria=criteria, **asked) is not first
