"""Texts that name two places: near each other, the first is read; otherwise the page asks which one."""

import pytest

from offers.places.areas import area_label
from offers.places.lookup import ForeignArea, SeveralAreas, UnknownArea, find_area, parse_area, suggest_areas

pytestmark = pytest.mark.usefixtures("france")


def labels(areas) -> list[str]:
    return [area_label(area) for area in areas]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Lyon, Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("Lyon/Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("Lyon - Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("Lyon ; Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("Lyon | Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("Lyon + Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("Lyon & Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("Lyon-Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("Lyon Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("Lyon et/ou Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("Paris et Lyon", ["Paris (75)", "Lyon (69)"]),
        ("Lyon et Villeurbanne", ["Lyon (69)", "Villeurbanne (69)"]),
        ("Rennes ou Nantes", ["Rennes (35)", "Nantes (44)"]),
        ("Paris, Lyon et Marseille", ["Paris (75)", "Lyon (69)", "Marseille (13)"]),
        ("Paris, Lyon, et Marseille", ["Paris (75)", "Lyon (69)", "Marseille (13)"]),
        ("Lyon (69), Grenoble (38)", ["Lyon (69)", "Grenoble (38)"]),
        ("Lyon 69 / Grenoble 38", ["Lyon (69)", "Grenoble (38)"]),
        ("69 - Lyon, 38 - Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("69003 Lyon, 38000 Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("69003 ou 38000", ["Lyon (69)", "Grenoble (38)"]),
        ("69003 Lyon, Grenoble", ["Lyon (69)", "Grenoble (38)"]),
        ("69, 38", ["Rhône, département (69)", "Isère, département (38)"]),
        ("Bretagne, Normandie", ["Bretagne", "Normandie"]),
        ("Bretagne et Normandie", ["Bretagne", "Normandie"]),
        ("Lyon, Bretagne", ["Lyon (69)", "Bretagne"]),
        ("Paris et Ille-et-Vilaine", ["Paris (75)", "Ille-et-Vilaine, département (35)"]),
        ("Clermont / Lyon", ["Clermont-Ferrand (63)", "Lyon (69)"]),
        ("Nantes, La Défense", ["Nantes (44)", "La Défense"]),
        ("Nogent et Bretagne", ["Nogent-sur-Marne (94)", "Bretagne"]),
        ("Paris, Hauts-de-Seine", ["Paris (75)", "Hauts-de-Seine, département (92)"]),
        ("75, 92", ["Paris (75)", "Hauts-de-Seine, département (92)"]),
        ("69 38", ["Rhône, département (69)", "Isère, département (38)"]),
        ("Île-de-France et Aude", ["Île-de-France", "Aude, département (11)"]),
        ("Saint-Denis et Paris", ["Saint-Denis (93)", "Paris (75)"]),
        ("Nantes, Rennes, Brest, Quimper, Vannes, Lorient, Angers, Le Mans, Laval",
         ["Nantes (44)", "Rennes (35)", "Brest (29)", "Angers (49)", "Le Mans (72)", "Laval (53)"]),
    ],
)  # fmt: skip
def test_places_far_from_each_other_are_a_question(text, names):
    with pytest.raises(SeveralAreas) as error:
        parse_area(text)
    assert labels(error.value.suggestions) == names
    assert find_area(text) is None
    if "-G" not in text and text != "Lyon Grenoble":
        assert labels(suggest_areas(text, 8))[: len(names)] == names


@pytest.mark.parametrize(
    ("text", "label", "others"),
    [
        ("Villeurbanne, Lyon", "Villeurbanne (69)", []),
        ("Lyon, Villeurbanne", "Lyon (69)", ["Villeurbanne (69)"]),
        ("Lille / Roubaix", "Lille (59)", ["Roubaix (59)"]),
        ("Massy / Palaiseau", "Massy-Palaiseau", []),
        ("Cergy, Paris", "Cergy (95)", []),
        ("Saint-Denis, Paris", "Saint-Denis (93)", []),
        ("Saint-Denis - Paris", "Saint-Denis (93)", []),
        ("Saint-Denis, Val-d’Oise", "Saint-Denis (93)", []),
        ("Saint-Ouen, Paris", "Saint-Ouen-sur-Seine (93)", []),
        ("Valence, Ardèche", "Valence (26)", []),
        ("Saint-Denis, Île-de-France", "Saint-Denis (93)", []),
        ("Nanterre, La Défense", "Nanterre (92)", []),
        ("La Défense, Nanterre", "Nanterre (92)", []),
        ("Sophia Antipolis, Nice", "Sophia Antipolis", ["Nice (06)"]),
        ("Nice, Sophia Antipolis", "Nice (06)", ["Sophia Antipolis"]),
        ("Rhône-Alpes, Rhône", "Rhône, département (69)", []),
        ("Lyon, Villeurbanne, Bron", "Lyon (69)", ["Villeurbanne (69)", "Bron (69)"]),
        ("Lyon, Part-Dieu", "Lyon (69)", []),
        ("Lyon, Centre", "Lyon (69)", []),
        ("Marseille - Nord", "Marseille (13)", []),
        ("zone du Parc, Villeurbanne", "Villeurbanne (69)", []),
        ("rue de Bretagne, Paris", "Paris (75)", []),
        ("Lyon ou Lyon", "Lyon (69)", []),
        ("Bretagne et Rennes", "Bretagne", ["Rennes (35)"]),
        ("Paris et Île-de-France", "Île-de-France", []),
        ("Meurthe et Moselle", "Meurthe-et-Moselle, département (54)", []),
        ("Lyon et environs", "Lyon (69)", []),
        ("Nogent (94) et environs", "Nogent-sur-Marne (94)", []),
        ("69001 ou 69006", "Lyon (69)", []),
        ("75001 Paris, 92100 Boulogne", "Paris (75)", ["Boulogne-Billancourt (92)"]),
        ("chalon/saone", "Chalon-sur-Saône (71)", []),
        ("villefranche/saone", "Villefranche-sur-Saône (69)", []),
        ("aulnay s/bois", "Aulnay-sous-Bois (93)", []),
        ("fontenay ss bois", "Fontenay-sous-Bois (94)", []),
        ("Château-Chinon (Ville)", "Château-Chinon (Ville) (58)", []),
    ],
)  # fmt: skip
def test_places_near_each_other_are_read_as_the_first(text, label, others):
    match = parse_area(text)
    assert area_label(match.area) == label
    assert labels(match.alternatives)[: len(others) or None] == others
    if others and label.endswith(")"):
        assert match.note == f"Lieu compris\u00a0: {label}."


def test_ambiguous_name_has_a_note_with_its_alternatives():
    assert parse_area("Saint-Denis").note == "Lieu compris\u00a0: Saint-Denis (974)."
    assert parse_area("Vienne").note == "Lieu compris\u00a0: Vienne (38)."
    for text in ("Saint-Denis", "Vienne", "Nogent", "Loire", "Doubs"):
        match = parse_area(text)
        assert match.alternatives
        assert match.note


@pytest.mark.parametrize(
    ("text", "suggestions"),
    [
        ("Bruxelles", []),
        ("bruxelles, Belgique", []),
        ("1000 Bruxelles", []),
        ("10115 Berlin", []),
        ("Valence, Espagne", ["Valence (26)"]),
        ("Genève", []),
        ("geneve", []),
        ("Genève (Suisse)", []),
        ("Luxembourg", []),
        ("Luxembourg-Ville", []),
        ("Londres", []),
        ("London, UK", []),
        ("Belgique", []),
        ("Suisse", ["Suisse (57)"]),
        ("Monaco", []),
        ("Lyon, Genève", ["Lyon (69)"]),
        ("Lille ou Bruxelles", ["Lille (59)"]),
        ("Europe", []),
        ("à l’étranger", []),
    ],
)
def test_place_abroad_is_named_as_such(text, suggestions):
    with pytest.raises(ForeignArea) as error:
        parse_area(text)
    assert labels(error.value.suggestions) == suggestions
    assert find_area(text) is None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Suisse (57)", "Suisse (57)"),
        ("Vienne", "Vienne (38)"),
        ("Valence", "Valence (26)"),
        ("Grenade", "Grenade (31)"),
        ("rue de Londres, Paris", "Paris (75)"),
        ("12 rue de Bruxelles, 75009 Paris", "Paris (75)"),
    ],
)
def test_place_of_france_is_not_taken_for_one_abroad(text, label):
    assert area_label(parse_area(text).area) == label


@pytest.mark.parametrize("text", ["Paris ou télétravail", "Strasbourg ou Xyz", "Xyz et Strasbourg"])
def test_list_with_an_unknown_name_is_not_read_as_the_other_one(text):
    with pytest.raises(UnknownArea) as error:
        parse_area(text)
    assert len(error.value.suggestions) == 1


@pytest.mark.parametrize(("text", "town"), [("690", "Lyon (69)"), ("6900", "Lyon (69)"), ("3800", "Grenoble (38)")])
def test_incomplete_postal_code_has_the_suggestions_of_the_field(text, town):
    with pytest.raises(UnknownArea) as error:
        parse_area(text)
    assert labels(error.value.suggestions)[0] == town == labels(suggest_areas(text, 8))[0]
