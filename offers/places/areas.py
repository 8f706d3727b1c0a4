"""The areas that a text can name: communes, departments, regions, postal codes, and the named areas of a file."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from django.db import models

from jobboard.text.numbers import NBSP, counted
from offers.places.models import Place, place_key
from offers.places.territories import REGION_ALIASES, Department, Region

DATA = Path(__file__).parent / "data"
# Maximum count of communes, and of departments, that a sentence names.
MAX_LISTED, MAX_DEPARTMENTS = 5, 8
# The kind of the areas that are abbreviations of one commune.
ABBREVIATION = "abréviation"
# With the adjective of its town, names of an agglomeration: “région lyonnaise”.
AGGLOMERATION = ("agglomération", "agglo", "métropole", "région", "banlieue", "périphérie")


class LocationKeyword(models.TextChoices):
    """Texts in the location field that name no place."""

    FRANCE = "france", "Toute la France"
    REMOTE = "remote", f"100{NBSP}% télétravail"


@dataclass(frozen=True)
class NamedArea:
    """An area of `data/areas.toml`: several departments, or several communes.

    `regions` are the codes of the regions of which `departments` are all departments, if it is defined by regions.
    `communes` are INSEE codes, of which `places` are those that the site knows, the largest first.
    """

    label: str
    kind: str
    keys: tuple[str, ...] = ()
    adjective: str = ""
    departments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    communes: tuple[str, ...] = field(default=(), repr=False)
    places: tuple[Place, ...] = field(default=(), repr=False, compare=False)

    def with_places(self, places: tuple[Place, ...]) -> "NamedArea":
        return replace(self, places=places)

    def is_suggested_for(self, prefix: str, key: str) -> bool:
        """Return whether the area is suggested for a beginning of one of its keys.

        “met” is not the beginning of the names of all agglomerations, and an abbreviation is not a name to complete.
        """
        if self.kind == ABBREVIATION:
            return False
        return not self.adjective or not key.endswith(f" {self.adjective}") or " " in prefix

    @property
    def members(self) -> str:
        if self.regions:
            return listed([Region(code).label for code in self.regions], "région")
        if self.departments:
            return listed(
                [f"{Department(code).label} ({code})" for code in self.departments], "département", MAX_DEPARTMENTS
            )
        return listed([place.name for place in self.places], "commune")


@dataclass(frozen=True)
class PostalArea:
    """The communes that share a postal code, the largest first."""

    code: str
    places: tuple[Place, ...] = field(repr=False)

    @property
    def label(self) -> str:
        return f"{self.code}{NBSP}: {listed([place.name for place in self.places], 'commune', 2)}"

    @property
    def members(self) -> str:
        return listed([place.name for place in self.places], "commune")


# Regions and departments by the keys of their names and codes.
TERRITORIES: dict[str, Region | Department] = {
    **{place_key(department.label): department for department in Department},
    **{code.lower(): Department(code) for code in Department.values},
    **{place_key(region.label): region for region in Region},
    **{alias: Region(code) for alias, code in REGION_ALIASES.items()},
}
TERRITORIES_BY_LABEL = {key: area for key, area in TERRITORIES.items() if key == place_key(area.label)}
Area = Place | Region | Department | NamedArea | PostalArea | LocationKeyword


def unique(areas: Iterable[Area]) -> list[Area]:
    """Return the areas without duplicates. A region and a department can have the same code, so they compare equal."""
    return list({(type(area), area): area for area in areas}.values())


def listed(names: Sequence[str], noun: str, shown: int = MAX_LISTED) -> str:
    """Return “Mauguio et Saint-Aunès”, or “Limoux, Espéraza et 17 autres communes” with `shown` names."""
    others = len(names) - shown
    if others > 1:
        return f"{', '.join(names[:shown])} et {others} autres {noun}s"
    return " et ".join([*filter(None, [", ".join(names[:-1])]), *names[-1:]])


@cache
def read_areas() -> tuple[NamedArea, ...]:
    with (DATA / "areas.toml").open("rb") as file:
        rows = tomllib.load(file)["area"]
    return tuple(map(_named_area, rows))


def _named_area(row: dict) -> NamedArea:
    names = [row["label"], *row.get("names", ())]
    if "adjective" in row:
        names += [f"{noun} {row['adjective']}" for noun in AGGLOMERATION]
    regions = tuple(row.get("regions", ()))
    departments = row.get("departments") or [code for region in regions for code in sorted(Region(region).departments)]
    return NamedArea(
        row["label"],
        row["kind"],
        tuple(dict.fromkeys(map(place_key, names))),
        place_key(row.get("adjective", "")),
        tuple(departments),
        regions,
        tuple(row.get("communes", ())),
    )


def places_of(area: Area) -> tuple[Place, ...]:
    """Return the communes of an area that is defined by communes; none for regions and departments."""
    if isinstance(area, Place):
        return (area,)
    return area.places if isinstance(area, (NamedArea, PostalArea)) else ()


def departments_of(area: Area) -> tuple[str, ...]:
    """Return the codes of the departments of an area that is defined by departments."""
    if isinstance(area, Department):
        return (area.value,)
    return area.departments if isinstance(area, NamedArea) else ()


def area_name(area: Area) -> str:
    """Return the name of an area; `parse_area` returns the same area for it."""
    if isinstance(area, Place):
        return str(area)
    return area.code if isinstance(area, PostalArea) else area.label


def area_text(area: Area) -> str:
    """Return a text for the search box that names an area; “Nord” and “Vienne” alone are a word and a commune."""
    return f"département {area.value}" if isinstance(area, Department) else area_name(area)


def area_label(area: Area) -> str:
    """Return the name of an area for a chip or a link."""
    if isinstance(area, Department):
        return f"{area.label}, département ({area.value})"
    return str(area) if isinstance(area, Place) else area.label


def area_detail(area: Area) -> str:
    """Return what a suggestion says beside the name of an area."""
    if isinstance(area, Place):
        # Not get_department_display, which iterates over all departments for each commune.
        inhabitants = counted(area.population, "habitant")
        return f"{Department(area.department).label}, {inhabitants}"
    if isinstance(area, Region):
        return "région"
    if isinstance(area, Department):
        return f"département {area.value}"
    if isinstance(area, NamedArea):
        return f"{area.kind}, {area.members}"
    return f"{len(area.places)} communes" if isinstance(area, PostalArea) else ""
