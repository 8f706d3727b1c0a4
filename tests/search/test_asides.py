"""Mentions in passing: they match last, and not at all where enough others match."""

import pytest
from django.utils import timezone

from offers.search import facets
from offers.search.analysis import words
from offers.search.asides import asides, split_asides
from offers.search.query import SearchRequest
from offers.search.synonyms import SynonymGroup
from offers.search.text_query import ENOUGH
from tests.factories import make_offer, make_skill
from tests.search.conftest import as_criteria

ASIDES = [
    "L’équipe voisine travaille en Perl.",
    "L’équipe d’à côté code en Perl",
    "Les équipes voisines, elles, développent en Perl.",
    "Une autre équipe maintient un vieux code en Perl.",
    "D’autres services utilisent Perl.",
    "Vos collègues écrivent encore du Perl.",
    "Nos clients utilisent parfois Perl.",
    "Nos partenaires restent en Perl.",
    "Notre filiale sœur emploie Perl",
    "Nous n’utilisons plus Perl.",
    "Nous n’utilisons pas Perl, mais Python.",
    "Nous ne faisons pas de Perl.",
    "Nous ne développons plus en Perl.",
    "Pas besoin de Perl.",
    "Aucune connaissance de Perl n’est attendue.",
    "Another team works in Perl.",
    "The neighbouring team uses Perl.",
    "Our customers still run Perl.",
    "No need for Perl.",
    "No prior experience in Perl is needed.",
]
REQUESTS = [
    "Vous développez en Perl.",
    "Vous travaillez en Perl avec l’équipe voisine.",
    "L’équipe voisine travaille en Java, et vous en Perl.",
    "Vos collègues sont en Java mais vous codez en Perl.",
    "Avec les autres équipes, vous choisissez les outils : Perl, Docker.",
    "Nos clients sont des banques. Maîtrise de Perl.",
    "Vous formez nos clients à Perl.",
    "Nous n’utilisons pas Java, mais Perl.",
    "Une expérience de Perl est nécessaire.",
    "Experience in Perl required.",
    "Vous remplacez Perl par Python.",
    "Vous vous sentez chez vous entre deux mondes. Perl n’a pas de secret pour vous.",
]


@pytest.mark.parametrize("text", ASIDES)
def test_clause_about_others_is_an_aside(text):
    _, clauses = split_asides(text, set(words(text)))
    assert "_perl" in asides(clauses, [])


@pytest.mark.parametrize("text", REQUESTS)
def test_request_is_no_aside(text):
    own, clauses = split_asides(text, set(words(text)))
    assert "_perl" not in asides(clauses, [])
    assert "Perl" in own


def test_word_that_is_asked_too_is_no_aside():
    text = "Vous maîtrisez Perl. L’équipe voisine travaille en Perl et en Ruby."
    own, clauses = split_asides(text, set(words(text)))
    assert asides(clauses, words(own)) == ["_ruby", "_voisin"]


@pytest.fixture
def offers(db):
    perl = make_skill("Perl")
    make_offer(title="En passant", description="L’équipe voisine travaille en Perl.")
    make_offer(title="Texte", description="Vous écrivez des scripts en Perl. " + "Autre chose. " * 150)
    make_offer(title="Développeur", skills=[perl], description="Une autre équipe utilise Perl.")
    make_offer(title="Développeur Perl")


def test_mention_in_passing_comes_last(index, offers):
    index.sets = [SynonymGroup(("perl", "camel"))]
    assert index.titles("perl") == ["Développeur Perl", "Développeur", "Texte", "En passant"]
    assert index.titles("camel")[-1] == "En passant"
    assert index.titles('"perl"')[-1] == "En passant"


@pytest.mark.parametrize("q", ["perl", "camel", '"perl"', "perl/cobol", "développeur perl", "perl -java", "camel perl"])
def test_mention_in_passing_is_left_out_where_there_are_enough_others(index, offers, q):
    index.sets = [SynonymGroup(("perl", "camel"))]
    for number in range(ENOUGH - 3):
        make_offer(title="Développeur Perl", fully_remote=number % 2 == 0)
    criteria = as_criteria(q)
    request = SearchRequest(index.searcher, criteria, index.thesaurus)
    results = index.search(q, limit=50)
    titles = index.titles(q, limit=50)
    assert len(titles) == results.total == request.count()
    assert "En passant" not in titles
    pages = [*index.search(q, limit=10).ids, *index.search(q, offset=10, limit=30).ids]
    assert pages == list(results.ids)
    for given in (results, None):
        counts = facets.count(index.searcher, criteria, now=timezone.now(), thesaurus=index.thesaurus, results=given)
        assert sum(counts["contract"].values()) == results.total
    # Also with fewer results by other criteria: each count of a facet is that of the search with its value.
    remote = index.search(q, remote=["100"], limit=50)
    assert (
        remote.total
        == facets.count(index.searcher, criteria, now=timezone.now(), thesaurus=index.thesaurus, results=results)[
            "remote"
        ]["100"]
    )


def test_mention_in_passing_is_shown_with_one_offer_less(index, offers):
    for _ in range(ENOUGH - 4):
        make_offer(title="Développeur Perl")
    assert index.titles("perl", limit=50)[-1] == "En passant"
    assert index.search("perl").total == ENOUGH
