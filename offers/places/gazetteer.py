"""The communes, kept in memory by each process: towns are suggested at every key, and radii drawn at every search.

Sixteen thousand rows that change once a year with the official list, about eight megabytes. They are read anew when the
follower of the change log has seen one change: `places` in the folder of the index.
"""

import heapq
import math
import os
from array import array
from bisect import bisect_left, bisect_right
from functools import lru_cache
from pathlib import Path
from threading import Lock

from django.conf import settings

from offers.places.models import ARTICLES, EARTH_RADIUS_KM, KM_PER_DEGREE, Place, PostalCode, place_key

# Behind every text that begins in a given way.
_LAST = "\U0010ffff"
_COLUMNS = [field.attname for field in Place._meta.concrete_fields]
_ROW = {name: _COLUMNS.index(name) for name in ("id", "key", "latitude", "longitude")}
# What is asked for again and again: towns that people work in, times the radii there are.
KEPT_RADII = 150


class Gazetteer:
    """All communes of one moment. A rank is a place in the order of population, the largest first."""

    def __init__(self):
        self._rows = list(Place.objects.order_by("-population", "pk").values_list(*_COLUMNS))
        self._ranks = ranks = {row[_ROW["id"]]: rank for rank, row in enumerate(self._rows)}
        keys = [(row[_ROW["key"]], rank) for rank, row in enumerate(self._rows)]
        self._keys = sorted(keys)
        # Without their articles too: “Havre”, “Rochelle”.
        short = [(rest, rank) for key, rank in keys for first, _, rest in [key.partition(" ")] if first in ARTICLES]
        self._beginnings = sorted({*keys, *short})
        codes = PostalCode.objects.values_list("code", "place_id")
        self._codes = sorted((code, ranks[place]) for code, place in codes if place in ranks)
        self._lay_out()
        self.within = lru_cache(maxsize=KEPT_RADII)(self._within)

    def __len__(self):
        return len(self._rows)

    def get(self, pk: int) -> Place | None:
        rank = self._ranks.get(pk)
        return None if rank is None else self._place(rank)

    def starting_with(self, text: str, most: int) -> list[Place]:
        """Those whose name (its article left out or not) or postal code begins with `text`, the largest first."""
        return self._places(heapq.nsmallest(most, self._starting_with(text)))

    def numbers_starting_with(self, text: str) -> list[int]:
        """The numbers of all of these."""
        return [self._rows[rank][_ROW["id"]] for rank in self._starting_with(text)]

    def _starting_with(self, text: str) -> set[int]:
        names, key = (self._codes, text) if text.isdigit() else (self._beginnings, place_key(text))
        return {rank for _, rank in self._beginning(names, key)} if key else set()

    def named(self, key: str) -> list[Place]:
        """Those with exactly this key, the largest first."""
        return self._places(self._equal(self._keys, key))

    def with_code(self, code: str) -> list[Place]:
        """Those with this postal code, the largest first."""
        return self._places(self._equal(self._codes, code))

    def named_like(self, letters: str, shortest: int, longest: int) -> dict[str, Place]:
        """By key, the largest of each name that begins with `letters` and is of such a length."""
        found: dict[str, int] = {}
        for key, rank in sorted(self._beginning(self._keys, letters), key=lambda name: name[1]):
            if shortest <= len(key) <= longest:
                found.setdefault(key, rank)
        return {key: self._place(rank) for key, rank in found.items()}

    @staticmethod
    def _beginning(names: list[tuple[str, int]], text: str) -> list[tuple[str, int]]:
        return names[bisect_left(names, (text,)) : bisect_right(names, (text + _LAST,))]

    @staticmethod
    def _equal(names: list[tuple[str, int]], text: str) -> list[int]:
        return [rank for _, rank in names[bisect_left(names, (text,)) : bisect_right(names, (text, math.inf))]]

    def _places(self, ranks: list[int]) -> list[Place]:
        return [self._place(rank) for rank in ranks]

    def _place(self, rank: int) -> Place:
        return Place.from_db(Place.objects.db, _COLUMNS, self._rows[rank])

    # Distances

    def _lay_out(self):
        """Positions from south to north: in degrees, and as points of a sphere of radius 1."""
        at = sorted((row[_ROW["latitude"]], row[_ROW["longitude"]], row[_ROW["id"]]) for row in self._rows)
        self._latitudes, self._longitudes = array("d", (lat for lat, *_ in at)), array("d", (lon for _, lon, _ in at))
        self._numbers = array("q", (pk for *_, pk in at))
        self._points = [array("d", axis) for axis in zip(*(_point(lat, lon) for lat, lon, _ in at), strict=True)]

    def _within(self, km: float, latitude: float, longitude: float) -> frozenset[int]:
        """The numbers of the communes at most `km` kilometres from a position in degrees, along a great circle."""
        # A metre of tolerance: the centre itself may come out at 1e-7 km.
        km += 0.001
        high = km / KM_PER_DEGREE
        wide = high / max(math.cos(math.radians(latitude)), 0.01)
        # The straight line through the globe grows with the way around it, and takes no sine to compare.
        farthest = (2 * math.sin(min(km / EARTH_RADIUS_KM, math.pi) / 2)) ** 2
        x, y, z = _point(latitude, longitude)
        xs, ys, zs = self._points or ((), (), ())
        longitudes, band = self._longitudes, (latitude - high, latitude + high)
        return frozenset(
            self._numbers[at]
            for at in range(bisect_left(self._latitudes, band[0]), bisect_right(self._latitudes, band[1]))
            if -wide <= longitudes[at] - longitude <= wide
            and (xs[at] - x) ** 2 + (ys[at] - y) ** 2 + (zs[at] - z) ** 2 <= farthest
        )


def _point(latitude: float, longitude: float) -> tuple[float, float, float]:
    lat, lon = math.radians(latitude), math.radians(longitude)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


_lock = Lock()
# With the stamp that it was read at.
_newest: tuple[int, Gazetteer] | None = None


def places_stamp(root: Path | None = None) -> int:
    """Return a value that changes whenever communes or postal codes have: the mtime of a file the follower touches."""
    try:
        return os.stat((root or settings.SEARCH_DIR) / "places").st_mtime_ns
    except OSError:
        return 0


def gazetteer() -> Gazetteer:
    """The communes as they are now; two queries where they have changed since, else none."""
    global _newest
    # Asked before the rows are read: what changes meanwhile changes the stamp again.
    stamp = places_stamp()
    known = _newest
    if known is None or known[0] != stamp:
        with _lock:
            known = _newest
            if known is None or known[0] != stamp:
                known = _newest = (stamp, Gazetteer())
    return known[1]


def forget() -> None:
    """Read the communes anew at the next question."""
    global _newest
    _newest = None
