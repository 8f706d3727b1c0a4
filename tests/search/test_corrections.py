"""Corrections of words that match no offer."""

import pytest

from offers.search.query import SearchRequest
from tests.factories import make_offer, make_skill
from tests.search.conftest import as_criteria


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("pyhton", "Python"),
        ("dévelopeur python", "développeur python"),
        ("kubernettis", "Kubernetes"),
        ("devellopeuse", "développeuse"),
        ("administarteur", "administrateur"),
        ("admnistrater", "administrateur"),
    ],
)
def test_typos_are_corrected_when_the_exact_words_have_no_match(index, typed, searched):
    make_offer(title="Développeuse Python")
    make_offer(title="Administrateur", skills=[make_skill("Kubernetes"), make_skill("Python")])
    results = index.search(typed)
    assert results.total == (2 if typed == "pyhton" else 1)
    assert results.instead
    assert results.searched.lower() in {searched.lower(), searched.lower().replace("développeur", "développeuse")}
    assert index.search(typed, exact=True).total == 0


CORRECTIONS = {
    "c++/pyhton": "c++/Python",
    "pyhton/c++": "Python/c++",
    "c++, pyhton": "c++, Python",
    "full-stak": "full-stack",
    "full stak": "full stack",
    "Ful-Stack": "full-Stack",
    "développeur full-stak": "développeur full-stack",
    "java javva": "java Java",
    "pyhtonique pyhton": None,
    "d’administarteur": "d’administrateur",
    "présentiel pyhton": "présentiel Python",
}


@pytest.mark.parametrize("typed", CORRECTIONS)
def test_correction_replaces_the_wrong_piece_only(index, typed):
    make_offer(title="Développeuse Python et Java, fullstack")
    make_offer(title="Administrateur C++", skills=[make_skill("Java"), make_skill("Python")])
    assert SearchRequest(index.searcher, as_criteria(typed), index.thesaurus).text.corrected == CORRECTIONS[typed]


def test_unknown_alternative_is_corrected_although_another_one_matches(index):
    make_offer(title="C++")
    make_offer(title="Python")
    results = index.search("c++/pyhton")
    assert (results.total, results.instead, results.searched) == (2, True, "c++/python")
    assert index.search("c++/pyhton", exact=True).total == 1
    assert not index.search("c++/python").instead
    # Neither has a correction.
    assert not index.search("c++/zzzzzzzzzz").instead


@pytest.mark.parametrize("typed", ["présentiel", "Présentielle", "distanciel", "bilingue", "comptable", "teacher"])
def test_common_word_is_never_corrected(index, typed):
    # Each word is one or two edits away.
    make_offer(title="Présentier distanciez bilangue comptabla teachar")
    results = index.search(typed)
    assert (results.total, results.instead) == (0, False)


@pytest.mark.parametrize("typed", ["jva", "rubi", "k9s", "java17x", "pxthxn", "zzzzzzzzzz", "pyth"])
def test_short_words_words_with_digits_and_distant_words_are_not_corrected(index, typed):
    for title in ("Java", "Ruby", "k8s", "Python"):
        make_offer(title=title)
    assert index.search(typed).total == 0
    assert not index.search(typed).instead


def test_word_of_an_offer_is_never_corrected(index):
    make_offer(title="Pyton")
    make_offer(title="Python")
    assert index.titles("pyton") == ["Pyton"]
