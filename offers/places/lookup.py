"""Parse the location field: the name of a commune, a postal code, a department or a region, with typos."""

import difflib
import re
from dataclasses import dataclass, field

from offers.places.gazetteer import gazetteer
from offers.places.models import Place, place_key
from offers.places.territories import REGION_ALIASES, Department, Region

Area = Place | Region | Department

# “Lyon (69)”: the result of `place_label`.
PLACE_LABEL = re.compile(r"^(?P<name>.+?)\s*\((?P<department>\d[\dABab]\d?)\)$", re.ASCII)
POSTAL_CODE = re.compile(r"\b(\d{2})\s?(\d{3})\b", re.ASCII)
ARRONDISSEMENT = re.compile(r"^(paris|lyon|marseille) \d{1,2} ?(er|e|eme|arrondissement| )*$", re.ASCII)
CEDEX = re.compile(r" cedex( \d{1,2})?$", re.ASCII)
# If a department and a commune share a name, the commune is preferred from this population on (Vienne, not Doubs).
MIN_TOWN_POPULATION = 10_000
MAX_MATCHES = 6

_TERRITORIES: dict[str, Region | Department] = {
    **{place_key(department.label): department for department in Department},
    **{code.lower(): Department(code) for code in Department.values},
    **{place_key(region.label): region for region in Region},
    **{alias: Region(code) for alias, code in REGION_ALIASES.items()},
}


@dataclass(frozen=True)
class AreaMatch:
    """The most likely area for a text, and the other areas it may refer to."""

    area: Area
    alternatives: list[Area] = field(default_factory=list)

    @property
    def place(self) -> Place | None:
        return self.area if isinstance(self.area, Place) else None


class UnknownArea(Exception):
    """No area has this name; `suggestions` are areas with a similar name."""

    def __init__(self, suggestions: list[Area]):
        super().__init__()
        self.suggestions = suggestions


def area_name(area: Area) -> str:
    """Return the name of an area; `parse_area` returns the same area for it."""
    return str(area) if isinstance(area, Place) else area.label


def territories_starting_with(text: str) -> list[Region | Department]:
    """Return the regions, then the departments whose name starts with `text`, each in alphabetical order."""
    key = place_key(text)
    areas = [area for name, area in _TERRITORIES.items() if name.startswith(key) and name == place_key(area.label)]
    return sorted(areas, key=lambda area: (isinstance(area, Department), area.label)) if key else []


def parse_area(text: str) -> AreaMatch:
    """Return the area that `text` names. Raises UnknownArea if there is none."""
    text = text.strip()
    department = None
    if match := PLACE_LABEL.match(text):
        text, department = match["name"], match["department"].upper()
    if match := POSTAL_CODE.search(text):
        return _by_postal_code("".join(match.groups()), place_key(text[: match.start()] + " " + text[match.end() :]))
    key = CEDEX.sub("", place_key(text))
    if match := ARRONDISSEMENT.match(key):
        key = match[1]
    if not key:
        raise UnknownArea([])
    places = gazetteer().with_key(key)
    territory = _TERRITORIES.get(key)
    if department:
        named = [place for place in places if place.department == department]
        places, territory = named or places, None if named or places else territory
        if named:
            return AreaMatch(named[0], named[1:MAX_MATCHES])
    areas: list[Area] = list(places)
    if territory and territory != Department.PARIS:
        if places and isinstance(territory, Department) and places[0].population >= MIN_TOWN_POPULATION:
            areas.insert(1, territory)
        else:
            areas.insert(0, territory)
    if not areas:
        raise UnknownArea(_similar_areas(key))
    return AreaMatch(areas[0], areas[1:MAX_MATCHES])


def _by_postal_code(code: str, key: str) -> AreaMatch:
    places = gazetteer().with_postal_code(code)
    if named := [place for place in places if place.key == key]:
        return AreaMatch(named[0])
    if not places:
        raise UnknownArea(gazetteer().starting_with(code[:3], 3))
    return AreaMatch(places[0], places[1:MAX_MATCHES])


def _similar_areas(key: str) -> list[Area]:
    """Return areas with a name similar to `key`, assuming that its first two characters are right."""
    names: dict[str, Area] = {name: area for name, area in _TERRITORIES.items() if len(name) > 3}
    names |= gazetteer().with_key_prefix(key[:2], len(key) - 3, len(key) + 3)
    return [names[name] for name in difflib.get_close_matches(key, names, 4, 0.75)]
