"""The corpus, the judgements and the synonyms are valid, so that the measured relevance is meaningful."""

import re
from collections import Counter

import pytest
from django.utils import timezone

from careers.enums import Level
from jobboard.text.keys import search_key
from offers.enums import Contract, EmployerKind
from offers.models import Offer
from offers.search import common_words
from offers.search.analysis import words
from offers.search.models import SynonymSet
from offers.search.synonyms import ARROWS, MAX_WORDS, expression, format_line, parse_line
from tests.search import corpus

OFFER_KEYS = {
    "id", "title", "company", "kind", "descriptor", "role", "skills", "highlights", "description",
    "contract", "remote_days", "experience", "pay_min", "pay_max", "town", "age_days",
}  # fmt: skip
OFFERS = corpus.offers()
IDS = {offer["id"] for offer in OFFERS}
JUDGEMENTS = corpus.judgements()
# A plain space instead of a no-break space, straight apostrophes, English quotation marks.
BAD_TYPOGRAPHY = re.compile(r"['\"“”]|[^\s\u00a0] [:;?!»](?!\S)|«(?!\u00a0)|(?<!\u00a0)»|\d \d{3}\b|\.\.\.")


def synonym_lines() -> list[tuple[int, str]]:
    lines = corpus.SYNONYMS_FILE.read_text("utf-8").splitlines()
    return [
        (line_number, line) for line_number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")
    ]


def terms(text: str) -> list[str]:
    return [term.strip() for term in text.split(",") if text.strip()]


def split_line(line: str) -> tuple[list[str], str, list[str]]:
    """Return the expressions before the arrow, the arrow (empty for equivalents), and the expressions after it."""
    arrow = next((arrow for arrow in ARROWS if arrow in line), "")
    head, tail = line.split(arrow, 1) if arrow else (line, "")
    return terms(head), arrow, terms(tail)


def equivalences() -> list[tuple[int, list[str]]]:
    parsed = [(line_number, split_line(line)) for line_number, line in synonym_lines()]
    return [(line_number, line_terms) for line_number, (line_terms, arrow, _) in parsed if not arrow]


# The corpus


