"""The data that relevance is judged by is sound: whatever the engine does with it, a score means something."""

import re
from collections import Counter

import pytest
from django.utils import timezone

from careers.enums import Level
from jobboard.text.keys import search_key
from offers.enums import Contract, EmployerKind
from offers.models import Offer
from tests.search import corpus

OFFER_KEYS = {
    "id", "title", "company", "kind", "descriptor", "role", "skills", "highlights", "description",
    "contract", "remote_days", "experience", "pay_min", "pay_max", "town", "age_days",
}  # fmt: skip
OFFERS = corpus.offers()
IDS = {offer["id"] for offer in OFFERS}
JUDGEMENTS = corpus.judgements()
# A plain space where French wants one that does not break, a straight apostrophe, English quotation marks.
BAD_TYPOGRAPHY = re.compile(r"['\"“”]|[^\s\u00a0] [:;?!»](?!\S)|«(?!\u00a0)|(?<!\u00a0)»|\d \d{3}\b|\.\.\.")


def synonym_lines() -> list[tuple[int, str]]:
    lines = corpus.SYNONYMS_FILE.read_text("utf-8").splitlines()
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]


def terms(text: str) -> list[str]:
    return [term.strip() for term in text.split(",")]


def equivalences() -> list[tuple[int, list[str]]]:
    return [(number, terms(line)) for number, line in synonym_lines() if "=>" not in line]


# The corpus


