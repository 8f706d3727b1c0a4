"""What people type into the location field, read over all communes of France.

The inputs of each class come from job boards, address books and the spoken language. `area_label` is what pages show.
"""

import pytest

from offers.places.areas import LocationKeyword, area_label, area_name, read_areas
from offers.places.location_text import LocationText, readings
from offers.places.lookup import UnknownArea, find_area, parse_area, suggest_areas
from offers.places.models import Place
from offers.places.territories import Department, Region

pytestmark = pytest.mark.usefixtures("france")

# By class, the text and the label of the area that it names.
READINGS = {
    "a beginning names the town that the suggestions put first": """
        Aulnay = Aulnay-sous-Bois (93)
        Saint-Ouen = Saint-Ouen-sur-Seine (93)
        Nogent = Nogent-sur-Marne (94)
        Saint-Maur = Saint-Maur-des-Fossés (94)
        Fontenay = Fontenay-sous-Bois (94)
        Montigny = Montigny-le-Bretonneux (78)
        Romans = Romans-sur-Isère (26)
        Clermont = Clermont-Ferrand (63)
        Saint-Germain = Saint-Germain-en-Laye (78)
        Vaulx = Vaulx-en-Velin (69)
        Cherbourg = Cherbourg-en-Cotentin (50)
        Évry = Évry-Courcouronnes (91)
        evry = Évry-Courcouronnes (91)
        Havre = Le Havre (76)
        Boulogne = Boulogne-Billancourt (92)
        Vélizy = Vélizy-Villacoublay (78)
        Levallois = Levallois-Perret (92)
        Issy = Issy-les-Moulineaux (92)
        Champigny = Champigny-sur-Marne (94)
        Asnières = Asnières-sur-Seine (92)
        Rochelle = La Rochelle (17)
        Neuilly = Neuilly-sur-Seine (92)
        cherb = Cherbourg-en-Cotentin (50)
        Marseil = Marseille (13)
        Villeneuve = Villeneuve-d’Ascq (59)
        breta = Bretagne
    """,
    "an exact name is not taken for a town that is hardly larger": """
        Lyon = Lyon (69)
        Paris = Paris (75)
        Rochefort = Rochefort (17)
        Valence = Valence (26)
        Bagneux = Bagneux (92)
        Brie = Brie (16)
        Fontaine = Fontaine (38)
        Saint-Denis = Saint-Denis (974)
    """,
    "a former commune is in the commune that it has joined": """
        Lomme = Lille (59)
        Hellemmes = Lille (59)
        Annecy-le-Vieux = Annecy (74)
        Seynod = Annecy (74)
        Cran-Gevrier = Annecy (74)
        Pierrefitte-sur-Seine = Saint-Denis (93)
        Cherbourg-Octeville = Cherbourg-en-Cotentin (50)
        Tourlaville = Cherbourg-en-Cotentin (50)
        Le Chesnay = Le Chesnay-Rocquencourt (78)
        Saint-Pol-sur-Mer = Dunkerque (59)
        lomme (59) = Lille (59)
        Olonne-sur-Mer = Les Sables-d’Olonne (85)
        Pringy = Pringy (77)
    """,
    "small communes": """
        His = His (31)
        His (31) = His (31)
        Ornes = Ornes (55)
        Y = Y (80)
        Rochefourchat = Rochefourchat (26)
    """,
    "addresses and the formats of other sites": """
        Lyon, France = Lyon (69)
        Lyon France = Lyon (69)
        Lyon, Auvergne-Rhône-Alpes, France = Lyon (69)
        Lyon, Rhône-Alpes = Lyon (69)
        69 Lyon = Lyon (69)
        69 - Lyon = Lyon (69)
        69 - LYON 03 = Lyon (69)
        Lyon - 69 = Lyon (69)
        Lyon 69 = Lyon (69)
        Lyon (Rhône) = Lyon (69)
        Lyon Rhône = Lyon (69)
        Villepinte 11 = Villepinte (11)
        Villepinte = Villepinte (93)
        saint denis 93 = Saint-Denis (93)
        Saint-Denis, La Réunion = Saint-Denis (974)
        Vienne, Isère = Vienne (38)
        Nantes, Pays de la Loire, France = Nantes (44)
        Paris, Île-de-France, France = Paris (75)
        Île-de-France, Paris = Paris (75)
        69003 Lyon = Lyon (69)
        F-69003 Lyon = Lyon (69)
        FR 69003 LYON = Lyon (69)
        12 rue Haute, 69003 Lyon, France = Lyon (69)
        69428 Lyon cedex 03 = Lyon (69)
        75000 Paris = Paris (75)
        75000 = Paris (75)
        20000 Ajaccio = Ajaccio (2A)
        Bastia (2B) = Bastia (2B)
        Boulogne-Billancourt (Hauts-de-Seine) = Boulogne-Billancourt (92)
        Nogent 94 = Nogent-sur-Marne (94)
        Nogent (52) = Nogent (52)
        Nogent, Île-de-France = Nogent-sur-Marne (94)
        Doubs (25) = Doubs (25)
        Ville de Lyon = Lyon (69)
        Lyon et environs = Lyon (69)
        Paris, La Défense = La Défense
        Paris La Défense = La Défense
        Villeurbanne, Lyon = Villeurbanne (69)
        St Malo = Saint-Malo (35)
        Chalon s/Saône = Chalon-sur-Saône (71)
    """,
    "arrondissements": """
        15e arrondissement de Paris = Paris (75)
        Paris XV = Paris (75)
        Paris XVe = Paris (75)
        PARIS 15EME = Paris (75)
        Paris 1er arrondissement = Paris (75)
        75 - Paris 08 = Paris (75)
        Lyon 3ème arrondissement = Lyon (69)
        3e arr. Lyon = Lyon (69)
        Marseille 13 = Marseille (13)
        Marseille XVI = Marseille (13)
        Paris (15) = Paris (75)
        Paris, 15e arrondissement = Paris (75)
    """,
    "departments and regions": """
        69 = Rhône, département (69)
        75 = Paris (75)
        2a = Corse-du-Sud, département (2A)
        le 93 = Seine-Saint-Denis, département (93)
        département du Rhône = Rhône, département (69)
        Loire = Loire, département (42)
        Loire, département (42) = Loire, département (42)
        Doubs, département (25) = Doubs, département (25)
        Vienne, département = Vienne, département (86)
        Vienne = Vienne (38)
        Val-de-Marne (94) = Val-de-Marne, département (94)
        Région Bretagne = Bretagne
        Région Grand Est = Grand Est
        Nouvelle-Aquitaine = Nouvelle-Aquitaine
        idf = Île-de-France
        I.D.F. = Île-de-France
        région parisienne = Île-de-France
        PACA = Provence-Alpes-Côte d’Azur
    """,
    "former regions and parts of France": """
        Alsace = Alsace
        Nord-Pas-de-Calais = Nord-Pas-de-Calais
        Nord Pas de Calais = Nord-Pas-de-Calais
        Picardie = Picardie
        Languedoc Roussillon = Languedoc-Roussillon
        petite couronne = Petite couronne
        Grande Couronne = Grande couronne
        DOM-TOM = Outre-mer
        Paris et petite couronne = Paris et petite couronne
    """,
    "all of France, and no place": """
        France = Toute la France
        France entière = Toute la France
        partout en France = Toute la France
        télétravail = 100\u00a0% télétravail
        Full remote = 100\u00a0% télétravail
        100 % télétravail, France = 100\u00a0% télétravail
    """,
    "business districts, technology parks, agglomerations": """
        La Défense = La Défense
        Sophia Antipolis = Sophia Antipolis
        Technopole de Sophia Antipolis = Sophia Antipolis
        Paris-Saclay = Paris-Saclay
        plateau de Saclay = Paris-Saclay
        Saclay = Saclay (91)
        Marne-la-Vallée = Marne-la-Vallée
        Saint-Quentin-en-Yvelines = Saint-Quentin-en-Yvelines
        SQY = Saint-Quentin-en-Yvelines
        Cergy-Pontoise = Cergy-Pontoise
        Cergy = Cergy (95)
        Roissy = Roissy-Charles-de-Gaulle
        Roissy-en-Brie = Roissy-en-Brie (77)
        Juan-les-Pins = Antibes (06)
        Inovallée = Inovallée
        Grand Paris = Grand Paris
        Métropole de Lyon = Grand Lyon
        Gare de Lyon = Paris (75)
    """,
}
CASES = [
    pytest.param(*line.strip().split(" = "), id=line.strip())
    for lines in READINGS.values()
    for line in lines.strip().splitlines()
]


