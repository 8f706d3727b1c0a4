"""What people type to say where: a town, a postal code, a department, a region, or nearly so."""

import difflib
import re
from dataclasses import dataclass, field

from offers.places.gazetteer import gazetteer
from offers.places.models import Place, place_key
from offers.places.territories import REGION_ALIASES, Department, Region

Area = Place | Region | Department

# “Lyon (69)”: how the site itself writes a commune.
CANONICAL = re.compile(r"^(?P<name>.+?)\s*\((?P<department>\d[\dABab]\d?)\)$", re.ASCII)
POSTAL_CODE = re.compile(r"\b(\d{2})\s?(\d{3})\b", re.ASCII)
ARRONDISSEMENT = re.compile(r"^(paris|lyon|marseille) \d{1,2} ?(er|e|eme|arrondissement| )*$", re.ASCII)
CEDEX = re.compile(r" cedex( \d{1,2})?$", re.ASCII)
# A department named like a town (Vienne, Mayenne) is meant where the town is a village (Doubs, Aube).
TOWN_POPULATION = 10_000
MOST = 6

_TERRITORIES: dict[str, Region | Department] = {
    **{place_key(department.label): department for department in Department},
    **{code.lower(): Department(code) for code in Department.values},
    **{place_key(region.label): region for region in Region},
    **{alias: Region(code) for alias, code in REGION_ALIASES.items()},
}


@dataclass(frozen=True)
class Where:
    """The area that was meant, and the others that the text may have meant."""

    area: Area
    others: list[Area] = field(default_factory=list)

    @property
    def place(self) -> Place | None:
        return self.area if isinstance(self.area, Place) else None


class UnknownArea(Exception):
    """Nothing of that name; `near` are areas whose names look like it."""

    def __init__(self, near: list[Area]):
        super().__init__()
        self.near = near


def area_name(area: Area) -> str:
    """What the town field reads back as the same area."""
    return str(area) if isinstance(area, Place) else area.label


def territories_starting_with(text: str) -> list[Region | Department]:
    key = place_key(text)
    found = [area for name, area in _TERRITORIES.items() if name.startswith(key) and name == place_key(area.label)]
    return sorted(found, key=lambda area: (isinstance(area, Department), area.label)) if key else []


def understand(text: str) -> Where:
    """The area that `text` names; raises UnknownArea when there is none."""
    text = text.strip()
    department = None
    if match := CANONICAL.match(text):
        text, department = match["name"], match["department"].upper()
    if match := POSTAL_CODE.search(text):
        return _by_postal_code("".join(match.groups()), place_key(text[: match.start()] + " " + text[match.end() :]))
    key = CEDEX.sub("", place_key(text))
    if match := ARRONDISSEMENT.match(key):
        key = match[1]
    if not key:
        raise UnknownArea([])
    found = gazetteer().named(key)
    territory = _TERRITORIES.get(key)
    if department:
        named = [place for place in found if place.department == department]
        found, territory = named or found, None if named or found else territory
        if named:
            return Where(named[0], named[1:MOST])
    if territory and territory != Department.PARIS:
        if found and isinstance(territory, Department) and found[0].population >= TOWN_POPULATION:
            found.insert(1, territory)
        else:
            found.insert(0, territory)
    if not found:
        raise UnknownArea(_near(key))
    return Where(found[0], found[1:MOST])


def _by_postal_code(code: str, key: str) -> Where:
    found = gazetteer().with_code(code)
    if named := [place for place in found if place.key == key]:
        return Where(named[0])
    if not found:
        raise UnknownArea(gazetteer().starting_with(code[:3], 3))
    return Where(found[0], found[1:MOST])


def _near(key: str) -> list[Area]:
    """Areas whose names look like `key`, which is wrong somewhere after its second character."""
    names: dict[str, Area] = {name: area for name, area in _TERRITORIES.items() if len(name) > 3}
    names |= gazetteer().named_like(key[:2], len(key) - 3, len(key) + 3)
    return [names[name] for name in difflib.get_close_matches(key, names, 4, 0.75)]
