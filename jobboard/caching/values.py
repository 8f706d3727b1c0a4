"""Values that are dear to compute and may be a while old; of one process."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from cachetools import TTLCache

T = TypeVar("T")


class CachedValues:
    """At most `size` values, each computed again `seconds` after it was computed."""

    def __init__(self, size: int, seconds: float):
        self._values = TTLCache(size, seconds)
        self._lock = Lock()

    def get_or_compute(self, key, compute: Callable[[], T]) -> T:
        """Two threads may compute one value at once; the lock is not held meanwhile."""
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
