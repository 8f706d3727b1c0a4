"""Everyday names of parts of France, and abbreviations of towns."""

import pytest

from offers.places.areas import area_label
from offers.places.lookup import parse_area, suggest_areas

pytestmark = pytest.mark.usefixtures("france")


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Est", "Est de la France\u00a0: Grand Est et Bourgogne-Franche-Comté."),
        ("Sud", "Sud de la France\u00a0: Occitanie et Provence-Alpes-Côte d’Azur."),
        ("nord est", "Nord-Est de la France\u00a0: Hauts-de-France et Grand Est."),
        ("Sud-Ouest", "Sud-Ouest de la France\u00a0: Nouvelle-Aquitaine et Occitanie."),
        ("grand ouest", "Grand Ouest\u00a0: Bretagne, Pays de la Loire et Normandie."),
        ("Ouest", "Grand Ouest\u00a0: Bretagne, Pays de la Loire et Normandie."),
        ("côte d'azur", "Côte d’Azur\u00a0: Alpes-Maritimes (06) et Var (83)."),
        ("région parisienne", "Lieu compris\u00a0: Île-de-France."),
        ("20", "Lieu compris\u00a0: Corse."),
    ],
)
def test_part_of_france_says_what_it_contains(text, note):
    assert parse_area(text).note == note
    assert area_label(suggest_areas(text, 8)[0]) == area_label(parse_area(text).area)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Région lyonnaise", "Grand Lyon"),
        ("région nantaise", "Nantes Métropole"),
        ("region toulousaine", "Toulouse Métropole"),
        ("agglo bordelaise", "Bordeaux Métropole"),
        ("banlieue lilloise", "Métropole européenne de Lille"),
        ("Région Sud", "Provence-Alpes-Côte d’Azur"),
        ("Nord", "Nord, département (59)"),
        ("Toulouse Sud", "Toulouse (31)"),
        ("Paris Est", "Paris (75)"),
        ("97", "Outre-mer"),
        ("20 - Ajaccio", "Ajaccio (2A)"),
        ("Bastia (20)", "Bastia (2B)"),
        ("Paris 20", "Paris (75)"),
    ],
)
def test_everyday_name_is_read(text, label):
    assert area_label(parse_area(text).area) == label


def test_beginning_is_not_completed_to_abbreviations_and_names_of_all_agglomerations():
    for text in ("met", "rég", "agglo", "villen", "td", "cl"):
        labels = [area_label(area) for area in suggest_areas(text, 8)]
        assert len(labels) == len(set(labels))
        assert not {"Grand Lyon", "Aix-Marseille-Provence", "Bordeaux Métropole"} <= set(labels)
    assert "Grand Lyon" in [area_label(area) for area in suggest_areas("région lyon", 8)]


@pytest.mark.parametrize(
    ("texts", "label"),
    [
        ("clermont fd, clermont-fd, clt fd, clermont fer", "Clermont-Ferrand (63)"),
        ("st etienne, St-Étienne, saint etienne", "Saint-Étienne (42)"),
        ("st-denis, st denis", "Saint-Denis (974)"),
        ("aix en pce, aix-en-pce, aix", "Aix-en-Provence (13)"),
        ("chalons/marne", "Châlons-en-Champagne (51)"),
        ("chalon/saone, chalon s/s", "Chalon-sur-Saône (71)"),
        ("villefranche s/s, villefranche s/saone", "Villefranche-sur-Saône (69)"),
        ("bdx, BDX", "Bordeaux (33)"),
        ("tlse, tls", "Toulouse (31)"),
        ("mtp, mpl, montpel", "Montpellier (34)"),
        ("mrs, marseil", "Marseille (13)"),
        ("lyn", "Lyon (69)"),
        ("stras, strasb", "Strasbourg (67)"),
        ("nts", "Nantes (44)"),
        ("grenobl, grenob", "Grenoble (38)"),
        ("boulogne bill", "Boulogne-Billancourt (92)"),
        ("st germain en l", "Saint-Germain-en-Laye (78)"),
        ("fontenay s/bois, fontenay ss bois", "Fontenay-sous-Bois (94)"),
    ],
)
def test_abbreviation_is_read(texts, label):
    for text in [text for text in texts.split(", ") if text]:
        assert area_label(parse_area(text).area) == label, text
        assert area_label(suggest_areas(text, 8)[0]) == label, text
