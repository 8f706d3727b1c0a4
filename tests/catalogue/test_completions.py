"""Conditions in the suggestions of the search box."""

import pytest

from offers.catalogue.completions import complete
from offers.understanding.reading import understand
from tests.places.conftest import france, gazetteer_of_france

__all__ = ["france", "gazetteer_of_france"]

pytestmark = pytest.mark.usefixtures("db", "france")


@pytest.mark.parametrize(
    ("text", "value", "detail"),
    [
        ("bret", "Bretagne", "région"),
        ("react par", "react Paris (75)", "Paris, 2\u202f103\u202f778\u00a0habitants"),
        ("php alsa", "php Alsace", "ancienne région, Bas-Rhin (67) et Haut-Rhin (68)"),
        ("php remo", "php remote", "Télétravail"),
        ("télét", "télétravail", "Télétravail"),
        ("java freel", "java freelance", "Freelance"),
        ("java alter", "java alternance", "Alternance"),
        ("java jun", "java junior", "Débutant ou Junior"),
        ("php présen", "php présentiel", "Sur site"),
    ],
)
def test_last_word_is_completed(text, value, detail):
    assert (value, detail) in [(each.value, each.detail) for each in complete(text)]


@pytest.mark.parametrize(
    ("word", "parameter"),
    [
        ("remo", "teletravail"),
        ("freel", "contrat"),
        ("senio", "experience"),
        ("hybri", "teletravail"),
        ("paris", "ou"),
        ("bret", "ou"),
        ("35", "ou"),
        ("client", "employeur"),
        ("mayenn", "ou"),
    ],
)
def test_completions_are_understood(word, parameter):
    completions = complete(f"php {word}")
    assert completions
    for completion in completions:
        assert {each.parameter for each in understand(completion.value).conditions} == {parameter}, completion


@pytest.mark.parametrize("text", ["php -sta", "php SAUF stag", "php NOT remo", 'php "sta'])
def test_words_that_are_excluded_or_quoted_are_not_completed(text):
    assert complete(text) == []


@pytest.mark.parametrize("text", ["", "p", "php ", "php x", "zzzzzzzz", "php " * 24 + "freel", "php remou", '"'])
def test_other_texts_have_none(text):
    assert complete(text) == []


def test_endpoint_has_them_after_the_other_suggestions(client):
    results = client.get("/offres/suggestions/", {"q": "php bret"}).json()["results"]
    assert results[-1] == {"value": "php Bretagne", "label": "Bretagne", "detail": "région", "group": "Conditions"}
