"""Texts that name several places, or one outside of France.

Of two towns near each other, one says where the other is (“Villeurbanne, Lyon”); otherwise the text is a list.
"""

from collections.abc import Iterable
from itertools import combinations

from offers.places.abroad import is_abroad
from offers.places.areas import TERRITORIES, Area, departments_of, places_of, unique
from offers.places.gazetteer import NameMatch, gazetteer, names_of
from offers.places.location_text import CITIES, PART_OF_TOWN, LocationText, Reading
from offers.places.matching import (
    MAX_ALTERNATIVES,
    MIN_TOWN_POPULATION,
    AreaMatch,
    UnknownArea,
    first_match,
    read,
    reading_note,
)
from offers.places.models import LARGE_CITY_RADIUS_KM, Place
from offers.places.territories import Region

NEAR_KM = LARGE_CITY_RADIUS_KM
# Beside another name, smaller communes than this have to be named in full.
MIN_KNOWN_POPULATION = 5_000


class SeveralAreas(UnknownArea):
    """The text names several areas, the `suggestions`. A search or an offer has only one."""


class ForeignArea(UnknownArea):
    """The text names a place outside of France; `suggestions` are the places of France that it names too."""


def match_separate_names(names: list[list[Reading]], location: LocationText) -> AreaMatch | None:
    """Return the area of names that do not say where another one is. Raises SeveralAreas if they are several."""
    matches = [(each, match) for each in names if (match := first_match(each, location))]
    if abroad := [each[0].key for each in names if is_abroad(each[0].key)]:
        french = [match.area for each, match in matches if each[0].key not in abroad]
        raise ForeignArea(unique([*french, *exact_communes(abroad)]))
    if any(match.place for _, match in matches):
        matches = [(each, match) for each, match in matches if not PART_OF_TOWN.match(each[0].key)] or matches
    # A village is named in full: “Bât. A, Lyon” has no commune that begins with “Bat”.
    certain = [match for each, match in matches if _is_certain(match.area, each)] or [match for _, match in matches]
    if len(certain) < 2:
        # A list of which the site knows only one name is not read as this one.
        is_list = location.has_conjunction and len(names) > 1
        return certain[0] if certain and not is_list else None
    return only_one(certain, location)


def _is_certain(area: Area, name: list[Reading]) -> bool:
    return _is_known(area) or any(each.key in names_of(area.key) for each in name)


def _is_known(area: Area) -> bool:
    return not isinstance(area, Place) or area.population >= MIN_KNOWN_POPULATION


def match_adjacent_names(location: LocationText) -> AreaMatch | None:
    """Return the area of two towns without a separator: “Lyon Grenoble”, “Saint-Denis Paris”."""
    words = location.key.split()
    if len(words) > 1 and all(word in TERRITORIES and word[0].isdigit() for word in words):
        # “92 93 94”
        raise SeveralAreas(unique(TERRITORIES[word] for word in words))
    for size in range(1, len(words)):
        pair = " ".join(words[:size]), " ".join(words[size:])
        if all(map(gazetteer().has_name, pair)):
            matches = [match for key in pair if (match := read(Reading(key), location, letters=False))]
            if all(match.place and match.place.population >= MIN_TOWN_POPULATION for match in matches):
                return only_one(matches, location)
    return None


def only_one(matches: list[AreaMatch], location: LocationText) -> AreaMatch:
    """Return the area that several names locate together. Raises SeveralAreas if they are far from each other."""
    # “Saint-Denis, Paris” is not the largest Saint-Denis.
    meanings = [
        [
            match.area,
            *(each for each in match.alternatives if _is_known(each) or each.key == getattr(match.area, "key", None)),
        ]
        for match in matches
    ]
    areas: list[Area] = []
    for index, each in enumerate(meanings):
        others = [area for other in (*meanings[:index], *meanings[index + 1 :]) for area in other]
        areas.append(next((area for area in each if any(_are_near(area, other) for other in others)), each[0]))
    areas = unique(areas)
    if location.has_conjunction:
        areas.sort(key=lambda area: -len(_codes(area)))
        if not all(_contains(areas[0], area) for area in areas[1:]):
            raise SeveralAreas(unique(each for match in meanings for each in areas if each in match))
        return AreaMatch(areas[0], areas[1:], reading_note(areas[0], location))
    if not all(_are_near(*pair) for pair in combinations(areas, 2)):
        raise SeveralAreas(areas)
    # A department or region says where a town is, and a larger area or town where a smaller one is.
    towns = [area for area in areas if not _codes(area)] or areas
    first = towns[0]
    for area in towns[1:]:
        if _contains(first, area):
            first = area
    others = [each for each in towns if each != first and not _contains(each, first) and not _is_larger(each, first)]
    return AreaMatch(first, others, reading_note(first, location))


def _codes(area: Area) -> frozenset[str]:
    """Return the departments of an area that is defined by departments."""
    return area.departments if isinstance(area, Region) else frozenset(departments_of(area))


def _is_larger(area: Area, other: Area) -> bool:
    return isinstance(area, Place) and isinstance(other, Place) and area.population >= other.population


def _contains(area: Area, other: Area) -> bool:
    if not _codes(area):
        return other in places_of(area)
    codes = _codes(other) or {place.department for place in places_of(other)}
    return bool(codes) and _codes(area) >= codes


def _are_near(area: Area, other: Area) -> bool:
    """Return whether one of two areas says where the other one is: it contains it, or a town is within NEAR_KM."""
    codes, other_codes = _codes(area), _codes(other)
    if codes and other_codes:
        return not codes.isdisjoint(other_codes)
    if _is_paris(area) or _is_paris(other):
        # “Cergy, Paris”: Paris stands for its region, but “Paris, Hauts-de-Seine” are two departments.
        return _contains(area, other) or _contains(other, area) or _are_in_region_of_paris(area, other)
    if codes or other_codes:
        nearby = (gazetteer().departments_within(NEAR_KM, place) for place in (*places_of(area), *places_of(other)))
        return any(not each.isdisjoint(codes or other_codes) for each in nearby)
    return any(each.distance_to(town) <= NEAR_KM for each in places_of(area) for town in places_of(other))


def _is_paris(area: Area) -> bool:
    return isinstance(area, Place) and area.insee_code == CITIES["paris"]


def _are_in_region_of_paris(*areas: Area) -> bool:
    return all({place.region for place in places_of(area)} == {Region.ILE_DE_FRANCE} for area in areas)


def exact_communes(keys: Iterable[str]) -> list[Area]:
    candidates = [each for key in keys for each in gazetteer().candidates(key, MAX_ALTERNATIVES)]
    return [each.place for each in candidates if each.match == NameMatch.EXACT]
