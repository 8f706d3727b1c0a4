"""`PageCache` with a fake version of the database: validity of entries, single-flight rendering, bounded memory."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.utils import timezone

from jobboard.caching import pages
from jobboard.caching.pages import ENTRY_BYTES, PageCache, Unavailable
from jobboard.caching.tags import tag, tag_search
from jobboard.caching.values import CachedValues
from tests.caching.threads import run_concurrently


class FakeVersion:
    """A version of the database whose keys change by `change`."""

    def __init__(self):
        self.version, self.changed, self.error = 1, {}, None

    def refresh(self):
        if self.error:
            raise self.error
        return self.version

    def change(self, key):
        self.version += 1
        self.changed[key] = self.version

    def changed_since(self, version, keys):
        return any(self.changed.get(key, 0) > version for key in keys)


class CountingView:
    """A view that counts its calls and renders the count, right-aligned to `size` bytes."""

    def __init__(self, *keys, size=10, seconds=0.0, error=None):
        self.keys, self.size, self.seconds, self.error, self.calls = keys, size, seconds, error, 0

    def __call__(self):
        self.calls += 1
        time.sleep(self.seconds)
        if self.error and self.calls == 1:
            raise self.error
        return tag(HttpResponse(f"{self.calls}".rjust(self.size)), self.keys)


@pytest.fixture
def database():
    return FakeVersion()


@pytest.fixture
def cache(database):
    return PageCache(database, lambda: ("index", 1))


def rendered_count(response) -> int:
    return int(response.content)


# Validity


def test_page_is_rendered_once_until_one_of_its_keys_changes(cache, database):
    view = CountingView("offer:1", "roles")
    assert [rendered_count(cache.get_or_render(("/", ""), view)) for _ in range(3)] == [1, 1, 1]
    database.change("offer:2")
    assert rendered_count(cache.get_or_render(("/", ""), view)) == 1
    database.change("roles")
    assert [rendered_count(cache.get_or_render(("/", ""), view)) for _ in range(3)] == [2, 2, 2]


def test_change_during_the_rendering_invalidates_the_entry(cache, database):
    def view():
        database.change("offer:1")
        return tag(HttpResponse("1"), ["offer:1"])

    cache.get_or_render(("/", ""), view)
    assert rendered_count(cache.get_or_render(("/", ""), CountingView("offer:1", size=1))) == 1
    assert "/" in [path for path, _ in cache._pages]
    third_view = CountingView("offer:1")
    cache.get_or_render(("/", ""), third_view)
    assert third_view.calls == 0


def test_new_index_generation_invalidates_a_search_unless_its_results_are_unchanged(database):
    generation, compared = [("index", 1)], []
    cache = PageCache(database, lambda: generation[0])

    def search(unchanged):
        return lambda: tag_search(HttpResponse("x"), unchanged=unchanged)

    def unchanged(before, after):
        compared.append((before[1], after[1]))
        return after[1] < 3

    cache.get_or_render(("/", "q"), search(unchanged))
    for value, calls in ((1, 0), (2, 0), (2, 0), (3, 1)):
        generation[0] = ("index", value)
        view = CountingView()
        cache.get_or_render(("/", "q"), view)
        assert view.calls == calls
    # Compared once for each generation.
    assert compared == [(1, 2), (2, 3)]
    generation[0] = None
    cache.get_or_render(("/s", "q"), search(None))
    assert ("/s", "q") not in cache


@pytest.mark.parametrize("changes", [[], [timedelta(hours=30)], [timedelta(minutes=5), timedelta(minutes=9)]])
def test_entry_is_valid_until_its_first_change_or_midnight(monkeypatch, database, changes):
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    end = min([noon.replace(hour=0) + timedelta(days=1), *(noon + change for change in changes)])
    cache, rendered_at = PageCache(database, lambda: None), []

    def request_at(now):
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)

        def render():
            rendered_at.append(now)
            return tag(HttpResponse("x"), ["roles"], *(now + change for change in changes))

        cache.get_or_render(("/", ""), render)

    for now in (noon, end - timedelta(seconds=1), end, end + timedelta(seconds=1)):
        request_at(now)
    assert rendered_at == [noon, end]


@pytest.mark.parametrize(
    ("response", "cached"),
    [(HttpResponse("1"), False), (HttpResponse("1", status=404), False), (HttpResponse("1"), True)],
)
def test_only_tagged_responses_with_status_200_are_cached(cache, response, cached):
    cache.get_or_render(("/", ""), lambda: tag(response, ["a"]) if cached or response.status_code == 404 else response)
    assert (("/", "") in cache) is cached


def test_response_that_sets_a_cookie_is_not_cached(cache):
    response = tag(HttpResponse("1"), [])
    response.set_cookie("sessionid", "secret")
    cache.get_or_render(("/", ""), lambda: response)
    assert ("/", "") not in cache


# Memory


def test_least_recently_used_pages_are_evicted(database, monkeypatch):
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 3 * (10 + ENTRY_BYTES))
    cache = PageCache(database, lambda: None)
    for path in "abc":
        cache.get_or_render((path, ""), CountingView())
    cache.get_or_render(("a", ""), CountingView())
    cache.get_or_render(("d", ""), CountingView())
    assert [path for path in "abcd" if (path, "") in cache] == ["a", "c", "d"]
    assert cache._pages.currsize <= cache._pages.maxsize
    large = CountingView(size=50_000)
    for _ in range(2):
        cache.get_or_render(("e", ""), large)
    assert large.calls == 2, "a page larger than the cache is served and not cached"
    assert [path for path in "abcd" if (path, "") in cache] == ["a", "c", "d"]


# Concurrent requests


def test_concurrent_requests_render_once(cache):
    view = CountingView("a", seconds=0.3)
    responses = run_concurrently(lambda: cache.get_or_render(("/", ""), view), 8)
    assert view.calls == 1
    assert {rendered_count(response) for response in responses} == {1}


def test_failed_rendering_is_retried_by_the_waiting_threads(cache):
    view = CountingView("a", seconds=0.2, error=RuntimeError())
    responses = run_concurrently(lambda: cache.get_or_render(("/", ""), view), 8)
    assert sum(isinstance(response, RuntimeError) for response in responses) == 1
    assert all(rendered_count(response) for response in responses if not isinstance(response, RuntimeError))


def test_thread_that_waits_too_long_renders_the_page_itself(cache, monkeypatch):
    monkeypatch.setattr(pages.SingleFlight, "MAX_WAIT_SECONDS", 0.1)
    view = CountingView("a", seconds=0.5)
    run_concurrently(lambda: cache.get_or_render(("/", ""), view), 2)
    assert view.calls == 2


# Database errors


def test_database_error_serves_entries_as_stale_unless_known_to_be_outdated(cache, database, monkeypatch):
    view = CountingView("offer:1")
    for path in ("/a", "/b"):
        cache.get_or_render((path, ""), view)
    cache.get_or_render(("/c", ""), CountingView("offer:2"))
    database.change("offer:2")
    database.error = OperationalError("gone")
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert cache.get_or_render(("/a", ""), view)["X-Cache"] == "stale"
    for path in ("/c", "/d"):
        with pytest.raises(Unavailable):
            cache.get_or_render((path, ""), view)
    # The next query is made after RETRY_SECONDS, by one thread.
    database.error = None
    assert "X-Cache" in cache.get_or_render(("/b", ""), view)
    monkeypatch.setattr(cache, "_retry_at", 0)
    assert "X-Cache" not in cache.get_or_render(("/c", ""), CountingView())
    assert "X-Cache" not in cache.get_or_render(("/b", ""), view)


# Cached values


def test_cached_value_is_computed_again_after_its_ttl():
    values, calls = CachedValues(size=2, seconds=0.2), []

    def compute():
        calls.append(1)
        return len(calls)

    assert [values.get_or_compute("a", compute) for _ in range(3)] == [1, 1, 1]
    time.sleep(0.25)
    assert values.get_or_compute("a", compute) == 2
