"""The salary zone and the region of every department and of every large city, in tables that repeat the rules."""

import math
from types import SimpleNamespace

import pytest

from careers.enums import Zone
from offers.places.models import LARGE_CITIES, Place, salary_zone
from offers.places.territories import DEPARTMENT_REGION, REGION_ALIASES, Department, Region

# The departments of each region, by official codes (INSEE).
DEPARTMENTS = {
    "11": "75 77 78 91 92 93 94 95",
    "24": "18 28 36 37 41 45",
    "27": "21 25 39 58 70 71 89 90",
    "28": "14 27 50 61 76",
    "32": "02 59 60 62 80",
    "44": "08 10 51 52 54 55 57 67 68 88",
    "52": "44 49 53 72 85",
    "53": "22 29 35 56",
    "75": "16 17 19 23 24 33 40 47 64 79 86 87",
    "76": "09 11 12 30 31 32 34 46 48 65 66 81 82",
    "84": "01 03 07 15 26 38 42 43 63 69 73 74",
    "93": "04 05 06 13 83 84",
    "94": "2A 2B",
    "01": "971",
    "02": "972",
    "03": "973",
    "04": "974",
    "06": "976",
}
REGION_OF = {code: region for region, codes in DEPARTMENTS.items() for code in codes.split()}
NAMES = {
    "11": "Île-de-France",
    "24": "Centre-Val de Loire",
    "27": "Bourgogne-Franche-Comté",
    "28": "Normandie",
    "32": "Hauts-de-France",
    "44": "Grand Est",
    "52": "Pays de la Loire",
    "53": "Bretagne",
    "75": "Nouvelle-Aquitaine",
    "76": "Occitanie",
    "84": "Auvergne-Rhône-Alpes",
    "93": "Provence-Alpes-Côte d’Azur",
    "94": "Corse",
    "01": "Guadeloupe",
    "02": "Martinique",
    "03": "Guyane",
    "04": "La Réunion",
    "06": "Mayotte",
}
CITIES = {
    "69123": ("Lyon", "69", 45.758, 4.835),
    "13055": ("Marseille", "13", 43.296, 5.37),
    "31555": ("Toulouse", "31", 43.605, 1.444),
    "06088": ("Nice", "06", 43.71, 7.262),
    "44109": ("Nantes", "44", 47.218, -1.554),
    "34172": ("Montpellier", "34", 43.611, 3.877),
    "67482": ("Strasbourg", "67", 48.573, 7.752),
    "33063": ("Bordeaux", "33", 44.838, -0.579),
    "59350": ("Lille", "59", 50.629, 3.057),
    "35238": ("Rennes", "35", 48.117, -1.678),
}
NORTH, EAST = (1, 0), (0, 1)


def build_place(department, latitude, longitude) -> Place:
    return Place(department=department, region=REGION_OF[department], latitude=latitude, longitude=longitude)


ALL_CITIES = [build_place(department, latitude, longitude) for _, department, latitude, longitude in CITIES.values()]


def place_at(city: Place, km: float, direction, department=None) -> Place:
    """Return a commune at `km` kilometres from a city, on a sphere with a radius of 6,371 km."""
    degrees = km / (2 * math.pi * 6371.0088 / 360)
    latitude = city.latitude + degrees * direction[0]
    longitude = city.longitude + degrees * direction[1] / math.cos(math.radians(city.latitude))
    return build_place(department or city.department, latitude, longitude)


def test_regions_departments_and_aliases_match_the_official_codes():
    assert REGION_OF == DEPARTMENT_REGION
    assert set(REGION_OF) == set(Department.values)
    assert dict(Region.choices) == NAMES
    # The codes of regions and departments differ: 75 is both Paris and Nouvelle-Aquitaine.
    assert (Department("75").label, Region("75").label) == ("Paris", "Nouvelle-Aquitaine")
    aliases = {"aura": "84", "idf": "11", "paca": "93", "region parisienne": "11", "reunion": "04", "hdf": "32"}
    assert aliases.items() <= REGION_ALIASES.items()


def test_large_cities_match_the_table():
    assert {code: name for code, (name, *_) in CITIES.items()} == LARGE_CITIES


@pytest.mark.parametrize("department", Department.values)
def test_zone_far_from_large_cities_depends_on_the_region(department):
    far = [place_at(city, 300, NORTH) for city in ALL_CITIES]
    expected = Zone.PARIS if department in DEPARTMENTS["11"].split() else Zone.REGIONS
    # A position in the Atlantic, so that no city is near.
    assert salary_zone(build_place(department, 35, -20), far) == expected
    assert salary_zone(build_place(department, 35, -20), []) == expected


@pytest.mark.parametrize("code", CITIES)
@pytest.mark.parametrize("direction", [NORTH, EAST, (-1, 0), (0, -1)], ids="nesw")
def test_zone_is_large_city_within_twenty_kilometres(code, direction):
    city = ALL_CITIES[list(CITIES).index(code)]
    zones = {km: salary_zone(place_at(city, km, direction), ALL_CITIES) for km in (0, 10, 19, 19.9, 20.1, 21, 30)}
    large, regions = Zone.LARGE_CITIES, Zone.REGIONS
    assert zones == {0: large, 10: large, 19: large, 19.9: large, 20.1: regions, 21: regions, 30: regions}
    # The radius crosses borders of departments, and Île-de-France is the zone of Paris even near a large city.
    assert salary_zone(place_at(city, 19, direction, department="03"), ALL_CITIES) == large
    assert salary_zone(place_at(city, 19, direction, department="95"), ALL_CITIES) == Zone.PARIS


def test_exactly_twenty_kilometres_are_within_the_zone():
    place = SimpleNamespace(region="84", distance_to=lambda city: 20)
    assert salary_zone(place, ALL_CITIES) == Zone.LARGE_CITIES
    place.distance_to = lambda city: 20.001
    assert salary_zone(place, ALL_CITIES) == Zone.REGIONS


def test_zones_of_the_shipped_file(tmp_path):
    """The regions of all communes of the file, and the zones of known communes."""
    from offers.places.management.commands.load_places import FILE, Command

    places, _ = Command().read(FILE)
    cities = [places[code] for code in LARGE_CITIES]
    assert [place.name for place in cities] == [name for name, *_ in CITIES.values()]
    for place in places.values():
        assert place.region == REGION_OF[place.department]
    known = {
        "75056": Zone.PARIS,  # Paris
        "77186": Zone.PARIS,  # Fontainebleau
        "78646": Zone.PARIS,  # Versailles
        "91228": Zone.PARIS,  # Évry-Courcouronnes
        "92026": Zone.PARIS,  # Courbevoie
        "93066": Zone.PARIS,  # Saint-Denis
        "94028": Zone.PARIS,  # Créteil
        "95500": Zone.PARIS,  # Pontoise
        "69266": Zone.LARGE_CITIES,  # Villeurbanne
        "13001": Zone.REGIONS,  # Aix-en-Provence, 28 km from Marseille
        "59512": Zone.LARGE_CITIES,  # Roubaix
        "06004": Zone.LARGE_CITIES,  # Antibes
        "38185": Zone.REGIONS,  # Grenoble
        "60175": Zone.REGIONS,  # Creil, near Paris but in Hauts-de-France
    }
    assert {code: salary_zone(places[code], cities) for code in known} == known
