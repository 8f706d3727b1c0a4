"""In-memory index of the communes: by name, postal code and distance.

34,875 communes and 3,073 former names (about 17 MB per process) that change once a year with the official list. They
are reloaded, in half a second of CPU time, when the follower of the change log touches the file `places` in SEARCH_DIR.
"""

import csv
import heapq
import math
import os
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from threading import Lock

from django.conf import settings

from offers.places.areas import DATA, NamedArea, read_areas
from offers.places.models import ARTICLES, EARTH_RADIUS_KM, KM_PER_DEGREE, Place, PostalCode, place_key

# Sorts after every continuation of a prefix.
_LAST = "\U0010ffff"
_COLUMNS = [field.attname for field in Place._meta.concrete_fields]
_TYPES = {"id": "q", "population": "q", "latitude": "d", "longitude": "d"}
# The few values of these columns are shared by all rows.
_REPEATED = ("department", "region", "zone")
# Radius searches repeat the same few towns and areas, times the radii of the form.
RADIUS_CACHE_SIZE = 150
# Instances are shared by all callers, which must not change them. Creating them took most of the time of a suggestion,
# since areas have up to 160 communes.
PLACE_CACHE_SIZE = 3_000


class NameMatch(IntEnum):
    """How a text names a commune."""

    # It is the beginning of the name of a former commune, which today belongs to this one.
    FORMER_BEGINNING = 0
    # It is the beginning of the name, within a word.
    LETTERS = 1
    # It is one or more whole words at the beginning of the name.
    WORDS = 2
    # It is the name of a former commune.
    FORMER = 3
    # It is the name.
    EXACT = 4


# A commune is preferred to others by its inhabitants times this factor. The exact “Nogent” (3,550 inhabitants) loses to
# Nogent-sur-Marne (33,000), because it has less than a fifth of its inhabitants. The inhabitants of former communes are
# not known, only those of the commune that they have joined.
WEIGHTS = {
    NameMatch.EXACT: 25,
    NameMatch.WORDS: 5,
    NameMatch.LETTERS: 1,
    NameMatch.FORMER: 0.5,
    NameMatch.FORMER_BEGINNING: 0.01,
}


@dataclass(frozen=True)
class Candidate:
    """A commune that a text may name."""

    place: Place
    match: NameMatch

    @property
    def weight(self) -> float:
        return self.place.population * WEIGHTS[self.match]


class SortedNames:
    """Keys of names in alphabetical order, each with the rank of its commune."""

    def __init__(self, names: Iterable[tuple[str, int]]):
        pairs = sorted(names)
        self._names = [name for name, _ in pairs]
        self._ranks = array("i", (rank for _, rank in pairs))

    def ranks(self, key: str) -> tuple[array, array, array]:
        """Return the ranks of the names that are `key`, that go on with another word, and within the word."""
        # A space sorts before the letters.
        start = bisect_left(self._names, key)
        ends = [bisect_right(self._names, key + after, start) for after in ("", f" {_LAST}", _LAST)]
        return tuple(self._ranks[slice(*each)] for each in pairwise([start, *ends]))

    def starting_with(self, prefix: str) -> Iterator[tuple[str, int]]:
        span = slice(bisect_left(self._names, prefix), bisect_right(self._names, prefix + _LAST))
        return zip(self._names[span], self._ranks[span], strict=True)


