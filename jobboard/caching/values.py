"""A cache for expensive values that may be stale, one per process."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from cachetools import TTLCache

T = TypeVar("T")


class CachedValues:
    """An LRU cache of `size` values, each with a TTL of `seconds`."""

    def __init__(self, size: int, seconds: float):
        self._values = TTLCache(size, seconds)
        self._lock = Lock()

    def get_or_compute(self, key, compute: Callable[[], T]) -> T:
        """Return the cached value, or compute and cache it. Two threads may compute the same value concurrently."""
        with self._lock:
            if key in self._values:
                return self._values[key]
        value = compute()
        with self._lock:
            self._values[key] = value
        return value

    def clear(self):
        with self._lock:
            self._values.clear()
