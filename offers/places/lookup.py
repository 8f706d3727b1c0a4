"""Parse the location field: every text that names communes, a department, a region or another area, with typos.

One definition for the list of offers, alerts, feeds, suggestions and the wizard: `find_area` returns what a text names,
and the first suggestion for a text is the same area.
"""

import difflib
from itertools import chain

from offers.places.abroad import is_abroad
from offers.places.areas import TERRITORIES, Area, PostalArea, places_of, unique
from offers.places.gazetteer import NameMatch, gazetteer
from offers.places.location_text import CITIES, LocationText, Reading, alternatives, readings, separate_names
from offers.places.matching import (
    MAX_ALTERNATIVES,
    MAX_TERRITORIES,
    MIN_BEGINNING,
    MIN_TOWN_POPULATION,
    AreaMatch,
    UnknownArea,
    first_match,
    paris,
    read,
    reading_note,
    territories_starting_with,
)
from offers.places.several import (
    ForeignArea,
    SeveralAreas,
    exact_communes,
    match_adjacent_names,
    match_separate_names,
    only_one,
)
from offers.places.territories import Department

__all__ = ["AreaMatch", "ForeignArea", "SeveralAreas", "UnknownArea", "find_area", "parse_area", "suggest_areas"]


def parse_area(text: str) -> AreaMatch:
    """Return the area that `text` names. Raises UnknownArea if there is none, or not only one of France."""
    location = LocationText(text)
    if match := _find(location):
        return match
    raise UnknownArea(_similar_areas(location))


def find_area(text: str) -> AreaMatch | None:
    """Return the area that `text` names, or None. Faster than `parse_area` for an unknown text."""
    try:
        return _find(LocationText(text))
    except UnknownArea:
        return None


def suggest_areas(text: str, limit: int, *, communes_only: bool = False) -> list[Area]:
    """Return the areas that `text` names, the most likely first, then those that it begins."""
    location = LocationText(text)
    try:
        match = _find(location)
        areas: list[Area] = [match.area, *match.alternatives] if match else []
    except UnknownArea as unknown:
        areas = unknown.suggestions
    key = location.key or location.postal_code
    completions: list[Area] = []
    if key.isdigit():
        completions = gazetteer().with_postal_code_prefix(key, limit)
    elif len(key) >= MIN_BEGINNING:
        completions = [each.place for each in gazetteer().candidates(key, limit)]
    if communes_only:
        places = [place for area in (*areas, *completions) for place in places_of(area)]
        return unique(places)[:limit]
    territories = territories_starting_with(key)[:MAX_TERRITORIES]
    return unique([*unique([*areas, *completions])[: limit - len(territories)], *territories])


def _find(location: LocationText) -> AreaMatch | None:
    if location.keyword:
        return AreaMatch(location.keyword, [], reading_note(location.keyword, location))
    if location.postal_code:
        match = _by_postal_code(location)
        if match is None and any(map(is_abroad, location.segments)):
            # “10115 Berlin”
            raise ForeignArea([])
        return match
    if location.segments and all(map(is_abroad, location.segments)):
        raise ForeignArea(exact_communes(location.segments[:1]))
    # Names that are complete come before those of which the text is only the beginning.
    if match := first_match(readings(location), location):
        return match
    names = separate_names(location) if len(location.segments) > 1 or location.has_conjunction else []
    # “Tavaux-et-Ponts” is the beginning of a name.
    is_beginning = location.has_conjunction and gazetteer().candidates(location.key, 1)
    if names and not is_beginning and (match := match_separate_names(names, location)):
        return match
    # “Strasbourg ou X” is not Strasbourg.
    names = [] if location.has_conjunction and len(names) > 1 else names
    return first_match(chain(readings(location), *names), location, letters=True) or match_adjacent_names(location)


def _by_postal_code(location: LocationText) -> AreaMatch | None:
    match = _of_postal_code(location, location.postal_code)
    if match is None:
        return None
    # “69003 Lyon, 38000 Grenoble”, and “69003 Lyon, Grenoble”. What precedes the code is a street.
    others = [AreaMatch(place) for code in location.other_codes for place in gazetteer().with_postal_code(code)[:1]]
    named = [place.key for place in match.places]
    for key in [name for each in location.segments_after_code if each not in named for name in alternatives(each)]:
        if key not in named and gazetteer().has_name(key):
            other = read(Reading(key), location, letters=False)
            if other and other.place and other.place.key == key and other.place.population >= MIN_TOWN_POPULATION:
                others.append(other)
    # “69001 Paris” is one place, of which the code or the name is wrong.
    others = [each for each in others if each.place not in (*match.places, *match.alternatives)]
    return only_one([match, *others], location) if others else match


def _of_postal_code(location: LocationText, code: str) -> AreaMatch | None:
    places = gazetteer().with_postal_code(code)
    departments = frozenset(location.postal_departments)
    elsewhere: list[Area] = []
    for reading in chain(readings(location), *separate_names(location)):
        named = [each.place for each in gazetteer().candidates(reading.key, MAX_ALTERNATIVES, departments)]
        if matching := [place for place in named if place in places]:
            return AreaMatch(matching[0], [], reading_note(matching[0], location))
        # The codes of CEDEX are of no commune: the name counts.
        if not places and (match := read(Reading(reading.key, departments), location, letters=False)):
            return match
        if not elsewhere and (match := read(Reading(reading.key), location, letters=False)):
            elsewhere = [match.area]
    if not places and code.endswith("000"):
        # “75000” is no postal code of a commune, but is common in postal addresses.
        cities = map(gazetteer().with_insee_code, CITIES.values())
        places = [city for city in cities if city and city.department == code[:2]]
    if not places:
        return None
    area = places[0] if len(places) == 1 else PostalArea(code, tuple(places))
    others = [*elsewhere, *(places if len(places) > 1 else ())]
    return AreaMatch(area, unique(others)[:MAX_ALTERNATIVES], reading_note(area, location))


def _similar_areas(location: LocationText) -> list[Area]:
    """Return areas with a name similar to the text, assuming that its first two characters are right.

    With a department that does not fit, the communes of that name elsewhere.
    """
    if location.postal_code:
        return gazetteer().with_postal_code_prefix(location.postal_code[:3], 3)
    if location.key.isdigit():
        return gazetteer().with_postal_code_prefix(location.key, 3)
    similar: list[Area] = []
    for reading in readings(location):
        if reading.departments is not None and (match := read(Reading(reading.key), location, letters=False)):
            similar += [match.area, *match.alternatives]
    # “Rennes ou Nantes”, “Lyon Vaise”: the names that the text begins or ends with.
    words = location.key.split()
    for size in range(len(words) - 1, 0, -1):
        for name in (" ".join(words[:size]), " ".join(words[-size:])):
            similar += [each.place for each in gazetteer().candidates(name, 1) if each.match == NameMatch.EXACT]
    return unique(similar)[:4] or _with_similar_name(location.key)


def _with_similar_name(key: str) -> list[Area]:
    places = gazetteer().similar_names(key[:2], len(key) - 3, len(key) + 3)
    names = {name for name in TERRITORIES if len(name) > 3}.union(gazetteer().area_keys(), places)
    close = difflib.get_close_matches(key, sorted(names), 4, 0.75)
    areas = [TERRITORIES.get(name) or gazetteer().area(name) or places[name] for name in close]
    return unique(paris() if area is Department.PARIS else area for area in areas)
