"""The page cache of one process: rendered responses, each with the tags that say when it no longer holds.

An entry is served while none of its surrogate keys has changed, the clock has not reached its expiry and, where it was
answered from the search index, the index gives the same. An entry that no longer holds stays until it is replaced or is
the least recently used: while the database is away it may be served, marked as stale.
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

# Bytes in each worker. Pages with a query string stand apart, so that a robot's thousand searches leave the others.
MAX_PAGE_BYTES = 10_000_000
MAX_SEARCH_BYTES = 8_000_000
# What an entry takes beside its content, about.
ENTRY_BYTES = 2_500
# Seconds during which the database is not asked again after it has failed.
RETRY_SECONDS = 2

# Path and query string.
Key = tuple[str, str]


class Version(Protocol):
    def refresh(self) -> int: ...
    def changed_since(self, version: int, keys: Iterable[str]) -> bool: ...


class Unavailable(Exception):
    """The database is away and there is no entry to serve."""


class Entry:
    """A response that was rendered when the database had `version`, and the search index `generation`."""

    def __init__(self, response: HttpResponse, version: int, generation: tuple | None):
        self.content = response.content
        self.tags: CacheTags = response.cache_tags
        self.version, self.generation = version, generation
        response["ETag"] = quote_etag(sha256(self.content).hexdigest()[:32])
        response.headers.setdefault("Cache-Control", "no-cache")
        if response["Content-Type"].startswith("text/html"):
            # A visitor with a session gets another page.
            patch_vary_headers(response, ["Cookie"])
        self.headers = dict(response.items())
        self.size = len(self.content) + ENTRY_BYTES

    def response(self) -> HttpResponse:
        return HttpResponse(self.content, headers=self.headers)


class SingleFlight:
    """Lets one thread render a page while the others that want it wait."""

    # Seconds after which a thread that waits renders the page too.
    PATIENCE = 3

    def __init__(self):
        self._flights: dict[Key, Event] = {}
        self._lock = Lock()

    @contextmanager
    def lead(self, key: Key):
        """Yield True to the thread that is to render, False to one that has waited until another had done so."""
        with self._lock:
            flight = self._flights.get(key)
            if leads := flight is None:
                self._flights[key] = Event()
        if not leads:
            flight.wait(self.PATIENCE)
            yield False
            return
        try:
            yield True
        finally:
            with self._lock:
                flight = self._flights.pop(key)
            flight.set()


class PageCache:
    """Entries by path and query string. `generation` returns that of the search index, None where there is no index."""

    def __init__(self, version: Version, generation: Callable[[], tuple | None]):
        self._version, self._generation = version, generation
        self._pages, self._searches = (
            LRUCache(size, getsizeof=lambda entry: entry.size) for size in (MAX_PAGE_BYTES, MAX_SEARCH_BYTES)
        )
        self._lock = Lock()
        self._flights = SingleFlight()
        self._retry_at = 0.0
        self._is_away = False

    def __contains__(self, key: Key) -> bool:
        return key in self._shelf(key)

    def get_or_render(self, key: Key, render: Callable[[], HttpResponse]) -> HttpResponse:
        """Return the cached response, or that of `render`, which is cached if it is tagged. Raises Unavailable."""
        version = self._refresh()
        if version is None:
            return self._stale(key)
        if entry := self._fresh(key):
            return entry.response()
        with self._flights.lead(key) as leads:
            if not leads and (entry := self._fresh(key)):
                return entry.response()
            # Before rendering: what changes meanwhile makes the entry outdated.
            generation = self._generation()
            response = render()
            if is_cacheable(response):
                entry = Entry(response, version, generation)
                if generation or not entry.tags.uses_index:
                    self._store(key, entry)
            return response

    def _fresh(self, key: Key) -> Entry | None:
        with self._lock:
            entry = self._shelf(key).get(key)
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
        shelf = self._shelf(key)
        if entry.size <= shelf.maxsize:
            with self._lock:
                shelf[key] = entry

    def _shelf(self, key: Key) -> LRUCache:
        return self._searches if key[1] else self._pages

    # Without the database

    def _refresh(self) -> int | None:
        """Return the version of the database, None while it does not answer."""
        now = time.monotonic()
        if now < self._retry_at:
            return None
        if self._is_away:
            # One thread tries, the others go on without.
            self._retry_at = now + RETRY_SECONDS
        try:
            version = self._version.refresh()
        except DatabaseError as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            if not self._is_away:
                logger.error("the database does not answer, cached pages are served as they are: %s", type(error))
            self._is_away = True
            return None
        if self._is_away:
            logger.warning("the database answers again")
        self._is_away, self._retry_at = False, 0.0
        return version

    def _stale(self, key: Key) -> HttpResponse:
        """Return the entry, marked, unless the log has said that what it shows has changed."""
        with self._lock:
            entry = self._shelf(key).get(key)
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
        # A cookie belongs to one visitor.
        and not response.cookies
    )