def test_the_corpus_is_large_and_ids_are_unique():
    assert len(OFFERS) >= 320
    assert [offer for offer, count in Counter(offer["id"] for offer in OFFERS).items() if count > 1] == []
    assert [offer["id"] for offer in OFFERS if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", offer["id"])] == []


def problems(offer) -> list[str]:
    """What would keep an offer from being published or shown."""
    low, high = (80, 3_000) if offer["contract"] == Contract.FREELANCE else (10_000, 500_000)
    pay = offer["pay_min"], offer["pay_max"]
    named = offer["kind"] in EmployerKind.values and not offer["descriptor"]
    checks = {
        "keys": set(offer) == OFFER_KEYS,
        "title": 0 < len(offer["title"]) <= 120,
        "description": 60 <= len(offer["description"].split()) <= 200,
        "highlights": len(offer["highlights"]) <= 6,
        "skills": 0 < len(offer["skills"]) == len(set(offer["skills"])),
        "contract": offer["contract"] in Contract.values,
        "experience": offer["experience"] in {"", *Level.values},
        "remote_days": offer["remote_days"] is None or 0 <= offer["remote_days"] <= 5,
        "age_days": 0 <= offer["age_days"] <= 60,
        "employer": named if offer["company"] else offer["kind"] is None and offer["descriptor"],
        "pay": pay == (None, None) or low <= pay[0] <= pay[1] <= high,
    }
    return [name for name, passed in checks.items() if not passed]


def test_every_offer_could_be_published():
    assert {offer["id"]: found for offer in OFFERS if (found := problems(offer))} == {}


def test_texts_are_printed_as_french_is():
    wrong = {}
    for offer in OFFERS:
        printed = [offer["description"], offer["descriptor"], offer["company"] or "", *offer["highlights"]]
        if found := [match.group() for text in printed for match in BAD_TYPOGRAPHY.finditer(text)]:
            wrong[offer["id"]] = found
    assert wrong == {}


def test_a_company_is_of_one_kind():
    kinds = {(offer["company"], offer["kind"]) for offer in OFFERS if offer["company"]}
    assert len(kinds) == len({company for company, _ in kinds})


def test_towns_are_communes_and_only_full_remote_goes_without():
    assert {offer["town"] for offer in OFFERS if offer["town"]} - set(corpus.places()) == set()
    assert [offer["id"] for offer in OFFERS if not offer["town"] and offer["remote_days"] != 5] == []


def test_roles_and_skills_are_known_and_used():
    assert {offer["role"] for offer in OFFERS} - {None} == {role["slug"] for role in corpus.roles()}
    assert {skill for offer in OFFERS for skill in offer["skills"]} == {skill["name"] for skill in corpus.skills()}


def test_skill_names_and_aliases_are_unique():
    names = [search_key(name) for skill in corpus.skills() for name in (skill["name"], *skill.get("aliases", []))]
    assert [name for name, count in Counter(names).items() if count > 1] == []


@pytest.mark.django_db
def test_the_corpus_loads():
    made = corpus.load(timezone.now())
    assert set(made) == IDS
    assert Offer.objects.published().count() == len(OFFERS)
    assert not any(re.search(r"[HF]/[HF]", offer.title) for offer in made.values())
    offer = made["java-spring-niort"]
    assert str(offer.place) == "Niort (79)"
    assert {skill.name for skill in offer.skills.all()} == {"Java", "Spring Boot", "PostgreSQL", "Kafka"}


# The judgements


def test_judgements_are_many_and_of_many_kinds():
    assert len(JUDGEMENTS) >= 100
    assert {
        "accents", "apostrophe", "case", "company", "contract", "empty", "exclusion", "feminine", "level", "ligature",
        "long", "phrase", "plural", "role", "stopwords", "synonym", "technical", "typo",
    } == {judgement.kind for judgement in JUDGEMENTS}  # fmt: skip
    assert [query for query, count in Counter(j.query for j in JUDGEMENTS).items() if count > 1] == []


def test_judgements_are_about_offers_of_the_corpus():
    for judgement in JUDGEMENTS:
        assert 0 < len(judgement.query) <= 100, judgement.query
        assert judgement.why, judgement.query
        assert set(judgement.grades) - IDS == set(), judgement.query


def test_only_what_should_find_nothing_has_no_good_answer():
    for judgement in JUDGEMENTS:
        if judgement.kind == "empty":
            assert not judgement.grades, judgement.query
        else:
            assert max(judgement.grades.values()) >= 2, judgement.query


def test_no_offer_has_two_grades_for_one_query():
    entries = corpus.tomllib.loads((corpus.HERE / "judgements.toml").read_text("utf-8"))["query"]
    for entry in entries:
        graded = [offer for name in corpus.GRADES for offer in entry.get(name, [])]
        assert len(graded) == len(set(graded)), entry["q"]
        assert set(entry) <= {"q", "kind", "why", *corpus.GRADES}, entry["q"]


def test_typos_are_not_words_of_the_corpus():
    words = {
        word
        for offer in OFFERS
        for text in (offer["title"], offer["description"], *offer["skills"], *offer["highlights"])
        for word in search_key(text).split()
    }
    for judgement in JUDGEMENTS:
        if judgement.kind == "typo":
            assert any(word not in words for word in search_key(judgement.query).split()), judgement.query


# The synonyms


def test_synonyms_are_many():
    assert len(synonym_lines()) >= 180


def test_every_line_of_synonyms_is_well_formed():
    for number, line in synonym_lines():
        head, arrow, tail = line.partition("=>")
        assert "=>" not in tail, f"line {number}: two arrows"
        if arrow:
            assert len(terms(head)) == 1, f"line {number}: one term before the arrow"
            assert search_key(head) not in {search_key(term) for term in terms(tail)}, f"line {number}: to itself"
        else:
            assert len(terms(line)) >= 2, f"line {number}: a set has two terms or more"
        every = terms(head) + (terms(tail) if arrow else [])
        assert all(search_key(term) for term in every), f"line {number}: an empty term"
        assert len({search_key(term) for term in every}) == len(every), f"line {number}: a term twice"
        assert "'" not in line, f"line {number}: a straight apostrophe"


def test_a_term_stands_in_one_equivalence_set_only():
    seen = {}
    for number, line_terms in equivalences():
        for term in line_terms:
            key = search_key(term)
            assert key not in seen, f"“{term}” stands on lines {seen[key]} and {number}"
            seen[key] = number


def test_a_directed_set_says_more_than_the_equivalences():
    together = {search_key(term): number for number, line_terms in equivalences() for term in line_terms}
    heads = Counter()
    for number, line in synonym_lines():
        head, arrow, tail = line.partition("=>")
        if arrow:
            heads[search_key(head)] += 1
            home = together.get(search_key(head))
            for term in terms(tail):
                assert home is None or together.get(search_key(term)) != home, f"line {number}: “{term}” is equivalent"
    assert [head for head, count in heads.items() if count > 1] == []


def test_skill_aliases_agree_with_the_synonyms():
    """Both are synonyms, so an alias may not stand in another set than its skill."""
    home = {search_key(term): number for number, line_terms in equivalences() for term in line_terms}
    for skill in corpus.skills():
        sets = {home[key] for name in (skill["name"], *skill.get("aliases", [])) if (key := search_key(name)) in home}
        assert len(sets) <= 1, skill["name"]
