"""The command that builds the data files of the communes."""

import csv
import json

from django.core.management import call_command


def test_files_are_built_from_the_published_packages(db, tmp_path):
    commune = {"type": "commune-actuelle", "zone": "metro", "departement": "69", "region": "84"}
    rows = [
        {**commune, "code": "69123", "nom": "Lyon", "codesPostaux": ["69001", "69002"], "population": 520_000},
        {**commune, "code": "69990", "nom": "Près-Lyon", "codesPostaux": ["69001"], "population": 40},
        {**commune, "code": "69991", "nom": "Loin-de-Lyon", "codesPostaux": ["69999"], "population": 30},
        {**commune, "code": "69992", "nom": "Connue-de-GeoNames", "codesPostaux": ["69002"], "population": 20},
        {
            "type": "commune-deleguee",
            "zone": "metro",
            "region": "84",
            "code": "69993",
            "nom": "Vieille",
            "chefLieu": "69123",
        },
        {
            "type": "commune-deleguee",
            "zone": "metro",
            "region": "84",
            "code": "69123",
            "nom": "Lyon",
            "chefLieu": "69123",
        },
        {"type": "commune-actuelle", "zone": "com", "region": "98", "code": "98735", "nom": "Papeete"},
    ]
    groups = [{"code": "200046977", "membres": [{"code": "69123"}, {"code": "69991"}]}]
    older = tmp_path / "older"
    older.mkdir()
    rows[0]["anciensCodes"] = ["69994"]
    (tmp_path / "communes.json").write_text(json.dumps(rows))
    commune |= {"codesPostaux": [], "population": 1}
    joined = [{**commune, "code": "69994", "nom": "Jointe"}, {**commune, "code": "69990", "nom": "Renommée"}]
    (older / "communes.json").write_text(json.dumps(joined))
    (tmp_path / "epci.json").write_text(json.dumps(groups))
    geonames = [
        {"countrycode": "FR", "admin1code": "84", "name": "Connue-de-GeoNames", "latitude": 45.8, "longitude": 4.85},
        {"countrycode": "FR", "admin1code": "84", "name": "Connue-de-GeoNames", "latitude": 48.8, "longitude": 2.3},
        {"countrycode": "BE", "admin1code": "84", "name": "Près-Lyon", "latitude": 45.76, "longitude": 4.83},
    ]
    (tmp_path / "cities.json").write_text(json.dumps({str(n): city for n, city in enumerate(geonames)}))
    call_command("build_places", tmp_path, tmp_path / "cities.json", older=[older], folder=tmp_path, verbosity=0)

    with (tmp_path / "places.csv").open() as lines:
        built = {row["name"]: row for row in csv.DictReader(lines)}
    assert list(built) == ["Lyon", "Près-Lyon", "Loin-de-Lyon", "Connue-de-GeoNames"]
    lyon = (built["Lyon"]["latitude"], built["Lyon"]["longitude"])
    # The shipped position of Lyon, the only known neighbour by postal code and by grouping.
    for name in ("Près-Lyon", "Loin-de-Lyon"):
        assert (built[name]["latitude"], built[name]["longitude"]) == lyon
    assert (built["Connue-de-GeoNames"]["latitude"], built["Connue-de-GeoNames"]["longitude"]) == ("45.8", "4.85")
    assert (tmp_path / "former_communes.csv").read_text() == (
        "name,insee_code\nJointe,69123\nRenommée,69990\nVieille,69123\n"
    )
