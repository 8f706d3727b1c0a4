"""In-memory index of the communes, for suggestions at each keystroke and for radius searches.

16,000 rows (about 8 MB per process) that change once a year with the official list. They are reloaded when the follower
of the change log touches the file `places` in SEARCH_DIR.
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

# Sorts after every continuation of a prefix.
_LAST = "\U0010ffff"
_COLUMNS = [field.attname for field in Place._meta.concrete_fields]
_ROW = {name: _COLUMNS.index(name) for name in ("id", "key", "latitude", "longitude")}
# Radius searches repeat the same few towns, times the radii of the form.
RADIUS_CACHE_SIZE = 150


class Gazetteer:
    """A snapshot of all communes. A rank is an index into the rows sorted by population, largest first."""

    def __init__(self):
        self._rows = list(Place.objects.order_by("-population", "pk").values_list(*_COLUMNS))
        self._ranks = ranks = {row[_ROW["id"]]: rank for rank, row in enumerate(self._rows)}
        keys = [(row[_ROW["key"]], rank) for rank, row in enumerate(self._rows)]
        self._keys = sorted(keys)
        # Also without the article: “Havre”, “Rochelle”.
        without_article = [
            (rest, rank) for key, rank in keys for first, _, rest in [key.partition(" ")] if first in ARTICLES
        ]
        self._prefix_keys = sorted({*keys, *without_article})
        codes = PostalCode.objects.values_list("code", "place_id")
        self._codes = sorted((code, ranks[place]) for code, place in codes if place in ranks)
        self._index_positions()
        self.within = lru_cache(maxsize=RADIUS_CACHE_SIZE)(self._within)

    def __len__(self):
        return len(self._rows)

    def get(self, pk: int) -> Place | None:
        rank = self._ranks.get(pk)
        return None if rank is None else self._place(rank)

    def starting_with(self, text: str, limit: int) -> list[Place]:
        """Return communes whose name (with or without article) or postal code starts with `text`, largest first."""
        return self._places(heapq.nsmallest(limit, self._starting_with(text)))

    def pks_starting_with(self, text: str) -> list[int]:
        """Return the pks of all communes that match as in `starting_with`, without a limit."""
        return [self._rows[rank][_ROW["id"]] for rank in self._starting_with(text)]

    def _starting_with(self, text: str) -> set[int]:
        keys, key = (self._codes, text) if text.isdigit() else (self._prefix_keys, place_key(text))
        return {rank for _, rank in self._with_prefix(keys, key)} if key else set()

    def with_key(self, key: str) -> list[Place]:
        """Return the communes with this `place_key`, largest first."""
        return self._places(self._equal(self._keys, key))

    def with_postal_code(self, code: str) -> list[Place]:
        """Return the communes with this postal code, largest first."""
        return self._places(self._equal(self._codes, code))

    def with_key_prefix(self, prefix: str, min_length: int, max_length: int) -> dict[str, Place]:
        """Return the largest commune of each key that starts with `prefix` and has such a length, by key."""
        ranks: dict[str, int] = {}
        for key, rank in sorted(self._with_prefix(self._keys, prefix), key=lambda item: item[1]):
            if min_length <= len(key) <= max_length:
                ranks.setdefault(key, rank)
        return {key: self._place(rank) for key, rank in ranks.items()}

    @staticmethod
    def _with_prefix(keys: list[tuple[str, int]], text: str) -> list[tuple[str, int]]:
        return keys[bisect_left(keys, (text,)) : bisect_right(keys, (text + _LAST,))]

    @staticmethod
    def _equal(keys: list[tuple[str, int]], text: str) -> list[int]:
        return [rank for _, rank in keys[bisect_left(keys, (text,)) : bisect_right(keys, (text, math.inf))]]

    def _places(self, ranks: list[int]) -> list[Place]:
        return [self._place(rank) for rank in ranks]

    def _place(self, rank: int) -> Place:
        return Place.from_db(Place.objects.db, _COLUMNS, self._rows[rank])

    # Distances

    def _index_positions(self):
        """Store the positions sorted by latitude: in degrees, and as points on the unit sphere."""
        positions = sorted((row[_ROW["latitude"]], row[_ROW["longitude"]], row[_ROW["id"]]) for row in self._rows)
        self._latitudes, self._longitudes = (
            array("d", (lat for lat, *_ in positions)),
            array("d", (lon for _, lon, _ in positions)),
        )
        self._pks = array("q", (pk for *_, pk in positions))
        self._points = [array("d", axis) for axis in zip(*(_point(lat, lon) for lat, lon, _ in positions), strict=True)]

    def _within(self, km: float, latitude: float, longitude: float) -> frozenset[int]:
        """Return the pks of the communes at most `km` kilometres (great circle) from a position in degrees."""
        # One metre of tolerance: rounding puts the centre itself at up to 1e-7 km.
        km += 0.001
        high = km / KM_PER_DEGREE
        wide = high / max(math.cos(math.radians(latitude)), 0.01)
        # Compare squared chords: they grow with the great-circle distance and need no trigonometry per commune.
        max_chord = (2 * math.sin(min(km / EARTH_RADIUS_KM, math.pi) / 2)) ** 2
        x, y, z = _point(latitude, longitude)
        xs, ys, zs = self._points or ((), (), ())
        longitudes, band = self._longitudes, (latitude - high, latitude + high)
        return frozenset(
            self._pks[i]
            for i in range(bisect_left(self._latitudes, band[0]), bisect_right(self._latitudes, band[1]))
            if -wide <= longitudes[i] - longitude <= wide
            and (xs[i] - x) ** 2 + (ys[i] - y) ** 2 + (zs[i] - z) ** 2 <= max_chord
        )


def _point(latitude: float, longitude: float) -> tuple[float, float, float]:
    lat, lon = math.radians(latitude), math.radians(longitude)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


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
