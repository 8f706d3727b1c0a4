import random
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from careers.enums import Zone
from offers.places.gazetteer import Gazetteer
from offers.places.lookup import UnknownArea, parse_area
from offers.places.models import Place, PostalCode, distance_km, place_key
from offers.places.territories import DEPARTMENT_REGION, Department, Region
from tests.factories import GRENOBLE, PARIS, VILLEURBANNE, make_place

HEADER = "insee_code,name,departement_code,departement,region_code,region,postal_codes,population,latitude,longitude"
LYON_LINE = "69123,Lyon,69,Rhône,84,Auvergne-Rhône-Alpes,69001 69002,522250,45.75801,4.83507"
PARIS_LINE = "75056,Paris,75,Paris,11,Île-de-France,75001,2133111,48.8566,2.3522"
ABERGEMENT_LINE = "01001,L'Abergement-Clémenciat,01,Ain,84,Auvergne-Rhône-Alpes,01400,860,46.15255,5.00989"
BRON_LINE = "69029,Bron,69,Rhône,84,Auvergne-Rhône-Alpes,69500,42000,45.73333,4.91667"


def load(tmp_path, *lines, header=HEADER):
    file = tmp_path / "places.csv"
    file.write_text("\n".join([header, *lines]) + "\n")
    out = StringIO()
    call_command("load_places", file, stdout=out)
    return out.getvalue()


# Distances


@pytest.mark.parametrize(
    ("one", "other", "low", "high"), [({}, VILLEURBANNE, 3, 4.5), ({}, PARIS, 390, 394), ({}, GRENOBLE, 90, 98)]
)
def test_distances(db, one, other, low, high):
    a, b = make_place(**one), make_place(**other)
    assert low < a.distance_to(b) < high
    assert a.distance_to(b) == pytest.approx(b.distance_to(a))
    # Straight through the globe and along its surface agree to a metre.
    km, within = a.distance_to(b), Gazetteer().within
    assert within(km, a.latitude, a.longitude) == {a.pk, b.pk}
    assert within(km - 0.01, a.latitude, a.longitude) == {a.pk}
    assert within(0, a.latitude, a.longitude) == {a.pk}


def test_towns_within_a_radius_are_those_whose_distance_says_so(db):
    draw = random.Random(20)
    for number in range(200):
        position = {"latitude": draw.uniform(44.5, 47), "longitude": draw.uniform(3, 6.5)}
        make_place(insee_code=f"{10000 + number}", name=f"Bourg {number}", postal_codes=[], **position)
    places = list(Place.objects.all())
    for km in (10, 30, 100):
        for center in places[:20]:
            near = {place.pk for place in places if center.distance_to(place) <= km}
            assert Gazetteer().within(km, center.latitude, center.longitude) == near


def test_the_gazetteer_of_no_places_finds_none(db):
    empty = Gazetteer()
    assert (len(empty), empty.within(50, 45.7, 4.8), empty.starting_with("ly", 8), empty.with_key("lyon")) == (
        0,
        set(),
        [],
        [],
    )


def test_distance_across_the_world():
    assert distance_km(0, 0, 0, 180) == pytest.approx(20_015, abs=1)


# The file


def test_load_places(db, tmp_path):
    assert "4 communes\u00a0: 4 ajoutées, 0 modifiée." in load(
        tmp_path, LYON_LINE, PARIS_LINE, ABERGEMENT_LINE, BRON_LINE
    )
    village = Place.objects.get(insee_code="01001")
    assert (village.name, village.key) == ("L’Abergement-Clémenciat", "l abergement clemenciat")
    zones = dict(Place.objects.values_list("name", "zone"))
    assert zones == {
        "Lyon": Zone.LARGE_CITIES,
        "Bron": Zone.LARGE_CITIES,
        "Paris": Zone.PARIS,
        "L’Abergement-Clémenciat": Zone.REGIONS,
    }
    assert list(PostalCode.objects.filter(place__name="Lyon").values_list("code", flat=True)) == ["69001", "69002"]


def test_load_places_again_writes_only_what_changed(db, tmp_path, django_assert_max_num_queries):
    load(tmp_path, LYON_LINE, PARIS_LINE)
    ids = set(Place.objects.values_list("pk", flat=True))
    # Two savepoints, two reads, two of ids and codes, one count: no write.
    with django_assert_max_num_queries(8):
        assert "0 ajoutée, 0 modifiée" in load(tmp_path, LYON_LINE, PARIS_LINE)
    changed = LYON_LINE.replace("522250", "530000").replace("69001 69002", "69001 69009")
    assert "0 ajoutée, 1 modifiée" in load(tmp_path, changed, PARIS_LINE)
    assert set(Place.objects.values_list("pk", flat=True)) == ids
    lyon = Place.objects.get(name="Lyon")
    assert lyon.population == 530_000
    assert sorted(lyon.postal_codes.values_list("code", flat=True)) == ["69001", "69009"]


def test_commune_that_left_the_file_is_kept(db, tmp_path):
    load(tmp_path, LYON_LINE, PARIS_LINE)
    assert "1 absente du fichier et conservée" in load(tmp_path, LYON_LINE)
    assert Place.objects.get(name="Paris").postal_codes.count() == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (LYON_LINE.replace("69123", "6912"), "ligne 3\u00a0: code INSEE '6912'"),
        (LYON_LINE.replace(",84,", ",11,"), "ligne 3\u00a0: département '69' hors de la région '11'"),
        (LYON_LINE.replace("69001", "6900"), "ligne 3\u00a0: code postal '6900'"),
        (LYON_LINE.replace("522250", "beaucoup"), "ligne 3\u00a0: population ou position"),
        (LYON_LINE.replace("45.75801", "95.1"), "ligne 3\u00a0: position 95.1"),
        (LYON_LINE.replace("45.75801", "nan"), "ligne 3\u00a0: position nan"),
        (LYON_LINE.replace("Lyon", "L" * 81), "ligne 3\u00a0: nom trop long"),
        (PARIS_LINE, "ligne 3\u00a0: 75056 figure déjà plus haut"),
        ("69123,Lyon", "ligne 3\u00a0: rien dans departement_code"),
    ],
)
def test_malformed_file_is_refused_whole(db, tmp_path, line, reason):
    with pytest.raises(CommandError) as refused:
        load(tmp_path, PARIS_LINE, line)
    assert reason in str(refused.value)
    assert "refusé en entier" in str(refused.value)
    assert not Place.objects.exists()


