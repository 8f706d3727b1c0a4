"""OU, OR, SAUF and NOT in capitals, as job boards teach them."""

import pytest

from offers.search.parser import parse_text, without_operators
from tests.catalogue.html import visible_text
from tests.factories import make_offer, make_skill

PHP, GO, JAVA = ("php",), ("go",), ("java",)
# By text: words, phrases, excluded expressions, alternatives.
TEXTS = {
    "php OU go": ((), (), (), ((PHP, GO),)),
    "php OR go": ((), (), (), ((PHP, GO),)),
    "php OU go OU java": ((), (), (), ((PHP, GO, JAVA),)),
    "lead php OU go": (("lead",), (), (), ((PHP, GO),)),
    'php OU "product owner"': ((), (), (), ((PHP, ("product", "owner")),)),
    "lead SAUF php": (("lead",), (), (PHP,), ()),
    "lead NOT php": (("lead",), (), (PHP,), ()),
    "lead SAUF php OU go": (("lead",), (), (PHP, GO), ()),
    'lead SAUF "chef de projet"': (("lead",), (), (("chef", "projet"),), ()),
    "php ET go": (("php", "go"), (), (), ()),
    "php AND go": (("php", "go"), (), (), ()),
    "php OU php": (("php",), (), (), ()),
    # Without an expression beside it an operator has no effect.
    "OU php": (("php",), (), (), ()),
    "php OU": (("php",), (), (), ()),
    "php SAUF": (("php",), (), (), ()),
    "OU": ((), (), (), ()),
    "php/go": ((), (), (), ((PHP, GO),)),
    "lead php / go": (("lead", "php", "go"), (), (), ()),
    "lead php/go/java": (("lead",), (), (), ((PHP, GO, JAVA),)),
    "lead -php/go": (("lead",), (), (PHP, GO), ()),
    "lead php, go": (("lead",), (), (), ((PHP, GO),)),
    "php, go, java": ((), (), (), ((PHP, GO, JAVA),)),
    "php,": (("php",), (), (), ()),
    ", php": (("php",), (), (), ()),
    # Compounds, genders, numbers and single letters are no alternatives, nor are several words.
    "ci/cd": (("cicd",), (), (), ()),
    "php h/f": (("php",), (), (), ()),
    "php 24/7": (("php", "24", "7"), (), (), ()),
    "s/4hana": (("4hana",), (), (), ()),
    "lead php, go java": (("lead", "php", "go", "java"), (), (), ()),
    # The version of a product is not required, and longer numbers are.
    "java 17 php": (("java", "php"), (), (), ()),
    "office 365": (("offic", "365"), (), (), ()),
    "php/php": (("php",), (), (), ()),
    "php ou go": ((), (), (), ((PHP, GO),)),
    "lead sauf php": (("lead",), (), (PHP,), ()),
    # The English words are operators in capitals only.
    "php or go": (("php", "or", "go"), (), (), ()),
    '"php OU go"': ((), (("php", "go"),), (), ()),
}


@pytest.mark.parametrize("text", TEXTS)
def test_operators_are_parsed(text):
    query = parse_text(text)
    assert (query.words, query.phrases, query.excluded, query.alternatives) == TEXTS[text]


@pytest.fixture
def offers(db):
    make_offer(title="Développeur Python")
    make_offer(title="Développeur C#")
    make_offer(title="Développeur PHP et Python")
    make_offer(title="Product owner", skills=[make_skill("Jira")])
    make_offer(title="Owner du product")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("python OU c#", {"Développeur Python", "Développeur C#", "Développeur PHP et Python"}),
        ("c# OR jira", {"Développeur C#", "Product owner"}),
        ("développeur SAUF php", {"Développeur Python", "Développeur C#"}),
        ("développeur NOT php", {"Développeur Python", "Développeur C#"}),
        ("développeur python OU c# SAUF php", {"Développeur Python", "Développeur C#"}),
        ('c# OU "product owner"', {"Développeur C#", "Product owner"}),
        ("introuvable OU c#", {"Développeur C#"}),
    ],
)
@pytest.mark.parametrize("sort", ["pertinence", "date"])
def test_operators_select_offers(client, offers, query, expected, sort):
    feed = client.get("/offres/flux.json", {"q": query}).json()
    assert {item["title"].split(" (H/F)")[0] for item in feed["items"]} == expected
    text = visible_text(client.get("/offres/", {"q": query, "tri": sort}))
    assert f"{len(expected)} offre" in text


def test_search_field_names_the_operators(client, offers):
    for path in ("/offres/", "/"):
        text = visible_text(client.get(path))
        assert "OU" in text
        assert "SAUF" in text


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Dev PHP OU Go", "Dev PHP Go"),
        ("Support SAUF week-end", "Support week-end"),
        ("Data engineer - Lyon", "Data engineer - Lyon"),
        ("Dev -junior", "Dev junior"),
        ("COURS DE SOUTIEN", "COURS DE SOUTIEN"),
    ],
)
def test_title_is_no_query_with_operators(title, text):
    assert without_operators(title) == text