@pytest.mark.parametrize(("text", "label"), CASES)
def test_text_is_read(text, label):
    assert area_label(parse_area(text).area) == label


@pytest.mark.parametrize(("text", "label"), CASES)
def test_first_suggestion_is_what_the_text_names(text, label):
    if len(text) > 1:
        assert area_label(suggest_areas(text, 8)[0]) == label


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Nogent", {"Nogent (52)", "Nogent-sur-Oise (60)"}),
        ("Saint-Ouen", {"Saint-Ouen (41)", "Saint-Ouen (80)", "Saint-Ouen-l’Aumône (95)"}),
        ("Romans", {"Romans (79)"}),
        ("Clermont", {"Clermont (60)", "Clermont-l’Hérault (34)"}),
        ("Évry", {"Évry (89)"}),
        ("Boulogne", {"Boulogne-sur-Mer (62)"}),
        ("Brie", {"Brie-Comte-Robert (77)"}),
        ("Saint-Denis", {"Saint-Denis (93)", "Saint-Denis (11)"}),
        ("Pringy", {"Annecy (74)", "Pringy (51)"}),
        ("Roissy", {"Roissy-en-France (95)", "Roissy-en-Brie (77)"}),
        ("Loire", {"Loiré (49)"}),
        ("69001 Paris", {"Paris (75)"}),
    ],
)
def test_other_meanings_are_offered(text, others):
    assert others <= {area_label(area) for area in parse_area(text).alternatives}


