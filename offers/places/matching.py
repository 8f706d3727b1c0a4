"""How one reading of a text matches communes, regions, departments and named areas."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from offers.places.areas import (
    TERRITORIES,
    TERRITORIES_BY_LABEL,
    Area,
    LocationKeyword,
    NamedArea,
    PostalArea,
    area_label,
    area_name,
    departments_of,
    places_of,
    unique,
)
from offers.places.gazetteer import Candidate, NameMatch, gazetteer, with_prefix
from offers.places.location_text import CITIES, LocationText, Reading
from offers.places.models import Place
from offers.places.territories import Department, Region

# If a department and a commune share a name, the commune is preferred from this population on (Vienne, not Doubs).
MIN_TOWN_POPULATION = 10_000
# The beginning of the name of a region or department is read as a commune of at least this weight, if there is one.
MIN_TOWN_WEIGHT = 25_000
# Other communes are offered if their weight is at least this share of the best one, or if the text is their whole name.
MIN_SHARE = 1 / 25
MAX_ALTERNATIVES = 5
MAX_TERRITORIES = 3
# A text with fewer letters is not the beginning of a name.
MIN_BEGINNING = 2
_TERRITORY_KEYS = sorted(TERRITORIES_BY_LABEL)


@dataclass(frozen=True)
class AreaMatch:
    """The most likely area for a text, and the other areas it may refer to.

    `note` says in French how the text was read, unless it is the name of the area.
    """

    area: Area
    alternatives: list[Area] = field(default_factory=list)
    note: str = ""

    @property
    def place(self) -> Place | None:
        return self.area if isinstance(self.area, Place) else None

    @property
    def places(self) -> tuple[Place, ...]:
        """Return the communes around which a radius can be drawn."""
        return places_of(self.area)

    @property
    def communes(self) -> list[Place]:
        """Return all communes that the text may refer to, the most likely ones first."""
        areas = [self.area, *self.alternatives]
        return unique(place for area in areas for place in places_of(area))

    @property
    def is_one_commune(self) -> bool:
        """Return whether the text names one commune and no other."""
        return self.place is not None and not any(isinstance(area, Place) for area in self.alternatives)


class UnknownArea(Exception):
    """No area has this name; `suggestions` are areas with a similar name."""

    def __init__(self, suggestions: list[Area]):
        super().__init__()
        self.suggestions = suggestions


def first_match(all_readings: Iterable[Reading], location: LocationText, letters: bool = False) -> AreaMatch | None:
    return next((match for each in all_readings if (match := read(each, location, letters))), None)


def read(reading: Reading, location: LocationText, letters: bool) -> AreaMatch | None:
    """Return the area for one reading of the text. Without `letters`, the last word has to be complete."""
    key, departments = reading.key, reading.departments
    candidates = gazetteer().candidates(key, MAX_ALTERNATIVES + 1, departments)
    if not letters and all(each.match <= NameMatch.LETTERS for each in candidates):
        candidates = []
    if len(key) < MIN_BEGINNING:
        candidates = [each for each in candidates if each.match == NameMatch.EXACT]
    # “Doubs (25)” is the label of one commune.
    is_in_one = departments is not None and len(departments) == 1
    is_in_department = is_in_one and bool(candidates) and candidates[0].match == NameMatch.EXACT
    areas: list[Area] = [candidates[0].place] if is_in_department else _likely(candidates)
    exact = [area for area in (TERRITORIES.get(key), gazetteer().area(key)) if area and _is_in(area, departments)]
    # The department of Paris is the commune. Compared by identity: codes of regions and departments can be equal.
    exact = [paris() if area is Department.PARIS else area for area in exact]
    if letters and not exact and not reading.is_department:
        territories = [each for each in territories_starting_with(key) if _is_in(each, departments)]
        areas = _with_beginnings(areas, candidates, territories)
    is_town = is_in_department or (
        bool(candidates)
        and candidates[0].match == NameMatch.EXACT
        and candidates[0].place.population >= MIN_TOWN_POPULATION
    )
    if is_town and not reading.is_department:
        areas[1:1] = exact
    else:
        areas[:0] = exact
    areas = unique(areas)
    if not areas:
        return None
    candidate = next((each for each in candidates if each.place == areas[0]), None)
    note = reading_note(areas[0], location, candidate, is_ambiguous=len(areas) > 1)
    return AreaMatch(areas[0], areas[1 : MAX_ALTERNATIVES + 1], note)


def _likely(candidates: list[Candidate]) -> list[Area]:
    """Return the communes of the candidates without those that are far smaller than the first one."""
    if not candidates:
        return []
    least = candidates[0].weight * MIN_SHARE
    likely = [each for each in candidates if each.match == NameMatch.EXACT or each.weight >= least]
    first = likely[: MAX_ALTERNATIVES + 1]
    exact = [each for each in likely[MAX_ALTERNATIVES + 1 :] if each.match == NameMatch.EXACT]
    if exact and not any(each.match == NameMatch.EXACT for each in first):
        # The commune with exactly this name is always named.
        first[-1] = exact[0]
    return [each.place for each in first]


def _with_beginnings(areas: list[Area], candidates: list[Candidate], territories: list[Area]) -> list[Area]:
    """Return the communes, and the regions, departments and areas that begin with the text, in order."""
    territories = territories[:MAX_TERRITORIES]
    if candidates and candidates[0].weight >= MIN_TOWN_WEIGHT:
        return [*areas[: MAX_ALTERNATIVES - len(territories) + 1], *territories]
    return [*territories, *areas]


def _is_in(area: Area, departments: frozenset[str] | None) -> bool:
    """Return whether an area is in these departments: one of its communes, or all of its own departments."""
    if departments is None:
        return True
    if isinstance(area, Region):
        return departments >= area.departments
    codes = departments_of(area)
    return departments >= set(codes) if codes else any(each.department in departments for each in places_of(area))


def reading_note(
    area: Area, location: LocationText, candidate: Candidate | None = None, *, is_ambiguous: bool = False
) -> str:
    """Return how the text was read, in French; empty if it is the name of the area, and of no other one."""
    if area == LocationKeyword.REMOTE:
        return "Offres à 100\u00a0% en télétravail. Pour quelques jours par semaine, voir le filtre Télétravail."
    if isinstance(area, (NamedArea, PostalArea)):
        return f"{area_name(area)}\u00a0: {area.members}."
    if isinstance(area, LocationKeyword) or (location.is_name_of(area) and not is_ambiguous):
        return ""
    if candidate and candidate.match == NameMatch.FORMER:
        return f"Ancienne commune, aujourd’hui dans {area_label(area)}."
    return f"Lieu compris\u00a0: {area_label(area)}."


def territories_starting_with(key: str) -> list[Area]:
    """Return the regions, then the departments, then the named areas whose name starts with `key`."""
    if len(key) < MIN_BEGINNING or key.isdigit():
        return []
    areas: list[Area] = [TERRITORIES_BY_LABEL[name] for name in with_prefix(_TERRITORY_KEYS, key)]
    areas = [area for area in areas if area is not Department.PARIS]
    areas.sort(key=lambda area: (isinstance(area, Department), area.label))
    return unique([*areas, *gazetteer().areas_starting_with(key, MAX_TERRITORIES)])


def paris() -> Area:
    return gazetteer().with_insee_code(CITIES["paris"]) or Department.PARIS
