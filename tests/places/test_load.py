"""The command that loads the communes, and the constraints of their rows."""

from io import StringIO
from statistics import fmean

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from careers.enums import Zone
from offers.places.gazetteer import former_communes
from offers.places.management.commands.load_places import FILE, Command
from offers.places.models import Place, PostalCode, distance_km
from offers.places.territories import DEPARTMENT_REGION, Department, Region
from tests.factories import make_place

HEADER = "insee_code,name,departement_code,departement,region_code,region,postal_codes,population,latitude,longitude"
LYON_LINE = "69123,Lyon,69,Rhône,84,Auvergne-Rhône-Alpes,69001 69002,522250,45.75801,4.83507"
PARIS_LINE = "75056,Paris,75,Paris,11,Île-de-France,75001,2133111,48.8566,2.3522"
ABERGEMENT_LINE = "01001,L'Abergement-Clémenciat,01,Ain,84,Auvergne-Rhône-Alpes,01400,860,46.15255,5.00989"
BRON_LINE = "69029,Bron,69,Rhône,84,Auvergne-Rhône-Alpes,69500,42000,45.73333,4.91667"


def load(tmp_path, *lines, header=HEADER) -> str:
    """Load a file of these lines; return the output of the command."""
    file = tmp_path / "places.csv"
    file.write_text("\n".join([header, *lines]) + "\n")
    out = StringIO()
    call_command("load_places", file, stdout=out)
    return out.getvalue()


def test_load_creates_places_with_keys_zones_and_postal_codes(db, tmp_path):
    assert "4\u00a0communes\u00a0: 4\u00a0ajoutées, 0\u00a0modifiée." in load(
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


def test_second_load_writes_only_changed_rows(db, tmp_path, django_assert_max_num_queries):
    load(tmp_path, LYON_LINE, PARIS_LINE)
    ids = set(Place.objects.values_list("pk", flat=True))
    # Two savepoints, two reads, two reads of pks and codes, one count, and no write.
    with django_assert_max_num_queries(8):
        assert "0\u00a0ajoutée, 0\u00a0modifiée" in load(tmp_path, LYON_LINE, PARIS_LINE)
    changed = LYON_LINE.replace("522250", "530000").replace("69001 69002", "69001 69009")
    assert "0\u00a0ajoutée, 1\u00a0modifiée" in load(tmp_path, changed, PARIS_LINE)
    assert set(Place.objects.values_list("pk", flat=True)) == ids
    lyon = Place.objects.get(name="Lyon")
    assert lyon.population == 530_000
    assert sorted(lyon.postal_codes.values_list("code", flat=True)) == ["69001", "69009"]


def test_place_missing_from_the_file_is_not_deleted(db, tmp_path):
    load(tmp_path, LYON_LINE, PARIS_LINE)
    assert "1\u00a0absente du fichier et conservée" in load(tmp_path, LYON_LINE)
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
def test_file_with_an_invalid_line_is_refused_as_a_whole(db, tmp_path, line, reason):
    with pytest.raises(CommandError) as error:
        load(tmp_path, PARIS_LINE, line)
    assert reason in str(error.value)
    assert "refusé en entier" in str(error.value)
    assert not Place.objects.exists()


def test_invalid_lines_are_listed_up_to_a_limit(db, tmp_path):
    with pytest.raises(CommandError) as error:
        load(tmp_path, *["x"] * 25)
    assert "ligne 2\u00a0:" in str(error.value)
    assert "et 5 autres" in str(error.value)


def test_file_without_required_columns_is_refused(db, tmp_path):
    with pytest.raises(CommandError, match="il manque les colonnes name"):
        load(tmp_path, LYON_LINE, header=HEADER.replace("name", "nom"))
    with pytest.raises(CommandError, match="illisible"):
        call_command("load_places", tmp_path / "absent.csv")


def test_shipped_file_is_complete(db):
    places, codes = Command().read(FILE)
    assert len(places) == 34_875
    assert "69001" in codes["69123"]
    # The smallest communes are in it.
    assert (places["31237"].name, codes["31237"]) == ("His", ["31260"])
    assert not any("'" in place.name for place in places.values())


def test_positions_of_the_shipped_file_are_near_their_department():
    """A commune is at most 120 km from the mean position of its department: places of the same name elsewhere fail."""
    places, _ = Command().read(FILE)
    by_department = {}
    for place in places.values():
        by_department.setdefault(place.department, []).append(place)
    for department in by_department.values():
        middle = [fmean(getattr(place, axis) for place in department) for axis in ("latitude", "longitude")]
        limit = 200 if department[0].department == Department.GUYANE else 120
        far = [str(p) for p in department if distance_km(p.latitude, p.longitude, *middle) > limit]
        assert far == []


def test_former_communes_have_joined_a_commune_of_the_file():
    places, _ = Command().read(FILE)
    former = list(former_communes())
    assert len(former) > 3_000
    assert {code for _, code in former} <= set(places)
    assert ("Lomme", "59350") in former


def test_insee_code_and_postal_code_are_unique(db):
    place = make_place()
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.create(insee_code=place.insee_code, name="Lyon bis", latitude=0, longitude=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        PostalCode.objects.create(place=place, code="69001")


def test_every_department_has_a_region():
    assert set(DEPARTMENT_REGION) == set(Department)
    assert set(DEPARTMENT_REGION.values()) == set(Region)