@pytest.mark.parametrize("text", ["Lyon", "Paris", "Nantes", "Saint-Étienne", "Cherbourg", "Havre", "Nogent (52)"])
def test_town_without_a_rival_has_no_alternatives(text):
    assert parse_area(text).alternatives == []


@pytest.mark.parametrize(
    ("code", "count", "names"),
    [
        ("34130", 6, {"Mauguio", "Saint-Aunès"}),
        ("11200", 23, {"Lézignan-Corbières", "Bizanet"}),
        ("31260", 18, {"His", "Salies-du-Salat"}),
    ],
)
def test_postal_code_stands_for_all_its_communes(code, count, names):
    match = parse_area(code)
    assert len(match.places) == count
    assert names <= {place.name for place in match.places}
    largest = match.places[0].name
    assert largest in area_label(match.area)
    assert area_name(match.area) == code
    assert match.alternatives[0] == match.places[0]


def test_postal_code_with_a_name_is_one_commune():
    assert str(parse_area("31260 His").place) == "His (31)"
    assert str(parse_area("34130 st aunes").place) == "Saint-Aunès (34)"


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("Lyonn", "Lyon (69)"),
        ("Toulosue", "Toulouse (31)"),
        ("Greonble", "Grenoble (38)"),
        ("Lyon (75)", "Lyon (69)"),
        ("Paris 21", "Paris (75)"),
        ("Sofia Antipolis", "Sophia Antipolis"),
        ("Rennes ou Nantes", "Rennes (35)"),
        ("Rennes ou Nantes", "Nantes (44)"),
    ],
)
def test_unknown_text_has_suggestions(text, suggestion):
    with pytest.raises(UnknownArea) as error:
        parse_area(text)
    assert suggestion in map(area_label, error.value.suggestions)


