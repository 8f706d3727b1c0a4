"""How a view declares its response cacheable: `@cached_page` on the view, `tag` on the response.

Surrogate keys name the objects on a page, such as “offer:12” or “roles”. The change log invalidates them, also when
the clock publishes or expires an offer: see offers/changelog/version.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

# Returns whether a page that is rendered from the search index is the same for two generations of the index.
Unchanged = Callable[[tuple, tuple], bool]


@dataclass(frozen=True)
class CacheTags:
    """When a response expires: once a key changes, at a datetime, or with the search index unless `unchanged`."""

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


def add_keys(request: HttpRequest, keys: Iterable[str]) -> None:
    """Let a template tag add the surrogate keys of objects that the view does not know to those of the page."""
    request.surrogate_keys = added_keys(request).union(keys)


def added_keys(request: HttpRequest) -> frozenset[str]:
    """Return the surrogate keys that template tags have added while the response was rendered."""
    return getattr(request, "surrogate_keys", frozenset())


def next_midnight() -> datetime:
    """Return when pages that tell dates in words are outdated, in the timezone of the site."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)