class Gazetteer:
    """A snapshot of all communes. A rank is an index into the rows sorted by population, largest first."""

    def __init__(self):
        self._columns = {name: array(_TYPES[name]) if name in _TYPES else [] for name in _COLUMNS}
        appends = [self._columns[name].append for name in _COLUMNS]
        for row in Place.objects.order_by("-population", "pk").values_list(*_COLUMNS):
            for append, value in zip(appends, row, strict=True):
                append(value)
        for name in _REPEATED:
            self._columns[name] = list(map(sys.intern, self._columns[name]))
        self._ranks = {pk: rank for rank, pk in enumerate(self._columns["id"])}
        by_insee_code = {code: rank for rank, code in enumerate(self._columns["insee_code"])}
        self._index_names(by_insee_code)
        self._index_codes()
        self._index_positions()
        self._areas = {}
        for area in read_areas():
            ranks = tuple(sorted(by_insee_code[code] for code in area.communes if code in by_insee_code))
            if ranks or area.departments:
                for key in area.keys:
                    self._areas[key] = (area, ranks)
        self._area_keys = sorted(self._areas)
        self.within = lru_cache(maxsize=RADIUS_CACHE_SIZE)(self._within)
        self.in_departments = lru_cache(maxsize=RADIUS_CACHE_SIZE)(self._in_departments)
        self._place = lru_cache(maxsize=PLACE_CACHE_SIZE)(self._make_place)

    def __len__(self):
        return len(self._ranks)

    def get(self, pk: int) -> Place | None:
        rank = self._ranks.get(pk)
        return None if rank is None else self._place(rank)

    def with_insee_code(self, code: str) -> Place | None:
        codes = self._columns["insee_code"]
        return self._place(codes.index(code)) if code in codes else None

    # Names

    def _index_names(self, by_insee_code: dict[str, int]):
        """Index the names of today and of former communes, also without their article (“Havre”)."""
        official = enumerate(self._columns["key"])
        self._names = SortedNames((each, rank) for rank, key in official for each in names_of(key))
        former = ((place_key(name), by_insee_code.get(code)) for name, code in former_communes())
        self._former_names = SortedNames(
            (each, rank) for key, rank in former if rank is not None for each in names_of(key)
        )

    def candidates(self, key: str, limit: int, departments: Set[str] | None = None) -> list[Candidate]:
        """Return the communes whose name is `key` or begins with it, at most `limit` of each match, by weight.

        `departments` are the codes of the departments to search. In a single one the exact name comes first, whatever
        the inhabitants: “Nogent (52)” has no doubt.
        """
        if not key:
            return []
        exact, words, letters = self._names.ranks(key)
        former, *former_beginnings = self._former_names.ranks(key)
        found: dict[int, NameMatch] = {}
        for match, ranks in (
            (NameMatch.EXACT, exact),
            (NameMatch.WORDS, words),
            (NameMatch.LETTERS, letters),
            (NameMatch.FORMER, former),
            (NameMatch.FORMER_BEGINNING, former_beginnings[0] + former_beginnings[1]),
        ):
            if departments is not None:
                codes = self._columns["department"]
                ranks = [rank for rank in ranks if codes[rank] in departments]
            for rank in heapq.nsmallest(limit, set(ranks)):
                found.setdefault(rank, match)
        candidates = [Candidate(self._place(rank), match) for rank, match in found.items()]
        if departments is not None and len(departments) == 1:
            candidates.sort(key=lambda each: (each.match != NameMatch.EXACT, each.place.key != key, -each.weight))
            return candidates
        return sorted(candidates, key=lambda each: -each.weight)

    def named(self, key: str) -> Candidate | None:
        """Return the likeliest commune whose name or former name is `key`, or whose name begins with its words."""
        exact, words, _ = self._names.ranks(key)
        former = self._former_names.ranks(key)[0]
        best = [
            Candidate(self._place(min(ranks)), match)
            for match, ranks in ((NameMatch.EXACT, exact), (NameMatch.WORDS, words), (NameMatch.FORMER, former))
            if ranks
        ]
        return max(best, key=lambda each: each.weight, default=None)

    def has_namesakes(self, place: Place) -> bool:
        """Return whether another commune has the same name, with or without an article."""
        return len(self._names.ranks(place.key)[0]) > 1

    def has_name(self, key: str) -> bool:
        """Return whether a commune has this name, with or without an article."""
        return bool(self._names.ranks(key)[0])

    def pks_starting_with(self, text: str) -> list[int]:
        """Return the pks of all communes with a name or postal code that starts with `text`."""
        if text.isdigit():
            ranks = {rank for code in with_prefix(self._codes, text) for rank in self._ranks_by_code[code]}
        else:
            key = place_key(text)
            names = (self._names, self._former_names) if key else ()
            ranks = {rank for each in names for part in each.ranks(key) for rank in part}
        return [self._columns["id"][rank] for rank in ranks]

    def similar_names(self, prefix: str, min_length: int, max_length: int) -> dict[str, Place]:
        """Return the largest commune of each name that starts with `prefix` and has such a length, by name."""
        ranks: dict[str, int] = {}
        for names in (self._names, self._former_names):
            for name, rank in names.starting_with(prefix):
                if min_length <= len(name) <= max_length and rank <= ranks.get(name, rank):
                    ranks[name] = rank
        return {name: self._place(rank) for name, rank in ranks.items()}

    # Areas

    def area(self, key: str) -> NamedArea | Place | None:
        """Return the area with this name, or its commune if it has only one."""
        if key not in self._areas:
            return None
        area, ranks = self._areas[key]
        places = tuple(self._places(ranks))
        return places[0] if len(places) == 1 else area.with_places(places)

    def has_area(self, key: str) -> bool:
        """Return whether an area has this name."""
        return key in self._areas

    def areas_starting_with(self, prefix: str, limit: int) -> list[NamedArea | Place]:
        """Return at most `limit` areas with a name that starts with `prefix`, in alphabetical order of their labels."""
        areas = ((key, self._areas[key][0]) for key in with_prefix(self._area_keys, prefix))
        keys_by_label = {area.label: key for key, area in areas if area.is_suggested_for(prefix, key)}
        return [self.area(keys_by_label[label]) for label in sorted(keys_by_label)[:limit]]

    def area_keys(self) -> Iterator[str]:
        return iter(self._areas)

    # Postal codes

    def _index_codes(self):
        self._ranks_by_code: dict[str, list[int]] = {}
        for code, pk in PostalCode.objects.values_list("code", "place_id"):
            if (rank := self._ranks.get(pk)) is not None:
                self._ranks_by_code.setdefault(code, []).append(rank)
        self._codes = sorted(self._ranks_by_code)

    def with_postal_code(self, code: str) -> list[Place]:
        """Return the communes with this postal code, largest first."""
        return self._places(sorted(self._ranks_by_code.get(code, ())))

    def with_postal_code_prefix(self, digits: str, limit: int) -> list[Place]:
        """Return at most `limit` communes with a postal code that starts with `digits`, largest first."""
        ranks = {rank for code in with_prefix(self._codes, digits) for rank in self._ranks_by_code[code]}
        return self._places(heapq.nsmallest(limit, ranks))

    def _places(self, ranks) -> list[Place]:
        return [self._place(rank) for rank in ranks]

    def _make_place(self, rank: int) -> Place:
        return Place.from_db(Place.objects.db, _COLUMNS, [self._columns[name][rank] for name in _COLUMNS])

    # Distances

    def departments_within(self, km: float, place: Place) -> set[str]:
        """Return the codes of the departments that have communes within `km` kilometres of a commune."""
        pks = self.within(km, (place.latitude, place.longitude))
        return {self._columns["department"][self._ranks[pk]] for pk in pks}

    def _index_positions(self):
        """Store the positions sorted by latitude: in degrees, and as points on the unit sphere."""
        columns = self._columns
        positions = sorted(zip(columns["latitude"], columns["longitude"], columns["id"], strict=True))
        self._latitudes = array("d", (lat for lat, *_ in positions))
        self._longitudes = array("d", (lon for _, lon, _ in positions))
        self._pks = array("q", (pk for *_, pk in positions))
        self._points = [array("d", axis) for axis in zip(*(_point(lat, lon) for lat, lon, _ in positions), strict=True)]

    def _within(self, km: float, *positions: tuple[float, float]) -> frozenset[int]:
        """Return the pks of the communes at most `km` kilometres (great circle) from one of the positions.

        A position is a latitude and a longitude in degrees. An area is one entry of the cache: the Pays basque has 158
        communes, which would replace all other entries.
        """
        return frozenset(pk for latitude, longitude in positions for pk in self._around(km, latitude, longitude))

    def _around(self, km: float, latitude: float, longitude: float) -> Iterator[int]:
        # One metre of tolerance: rounding puts the centre itself at up to 1e-7 km.
        km += 0.001
        high = km / KM_PER_DEGREE
        wide = high / max(math.cos(math.radians(latitude)), 0.01)
        # Compare squared chords: they grow with the great-circle distance and need no trigonometry per commune.
        max_chord = (2 * math.sin(min(km / EARTH_RADIUS_KM, math.pi) / 2)) ** 2
        x, y, z = _point(latitude, longitude)
        xs, ys, zs = self._points or ((), (), ())
        longitudes, band = self._longitudes, (latitude - high, latitude + high)
        return (
            self._pks[i]
            for i in range(bisect_left(self._latitudes, band[0]), bisect_right(self._latitudes, band[1]))
            if -wide <= longitudes[i] - longitude <= wide
            and (xs[i] - x) ** 2 + (ys[i] - y) ** 2 + (zs[i] - z) ** 2 <= max_chord
        )

    def _in_departments(self, codes: Set[str]) -> frozenset[int]:
        """Return the pks of the communes of departments."""
        return frozenset(
            pk for pk, code in zip(self._columns["id"], self._columns["department"], strict=True) if code in codes
        )