@pytest.mark.parametrize(
    "text", ["Springfield", "Nulleparville", "Lyon (99)", "Genève", "New York", "xxxx, yyyy, zzzz"]
)
def test_unknown_text_is_no_area(text):
    assert find_area(text) is None


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Lomme", "Ancienne commune, aujourd’hui dans Lille (59)."),
        ("Aulnay", "Lieu compris\u00a0: Aulnay-sous-Bois (93)."),
        ("le 93", "Lieu compris\u00a0: Seine-Saint-Denis, département (93)."),
        ("Alsace", "Alsace\u00a0: Bas-Rhin (67) et Haut-Rhin (68)."),
        ("La Défense", "La Défense\u00a0: Nanterre, Courbevoie et Puteaux."),
        ("34130", "34130\u00a0: Mauguio, Saint-Aunès, Lansargues, Mudaison, Valergues et Candillargues."),
        ("Lyon", ""),
        ("Lyon (69)", ""),
        ("saint denis 93", ""),
        ("Bretagne", "Lieu compris\u00a0: Bretagne."),
        ("Île-de-France", ""),
        ("France", ""),
    ],
)
def test_note_says_how_a_text_was_read(text, note):
    assert parse_area(text).note == note


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Bâtiment A, 2e étage, porte 3, zone du Parc, 12 rue Haute, Villeurbanne, Rhône, France", "Villeurbanne (69)"),
    ],
)
def test_text_with_many_segments_names_its_place(text, area):
    assert area_label(parse_area(text).area) == area


@pytest.mark.parametrize("separator", [",", " - ", "/"])
@pytest.mark.parametrize("names", ["abcdefghijklmnopqrstuvwxyz" * 2, ["69", "75", "01", "rhone", "ain"] * 20])
def test_readings_of_a_text_are_few(separator, names):
    assert len(list(readings(LocationText(separator.join(names))))) < 20


def all_pks(gazetteer) -> list[int]:
    return sorted({pk for digit in "0123456789" for pk in gazetteer.pks_starting_with(digit)})


def test_label_of_a_commune_is_read_back(france):
    """A third of the communes, and those that share a name with another one or with a department."""
    places = [france.get(pk) for pk in all_pks(france)[::3]]
    places += [place for name in ("Saint-Denis", "Nogent", "Doubs", "Loire") for place in parse_area(name).communes]
    wrong = []
    for place in places:
        match = parse_area(str(place))
        if match.place != place or not match.is_one_commune:
            wrong.append(str(place))
    assert wrong == []


def test_name_of_every_other_area_is_read_back(france):
    areas = [france.area(area.keys[0]) for area in read_areas()] + [*Region, *Department, *LocationKeyword]
    for area in areas:
        if isinstance(area, Department):
            # Paris is a commune too, and overseas departments are regions.
            read = parse_area(area_label(area)).area
            assert read.label == area.label if not isinstance(read, Place) else read.name == "Paris"
        else:
            read = parse_area(area_name(area)).area
            assert (type(read), read) == (type(area), area), area


def test_every_curated_area_has_known_communes(france):
    known = {france.get(pk).insee_code for pk in all_pks(france)}
    for area in read_areas():
        assert set(area.communes) <= known, area.label
        assert set(area.departments) <= set(Department.values), area.label
        assert bool(area.communes) != bool(area.departments), area.label


def test_curated_names_are_unique():
    keys = [key for area in read_areas() for key in area.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("text", ["s", "sa", "saint", "6", "69", "690", "34130", "la d", "nord", "par", "télé", "fra"])
def test_suggestions_are_read_as_what_they_say(text):
    for area in suggest_areas(text, 8):
        if isinstance(area, Department):
            assert parse_area(area_label(area)).area == area
        else:
            assert parse_area(area_name(area)).area == area


def test_suggestions_of_communes_only(france):
    for text in ("La Défense", "34130", "Loire", "Alsace", "31260", "saint"):
        areas = suggest_areas(text, 8, communes_only=True)
        assert len(areas) <= 8
        assert all(isinstance(area, Place) for area in areas)
    assert [place.name for place in suggest_areas("La Défense", 8, communes_only=True)] == [
        "Nanterre",
        "Courbevoie",
        "Puteaux",
    ]
