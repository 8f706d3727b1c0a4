"""Communes, departments and regions by the text that users type, and suggestions while they type."""

import pytest

from offers.places.lookup import UnknownArea, parse_area
from offers.places.models import place_key
from offers.places.territories import Department, Region
from tests.factories import GRENOBLE, PARIS, VILLEURBANNE, make_place


@pytest.fixture
def places(db):
    make_place()
    make_place(**PARIS)
    make_place(**VILLEURBANNE)
    make_place(**GRENOBLE)
    rows = [
        ("42218", "Saint-Étienne", "42", "84", 173_000, "42000"),
        ("93066", "Saint-Denis", "93", "11", 113_000, "93200"),
        ("97411", "Saint-Denis", "974", "04", 153_000, "97400"),
        ("38544", "Vienne", "38", "84", 31_000, "38200"),
        ("25204", "Doubs", "25", "27", 3_335, "25300"),
        ("76351", "Le Havre", "76", "28", 165_000, "76600"),
        ("94038", "L’Haÿ-les-Roses", "94", "11", 31_000, "94240"),
        ("69200", "Saint-Fons", "69", "84", 19_000, "69190"),
    ]
    for insee_code, name, department, region, population, code in rows:
        make_place(
            insee_code=insee_code,
            name=name,
            department=department,
            region=region,
            population=population,
            postal_codes=[code],
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lyon", "Lyon (69)"),
        ("  lyon ", "Lyon (69)"),
        ("Lyon (69)", "Lyon (69)"),
        ("LYON 3e", "Lyon (69)"),
        ("Paris 11", "Paris (75)"),
        ("Paris 1er arrondissement", "Paris (75)"),
        ("69001", "Lyon (69)"),
        ("69 001", "Lyon (69)"),
        ("75011 Paris", "Paris (75)"),
        ("Grenoble cedex 9", "Grenoble (38)"),
        ("st etienne", "Saint-Étienne (42)"),
        ("St-Étienne", "Saint-Étienne (42)"),
        ("l'hay les roses", "L’Haÿ-les-Roses (94)"),
        ("Saint-Denis", "Saint-Denis (974)"),
        ("Saint-Denis (93)", "Saint-Denis (93)"),
        ("Vienne", "Vienne (38)"),
        ("Rhône", Department.RHONE),
        ("69", Department.RHONE),
        ("2a", Department.CORSE_DU_SUD),
        ("Doubs", Department.DOUBS),
        ("bretagne", Region.BRETAGNE),
        ("ile de france", Region.ILE_DE_FRANCE),
        ("IDF", Region.ILE_DE_FRANCE),
        ("La Réunion", Region.LA_REUNION),
        ("Paris", "Paris (75)"),
    ],
)
def test_parse_area_resolves_names_postal_codes_and_aliases(places, text, expected):
    area = parse_area(text).area
    assert (area if isinstance(expected, Department | Region) else str(area)) == expected


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("Saint-Denis", ["Saint-Denis (93)"]),
        ("Vienne", ["Vienne"]),
        ("Doubs", ["Doubs (25)"]),
        ("Paris", []),
        ("Lyon", []),
    ],
)
def test_ambiguous_name_has_alternatives(places, text, alternatives):
    assert [str(getattr(area, "label", area)) for area in parse_area(text).alternatives] == alternatives


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("lyonn", "Lyon (69)"),
        ("Greonble", "Grenoble (38)"),
        ("saint etiene", "Saint-Étienne (42)"),
        ("bretange", "Bretagne"),
        ("69199", "Saint-Fons (69)"),
    ],
)
def test_misspelled_name_has_suggestions(places, text, suggestion):
    with pytest.raises(UnknownArea) as error:
        parse_area(text)
    assert suggestion in [str(getattr(area, "label", area)) for area in error.value.suggestions]


@pytest.mark.parametrize("text", ["(", "()", "%", "x" * 100, "٦٩٠٠١", "☃", "99999", "' OR 1=1", "a (99)", "\u202e"])
def test_malformed_text_raises_unknown_area(places, text):
    with pytest.raises(UnknownArea):
        parse_area(text)


def test_parse_area_takes_no_query_with_a_cached_gazetteer(places, django_assert_num_queries):
    with django_assert_num_queries(2):
        parse_area("Saint-Denis")
    with django_assert_num_queries(0):
        parse_area("69001")


# Suggestions


def suggest(client, text) -> list[str]:
    return [result["value"] for result in client.get("/offres/communes/", {"q": text}).json()["results"]]


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("ly", ["Lyon (69)", "Grand Lyon"]),
        ("LYÔ", ["Lyon (69)", "Grand Lyon"]),
        ("st", ["Saint-Étienne (42)", "Saint-Denis (974)", "Saint-Denis (93)", "Saint-Fons (69)"]),
        ("saint-d", ["Saint-Denis (974)", "Saint-Denis (93)"]),
        ("havre", ["Le Havre (76)"]),
        ("hay", ["L’Haÿ-les-Roses (94)"]),
        ("690", ["Lyon (69)"]),
        ("38", ["Isère", "Grenoble (38)", "Vienne (38)"]),
        ("breta", ["Bretagne"]),
        ("vienn", ["Vienne (38)", "Vienne"]),
        ("", []),
        ("l", []),
        ("%", []),
        ("zzz", []),
    ],
)
def test_suggestions_match_beginnings_of_words_and_postal_codes(places, client, text, suggested):
    assert suggest(client, text) == suggested


def test_suggestions_are_limited_and_cacheable(places, client, django_assert_num_queries):
    for index in range(20):
        make_place(insee_code=f"010{index:02}", name=f"Saint-Exemple-{index}", postal_codes=[])
    # The only query reads the state of the page cache.
    for _ in range(2):
        with django_assert_num_queries(1):
            response = client.get("/offres/communes/?q=saint")
    assert len(response.json()["results"]) == 8
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert "Cookie" not in response.headers.get("Vary", "")
    assert set(response.json()["results"][0]) == {"value", "label", "detail"}


def test_every_suggestion_is_resolved_by_parse_area(places, client):
    for text in ("ly", "st", "38", "breta", "rho"):
        for value in suggest(client, text):
            assert parse_area(value)


def test_place_key_expands_abbreviations_and_removes_accents():
    assert place_key("Ste-Foy-lès-Lyon") == "sainte foy les lyon"
