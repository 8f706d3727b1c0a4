"""Declare that a response can be cached: `@cached_page` on the view, `tag` on the response.

Surrogate keys identify the objects on a page, such as “offer:12” or “roles”. The change log invalidates them, as do
publication and expiry by date: see offers/changelog/version.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

# Returns whether a response rendered from the search index is the same for two generations of the index.
Unchanged = Callable[[tuple, tuple], bool]


@dataclass(frozen=True)
class CacheTags:
    """The conditions under which a cached response is stale.

    One of `keys` has changed, `expires_at` is reached, or, with `uses_index`, the search index has changed and
    `unchanged` does not return True for the two generations.
    """

    keys: frozenset[str]
    expires_at: datetime
    uses_index: bool = False
    unchanged: Unchanged | None = None


def cached_page(view: Callable) -> Callable:
    """Mark a view whose responses to anonymous GET requests depend on the path and the query string only."""
    view.cached_page = True
    return view


def tag(response: HttpResponse, keys: Iterable[str], *changes: datetime) -> HttpResponse:
    """Make `response` cacheable until one of `keys` changes, or until the earliest of the datetimes `changes`."""
    response.cache_tags = CacheTags(frozenset(keys), min((next_midnight(), *changes)))
    return response


def tag_search(response: HttpResponse, keys: Iterable[str] = (), unchanged: Unchanged | None = None) -> HttpResponse:
    """Make `response` cacheable until the search index or one of `keys` changes."""
    response.cache_tags = CacheTags(frozenset(keys), next_midnight(), uses_index=True, unchanged=unchanged)
    return response


def add_keys(request: HttpRequest, keys: Iterable[str]) -> None:
    """Add surrogate keys to those of the response, for template tags that render objects unknown to the view."""
    request.surrogate_keys = added_keys(request).union(keys)


def added_keys(request: HttpRequest) -> frozenset[str]:
    """Return the surrogate keys that template tags have added during rendering."""
    return getattr(request, "surrogate_keys", frozenset())


def next_midnight() -> datetime:
    """Return the next midnight in the timezone of the site, when dates relative to today change."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)