def test_corpus_is_large_and_its_ids_are_unique():
    assert len(OFFERS) >= 320
    assert [offer for offer, count in Counter(offer["id"] for offer in OFFERS).items() if count > 1] == []
    assert [offer["id"] for offer in OFFERS if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", offer["id"])] == []


def problems(offer) -> list[str]:
    """Return the names of the checks that this offer fails."""
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


def test_every_offer_is_valid():
    assert {offer["id"]: failed for offer in OFFERS if (failed := problems(offer))} == {}


def test_texts_have_french_typography():
    errors = {}
    for offer in OFFERS:
        texts = [offer["description"], offer["descriptor"], offer["company"] or "", *offer["highlights"]]
        if failed := [match.group() for text in texts for match in BAD_TYPOGRAPHY.finditer(text)]:
            errors[offer["id"]] = failed
    assert errors == {}


def test_each_company_has_one_kind():
    kinds = {(offer["company"], offer["kind"]) for offer in OFFERS if offer["company"]}
    assert len(kinds) == len({company for company, _ in kinds})


def test_towns_are_communes_and_only_fully_remote_offers_have_none():
    assert {offer["town"] for offer in OFFERS if offer["town"]} - set(corpus.places()) == set()
    assert [offer["id"] for offer in OFFERS if not offer["town"] and offer["remote_days"] != 5] == []


def test_roles_and_skills_are_declared_and_used():
    assert {offer["role"] for offer in OFFERS} - {None} == {role["slug"] for role in corpus.roles()}
    assert {skill for offer in OFFERS for skill in offer["skills"]} == {skill["name"] for skill in corpus.skills()}


def test_skill_names_and_aliases_are_unique():
    names = [search_key(name) for skill in corpus.skills() for name in (skill["name"], *skill.get("aliases", []))]
    assert [name for name, count in Counter(names).items() if count > 1] == []


@pytest.mark.django_db
def test_corpus_is_loaded():
    loaded = corpus.load(timezone.now())
    assert set(loaded) == IDS
    assert Offer.objects.published().count() == len(OFFERS)
    assert not any(re.search(r"[HF]/[HF]", offer.title) for offer in loaded.values())
    offer = loaded["java-spring-niort"]
    assert str(offer.place) == "Niort (79)"
    assert {skill.name for skill in offer.skills.all()} == {"Java", "Spring Boot", "PostgreSQL", "Kafka"}


# The judgements


def test_judgements_are_many_and_of_every_kind():
    assert len(JUDGEMENTS) >= 100
    assert {
        "accents", "apostrophe", "case", "company", "contract", "empty", "exclusion", "feminine", "level", "ligature",
        "long", "phrase", "plural", "role", "stopwords", "synonym", "technical", "typo",
    } == {judgement.kind for judgement in JUDGEMENTS}  # fmt: skip
    assert [query for query, count in Counter(j.query for j in JUDGEMENTS).items() if count > 1] == []


def test_judgements_grade_offers_of_the_corpus():
    for judgement in JUDGEMENTS:
        assert 0 < len(judgement.query) <= 100, judgement.query
        assert judgement.why, judgement.query
        assert set(judgement.grades) - IDS == set(), judgement.query


def test_only_queries_of_kind_empty_have_no_relevant_offer():
    for judgement in JUDGEMENTS:
        if judgement.kind == "empty":
            assert not judgement.grades, judgement.query
        else:
            assert max(judgement.grades.values()) >= 2, judgement.query


def test_each_offer_has_one_grade_per_query():
    entries = corpus.tomllib.loads((corpus.HERE / "judgements.toml").read_text("utf-8"))["query"]
    for entry in entries:
        graded = [offer for name in corpus.GRADES for offer in entry.get(name, [])]
        assert len(graded) == len(set(graded)), entry["q"]
        assert set(entry) <= {"q", "kind", "why", *corpus.GRADES}, entry["q"]


def test_queries_of_kind_typo_contain_an_unknown_word():
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


def test_common_words_are_listed_once():
    lines = common_words.FILE.read_text("utf-8").splitlines()
    tokens = [token for line in lines if not line.startswith("#") for token in words(line)]
    assert len(tokens) >= 1_000
    assert [token for token, count in Counter(tokens).items() if count > 1] == []


def test_synonym_file_has_at_least_500_lines():
    assert len(synonym_lines()) >= 500


def test_synonym_file_is_read_line_by_line():
    """Every line is a group, with its expressions in the order of the file."""
    groups = [parse_line(line) for _, line in synonym_lines()]
    assert [format_line(group) for group in groups] == [line for _, line in synonym_lines()]


def test_every_synonym_line_is_well_formed():
    for line_number, line in synonym_lines():
        head, arrow, tail = split_line(line)
        assert line.count(">") == bool(arrow), f"line {line_number}: two arrows"
        if arrow:
            assert len(head) == 1, f"line {line_number}: one term before the arrow"
            assert tail, f"line {line_number}: a term after the arrow"
        else:
            assert len(head) >= 2, f"line {line_number}: a set has two terms or more"
        all_terms = head + tail
        keys = Counter(expression(term) for term in all_terms)
        assert () not in keys, f"line {line_number}: an empty term"
        assert max(map(len, keys)) <= MAX_WORDS, f"line {line_number}: a term of too many words"
        assert max(keys.values()) == 1, f"line {line_number}: a term twice"
        assert "'" not in line, f"line {line_number}: a straight apostrophe"
        assert len(line) <= SynonymSet._meta.get_field("shipped_as").max_length, f"line {line_number}: too long"


def test_each_term_is_in_one_equivalence_set_only():
    line_numbers = {}
    for line_number, line_terms in equivalences():
        for term in line_terms:
            key = search_key(term)
            assert key not in line_numbers, f"“{term}” is on lines {line_numbers[key]} and {line_number}"
            line_numbers[key] = line_number


def test_one_way_sets_repeat_no_equivalence():
    set_lines = {search_key(term): line_number for line_number, line_terms in equivalences() for term in line_terms}
    heads = Counter()
    for line_number, line in synonym_lines():
        head, arrow, tail = split_line(line)
        if arrow:
            heads[arrow, search_key(head[0])] += 1
            head_line = set_lines.get(search_key(head[0]))
            for term in tail:
                assert head_line is None or set_lines.get(search_key(term)) != head_line, (
                    f"line {line_number}: “{term}” is equivalent"
                )
    assert [head for head, count in heads.items() if count > 1] == []


def test_narrower_terms_are_not_one_way_ones_too():
    parsed = [split_line(line) for _, line in synonym_lines()]
    one_way = {
        (search_key(head[0]), search_key(term)) for head, arrow, tail in parsed if arrow == "=>" for term in tail
    }
    narrower = {
        (search_key(head[0]), search_key(term)) for head, arrow, tail in parsed if arrow == ">" for term in tail
    }
    assert narrower & one_way == set()
    assert {(wide, term) for wide, term in narrower if (term, wide) in narrower} == set(), "narrower both ways"


def test_every_field_of_it_has_narrower_terms():
    heads = {search_key(head[0]) for head, arrow, _ in map(split_line, dict(synonym_lines()).values()) if arrow == ">"}
    fields = """
    mobile, réseau, sécurité, data, ia, cloud, frontend, backend, infrastructure, base de données, test, erp, support,
    embarqué, gestion de projet, agile, design, bi, mainframe, devops"""
    assert {search_key(name) for name in terms(fields)} - heads == set()


def test_skill_and_aliases_are_not_in_different_synonym_sets():
    """An alias is a synonym of its skill, so both may not be in different sets."""
    set_lines = {search_key(term): line_number for line_number, line_terms in equivalences() for term in line_terms}
    for skill in corpus.skills():
        sets = {
            set_lines[key]
            for name in (skill["name"], *skill.get("aliases", []))
            if (key := search_key(name)) in set_lines
        }
        assert len(sets) <= 1, skill["name"]