def test_every_bad_line_is_named_up_to_a_point(db, tmp_path):
    with pytest.raises(CommandError) as refused:
        load(tmp_path, *["x"] * 25)
    assert "ligne 2\u00a0:" in str(refused.value)
    assert "et 5 autres" in str(refused.value)


def test_file_without_its_columns_is_refused(db, tmp_path):
    with pytest.raises(CommandError, match="il manque les colonnes name"):
        load(tmp_path, LYON_LINE, header=HEADER.replace("name", "nom"))
    with pytest.raises(CommandError, match="illisible"):
        call_command("load_places", tmp_path / "absent.csv")


def test_the_sites_own_file_is_whole(db):
    from offers.places.management.commands.load_places import FILE, Command

    places, codes = Command().read(FILE)
    assert len(places) == 16_404
    assert "69001" in codes["69123"]
    assert not any("'" in place.name for place in places.values())


def test_constraints_of_places(db):
    place = make_place()
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.create(insee_code=place.insee_code, name="Lyon bis", latitude=0, longitude=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        PostalCode.objects.create(place=place, code="69001")


def test_every_department_has_its_region():
    assert set(DEPARTMENT_REGION) == set(Department)
    assert set(DEPARTMENT_REGION.values()) == set(Region)


# What people type


@pytest.fixture
def towns(db):
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
    for insee, name, department, region, population, code in rows:
        make_place(
            insee_code=insee,
            name=name,
            department=department,
            region=region,
            population=population,
            postal_codes=[code],
        )


@pytest.mark.parametrize(
    ("typed", "meant"),
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
def test_parse_area(towns, typed, meant):
    area = parse_area(typed).area
    assert (area if isinstance(meant, Department | Region) else str(area)) == meant


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ("Saint-Denis", ["Saint-Denis (93)"]),
        ("Vienne", ["Vienne"]),
        ("Doubs", ["Doubs (25)"]),
        ("Paris", []),
        ("Lyon", []),
    ],
)
def test_other_meanings_are_offered(towns, typed, others):
    assert [str(getattr(area, "label", area)) for area in parse_area(typed).alternatives] == others


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("lyonn", "Lyon (69)"),
        ("Greonble", "Grenoble (38)"),
        ("saint etiene", "Saint-Étienne (42)"),
        ("bretange", "Bretagne"),
        ("69199", "Saint-Fons (69)"),
    ],
)
def test_near_names_are_offered(towns, typed, near):
    with pytest.raises(UnknownArea) as unknown:
        parse_area(typed)
    assert near in [str(getattr(area, "label", area)) for area in unknown.value.suggestions]


@pytest.mark.parametrize("typed", ["(", "()", "%", "x" * 100, "٦٩٠٠١", "☃", "99999", "' OR 1=1", "a (99)", "\u202e"])
def test_nonsense_is_unknown_and_raises_nothing_else(towns, typed):
    with pytest.raises(UnknownArea):
        parse_area(typed)


def test_parsing_takes_no_query_once_the_communes_are_read(towns, django_assert_num_queries):
    with django_assert_num_queries(2):
        parse_area("Saint-Denis")
    with django_assert_num_queries(0):
        parse_area("69001")


# Suggestions


def suggest(client, text):
    return [result["value"] for result in client.get("/offres/communes/", {"q": text}).json()["results"]]


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("ly", ["Lyon (69)"]),
        ("LYÔ", ["Lyon (69)"]),
        ("st", ["Saint-Étienne (42)", "Saint-Denis (974)", "Saint-Denis (93)", "Saint-Fons (69)"]),
        ("saint-d", ["Saint-Denis (974)", "Saint-Denis (93)"]),
        ("havre", ["Le Havre (76)"]),
        ("hay", ["L’Haÿ-les-Roses (94)"]),
        ("690", ["Lyon (69)"]),
        ("38", ["Grenoble (38)", "Vienne (38)"]),
        ("breta", ["Bretagne"]),
        ("vienn", ["Vienne (38)", "Vienne"]),
        ("", []),
        ("l", []),
        ("%", []),
        ("zzz", []),
    ],
)
def test_suggestions(towns, client, typed, suggested):
    assert suggest(client, typed) == suggested


def test_suggestions_are_few_quick_and_kept(towns, client, django_assert_num_queries):
    for number in range(20):
        make_place(insee_code=f"010{number:02}", name=f"Saint-Exemple-{number}", postal_codes=[])
    # It asks whether anything has changed.
    for _ in range(2):
        with django_assert_num_queries(1):
            response = client.get("/offres/communes/?q=saint")
    assert len(response.json()["results"]) == 8
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert "Cookie" not in response.headers.get("Vary", "")
    assert set(response.json()["results"][0]) == {"value", "label", "detail"}


def test_what_is_suggested_is_understood(towns, client):
    for text in ("ly", "st", "38", "breta", "rho"):
        for value in suggest(client, text):
            assert parse_area(value)


def test_key():
    assert place_key("Ste-Foy-lès-Lyon") == "sainte foy les lyon"
