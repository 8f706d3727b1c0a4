"""How a view lets its response be cached: `@cached_page` on the view, `tag` on the response.

Surrogate keys name what a page shows, such as “offer:12” or “roles”; they are those of the change log, which also knows
when offers are published and expire by the clock: see offers/changelog/version.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.utils import timezone

# Of a page that is answered from the search index, whether it is the same in two generations of the index.
Unchanged = Callable[[tuple, tuple], bool]


@dataclass(frozen=True)
class CacheTags:
    """When a response no longer holds: once a key changes, at a datetime, or with another index unless `unchanged`."""

    keys: frozenset[str]
    expires_at: datetime
    uses_index: bool = False
    unchanged: Unchanged | None = None


def cached_page(view: Callable) -> Callable:
    """Mark a view whose GET responses to visitors without a session depend on the path and the query string alone."""
    view.cached_page = True
    return view


def tag(response: HttpResponse, keys: Iterable[str], *changes: datetime) -> HttpResponse:
    """Let `response` be cached until one of `keys` changes, or until the first of the datetimes `changes`."""
    response.cache_tags = CacheTags(frozenset(keys), min((next_midnight(), *changes)))
    return response


def tag_search(response: HttpResponse, keys: Iterable[str] = (), unchanged: Unchanged | None = None) -> HttpResponse:
    """Let `response`, which is answered from the search index, be cached until that changes, or one of `keys`."""
    response.cache_tags = CacheTags(frozenset(keys), next_midnight(), uses_index=True, unchanged=unchanged)
    return response


def next_midnight() -> datetime:
    """Return when pages that tell dates in words are outdated, in the timezone of the site."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)
