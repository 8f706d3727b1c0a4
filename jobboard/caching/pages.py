"""The page cache of one process: rendered responses with surrogate keys and an expiry datetime.

An entry is fresh until one of its surrogate keys changes, it expires, or (if it was rendered from the search index) the
index returns other results. Stale entries remain until they are replaced or evicted (LRU): they may be served, marked
as stale, while the database is unavailable.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from hashlib import sha256
from threading import Event, Lock
from typing import Protocol

from cachetools import LRUCache
from django.db import Error as DatabaseError
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import quote_etag

from jobboard.caching.tags import CacheTags

logger = logging.getLogger(__name__)

# Maximum bytes per worker. Responses with a query string have their own cache, so that crawled searches do not evict
# other pages.
MAX_PAGE_BYTES = 10_000_000
MAX_SEARCH_BYTES = 8_000_000
# Approximate bytes of an entry without its content.
ENTRY_BYTES = 2_500
# Seconds between two attempts to reach an unavailable database.
RETRY_SECONDS = 2

# Path and query string.
Key = tuple[str, str]


class Version(Protocol):
    def refresh(self) -> int: ...
    def changed_since(self, version: int, keys: Iterable[str]) -> bool: ...


class Unavailable(Exception):
    """The database is unavailable and there is no entry to serve."""


class Entry:
    """A response that was rendered at `version` of the database and `generation` of the search index."""

    def __init__(self, response: HttpResponse, version: int, generation: tuple | None):
        self.content = response.content
        self.tags: CacheTags = response.cache_tags
        self.version, self.generation = version, generation
        response["ETag"] = quote_etag(sha256(self.content).hexdigest()[:32])
        response.headers.setdefault("Cache-Control", "no-cache")
        if response["Content-Type"].startswith("text/html"):
            # Visitors with a session get another response.
            patch_vary_headers(response, ["Cookie"])
        self.headers = dict(response.items())
        self.size = len(self.content) + ENTRY_BYTES

    def response(self) -> HttpResponse:
        return HttpResponse(self.content, headers=self.headers)


class SingleFlight:
    """Let one thread render a page while the other threads that request it wait."""

    # Seconds after which a waiting thread renders the page too.
    MAX_WAIT_SECONDS = 3

    def __init__(self):
        self._flights: dict[Key, Event] = {}
        self._lock = Lock()

    @contextmanager
    def lead(self, key: Key):
        """Yield True to the thread that has to render; False to the others, after the first one has finished."""
        with self._lock:
            flight = self._flights.get(key)
            if leads := flight is None:
                self._flights[key] = Event()
        if not leads:
            flight.wait(self.MAX_WAIT_SECONDS)
            yield False
            return
        try:
            yield True
        finally:
            with self._lock:
                flight = self._flights.pop(key)
            flight.set()


class PageCache:
    """LRU caches of entries by path and query string.

    `generation` returns the generation of the search index, None without an index.
    """

    def __init__(self, version: Version, generation: Callable[[], tuple | None]):
        self._version, self._generation = version, generation
        self._pages, self._searches = (
            LRUCache(size, getsizeof=lambda entry: entry.size) for size in (MAX_PAGE_BYTES, MAX_SEARCH_BYTES)
        )
        self._lock = Lock()
        self._flights = SingleFlight()
        self._retry_at = 0.0
        self._is_unavailable = False

    def __contains__(self, key: Key) -> bool:
        return key in self._cache_for(key)

    def get_or_render(self, key: Key, render: Callable[[], HttpResponse]) -> HttpResponse:
        """Return the cached response, or call `render` and cache its response if it is tagged. Raise Unavailable."""
        version = self._refresh()
        if version is None:
            return self._stale(key)
        if entry := self._fresh(key):
            return entry.response()
        with self._flights.lead(key) as leads:
            if not leads and (entry := self._fresh(key)):
                return entry.response()
            # Read before rendering: a change during rendering then invalidates the entry.
            generation = self._generation()
            response = render()
            if is_cacheable(response):
                entry = Entry(response, version, generation)
                if generation or not entry.tags.uses_index:
                    self._store(key, entry)
            return response

    def _fresh(self, key: Key) -> Entry | None:
        with self._lock:
            entry = self._cache_for(key).get(key)
        if (
            entry is None
            or timezone.now() >= entry.tags.expires_at
            or self._version.changed_since(entry.version, entry.tags.keys)
            or (entry.tags.uses_index and not self._has_same_index(entry))
        ):
            return None
        return entry

    def _has_same_index(self, entry: Entry) -> bool:
        generation = self._generation()
        if entry.generation != generation:
            if not (generation and entry.tags.unchanged and entry.tags.unchanged(entry.generation, generation)):
                return False
            entry.generation = generation
        return True

    def _store(self, key: Key, entry: Entry):
        cache = self._cache_for(key)
        if entry.size <= cache.maxsize:
            with self._lock:
                cache[key] = entry

    def _cache_for(self, key: Key) -> LRUCache:
        """Return the LRU cache of the key: that of searches, or that of other pages."""
        return self._searches if key[1] else self._pages

    # While the database is unavailable

    def _refresh(self) -> int | None:
        """Return the version of the database, or None if it is unavailable."""
        now = time.monotonic()
        if now < self._retry_at:
            return None
        if self._is_unavailable:
            # Only this thread tries to connect; the others serve stale entries.
            self._retry_at = now + RETRY_SECONDS
        try:
            version = self._version.refresh()
        except DatabaseError as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            if not self._is_unavailable:
                logger.error("the database does not answer, cached pages are served as they are: %s", type(error))
            self._is_unavailable = True
            return None
        if self._is_unavailable:
            logger.warning("the database answers again")
        self._is_unavailable, self._retry_at = False, 0.0
        return version

    def _stale(self, key: Key) -> HttpResponse:
        """Return the cached response, marked as stale. Raise Unavailable if there is none or it was invalidated."""
        with self._lock:
            entry = self._cache_for(key).get(key)
        if entry is None or self._version.changed_since(entry.version, entry.tags.keys):
            raise Unavailable
        response = entry.response()
        response["X-Cache"] = "stale"
        return response


def is_cacheable(response: HttpResponse) -> bool:
    return (
        hasattr(response, "cache_tags")
        and response.status_code == 200
        and not response.streaming
        # A response with cookies is for one visitor.
        and not response.cookies
    )
