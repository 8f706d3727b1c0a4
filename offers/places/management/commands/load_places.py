import csv
import re
import sys
from pathlib import Path

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from jobboard.text.numbers import counted, plural
from offers.places.models import LARGE_CITIES, Place, PostalCode, place_key, salary_zone
from offers.places.territories import DEPARTMENT_REGION

FILE = Path(apps.get_app_config("places").path) / "data" / "places.csv"
COLUMNS = [
    "insee_code",
    "name",
    "departement_code",
    "region_code",
    "postal_codes",
    "population",
    "latitude",
    "longitude",
]
INSEE_CODE = re.compile(r"\d[\dAB]\d{3}", re.ASCII)
POSTAL_CODE = re.compile(r"\d{5}", re.ASCII)
UPDATED_FIELDS = ["name", "key", "department", "region", "population", "latitude", "longitude", "zone"]
BATCH_SIZE = 2000
MAX_ERRORS = 20


class InvalidRow(ValueError):
    """A row of the file is invalid; the message says why, in French."""


def parse_row(row: dict[str, str]) -> tuple[Place, list[str]]:
    """Return the unsaved commune of a row, without its zone, and its postal codes. Raises InvalidRow."""
    missing = [name for name in COLUMNS if not (row.get(name) or "").strip()]
    if missing:
        raise InvalidRow(f"rien dans {', '.join(missing)}")
    if not INSEE_CODE.fullmatch(row["insee_code"]):
        raise InvalidRow(f"code INSEE {row['insee_code']!r}")
    if DEPARTMENT_REGION.get(row["departement_code"]) != row["region_code"]:
        raise InvalidRow(f"département {row['departement_code']!r} hors de la région {row['region_code']!r}")
    codes = list(dict.fromkeys(row["postal_codes"].split()))
    if bad := [code for code in codes if not POSTAL_CODE.fullmatch(code)]:
        raise InvalidRow(f"code postal {bad[0]!r}")
    # The official file uses the ASCII apostrophe.
    name = row["name"].strip().replace("'", "’")
    if len(name) > Place._meta.get_field("name").max_length:
        raise InvalidRow("nom trop long")
    try:
        population, latitude, longitude = int(row["population"]), float(row["latitude"]), float(row["longitude"])
    except ValueError:
        raise InvalidRow("population ou position qui ne sont pas des nombres") from None
    if not 0 <= population < 10**8:
        raise InvalidRow(f"population {population}")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InvalidRow(f"position {latitude}, {longitude}")
    place = Place(
        insee_code=row["insee_code"],
        name=name,
        key=place_key(name),
        department=row["departement_code"],
        region=row["region_code"],
        population=population,
        latitude=latitude,
        longitude=longitude,
    )
    return place, codes


class Command(BaseCommand):
    help = "Charge les communes de France, ou les met à jour. Un fichier mal formé est refusé en entier."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, default=FILE, help="CSV (par défaut, celui du site)")

    def handle(self, *, file, verbosity, **options):
        self.shows_progress = verbosity > 0 and sys.stdout.isatty()
        places, codes = self.read(file)
        cities = [places[code] for code in LARGE_CITIES if code in places]
        for index, place in enumerate(places.values(), 1):
            place.zone = salary_zone(place, cities)
            self.show_progress("zones de salaire", index, len(places))
        with transaction.atomic():
            created, changed = self.write_places(places)
            self.write_codes(codes)
        if verbosity:
            added, updated = counted(created, "ajoutée"), counted(changed, "modifiée")
            missing, note = Place.objects.count() - len(places), ""
            if missing:
                note = f", {counted(missing, 'absente')} du fichier et conservée{plural(missing)}"
            self.stdout.write(f"{counted(len(places), 'commune')}\u00a0: {added}, {updated}{note}.")

    def read(self, file: Path) -> tuple[dict[str, Place], dict[str, list[str]]]:
        """Return communes and postal codes by INSEE code. Raises CommandError listing all invalid rows."""
        places, codes, errors = {}, {}, []
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                reader = csv.DictReader(lines)
                if absent := [name for name in COLUMNS if name not in (reader.fieldnames or [])]:
                    raise CommandError(f"{file.name}\u00a0: il manque les colonnes {', '.join(absent)}.")
                for row in reader:
                    try:
                        place, postal_codes = parse_row(row)
                        if place.insee_code in places:
                            raise InvalidRow(f"{place.insee_code} figure déjà plus haut")
                    except InvalidRow as error:
                        errors.append(f"ligne {reader.line_num}\u00a0: {error}")
                    else:
                        places[place.insee_code], codes[place.insee_code] = place, postal_codes
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise CommandError(f"{file.name}\u00a0: illisible ({error}).") from None
        if errors:
            more = f"\n… et {len(errors) - MAX_ERRORS} autres" if len(errors) > MAX_ERRORS else ""
            listed = "\n".join(errors[:MAX_ERRORS])
            raise CommandError(f"{file.name} est refusé en entier, rien n’a changé\u00a0:\n{listed}{more}")
        return places, codes

    def write_places(self, places: dict[str, Place]) -> tuple[int, int]:
        known = {place.insee_code: place for place in Place.objects.all()}
        new = [place for code, place in places.items() if code not in known]
        changed = []
        for code, place in places.items():
            if (old := known.get(code)) and any(getattr(old, name) != getattr(place, name) for name in UPDATED_FIELDS):
                place.pk = old.pk
                changed.append(place)
        for start in range(0, len(new), BATCH_SIZE):
            Place.objects.bulk_create(new[start : start + BATCH_SIZE])
            self.show_progress("communes", min(start + BATCH_SIZE, len(new)), len(new))
        Place.objects.bulk_update(changed, UPDATED_FIELDS, batch_size=500)
        return len(new), len(changed)

    def write_codes(self, codes: dict[str, list[str]]):
        ids = dict(Place.objects.values_list("insee_code", "pk"))
        new_codes = {(ids[insee], code) for insee, several in codes.items() for code in several}
        known = {(place, code): pk for pk, place, code in PostalCode.objects.values_list("pk", "place", "code")}
        # Postal codes of communes missing from the file are not deleted, like the communes.
        in_file = {ids[insee] for insee in codes}
        stale = [pk for pair, pk in known.items() if pair not in new_codes and pair[0] in in_file]
        new = [PostalCode(place_id=place, code=code) for place, code in sorted(new_codes - known.keys())]
        for start in range(0, len(stale), 500):
            PostalCode.objects.filter(pk__in=stale[start : start + 500]).delete()
        for start in range(0, len(new), BATCH_SIZE):
            PostalCode.objects.bulk_create(new[start : start + BATCH_SIZE])
            self.show_progress("codes postaux", min(start + BATCH_SIZE, len(new)), len(new))

    def show_progress(self, label: str, done: int, total: int):
        """Print a progress line on a terminal; nothing when the output is redirected."""
        if self.shows_progress and (done == total or done % BATCH_SIZE == 0):
            self.stdout.write(f"\r  {label}\u00a0: {done}/{total}", ending="\n" if done == total else "")
            self.stdout.flush()