def _point(latitude: float, longitude: float) -> tuple[float, float, float]:
    lat, lon = math.radians(latitude), math.radians(longitude)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def names_of(key: str) -> tuple[str, ...]:
    """Return the key of a name, and that without the article at its start, if it has one."""
    first, _, rest = key.partition(" ")
    return (key, rest) if rest and first in ARTICLES else (key,)


def with_prefix(values: list[str], prefix: str) -> list[str]:
    """Return the values that start with `prefix`; `values` are sorted."""
    return values[bisect_left(values, prefix) : bisect_right(values, prefix + _LAST)]


def former_communes() -> Iterator[tuple[str, str]]:
    """Yield (name, INSEE code of today’s commune) of the communes that have joined another one."""
    with (DATA / "former_communes.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row["name"], row["insee_code"]


_lock = Lock()
# The cached gazetteer, with the version it was loaded at.
_cached: tuple[int, Gazetteer] | None = None


def places_version(root: Path | None = None) -> int:
    """Return a value that changes whenever communes or postal codes have: the mtime of a file the follower touches."""
    try:
        return os.stat((root or settings.SEARCH_DIR) / "places").st_mtime_ns
    except OSError:
        return 0


def gazetteer() -> Gazetteer:
    """Return the current gazetteer, cached by process; two queries when the communes have changed."""
    global _cached
    # Read before the rows: a change during loading changes the version again.
    version = places_version()
    entry = _cached
    if entry is None or entry[0] != version:
        with _lock:
            entry = _cached
            if entry is None or entry[0] != version:
                entry = _cached = (version, Gazetteer())
    return entry[1]


def clear_cache() -> None:
    """Reload the communes at the next call of `gazetteer`."""
    global _cached
    _cached = None
