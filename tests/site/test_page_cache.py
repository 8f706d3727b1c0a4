"""What the page cache does with requests: one rendering at a time, bounded memory, headers, a database that is away."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from jobboard.caching import pages
from jobboard.caching.pages import ENTRY_BYTES, PageCache, Unavailable
from jobboard.caching.tags import tag, tag_search
from jobboard.caching.values import CachedValues
from jobboard.middleware import is_database_unavailable
from offers.catalogue import audience, role_offers
from offers.changelog import triggers, version
from offers.changelog.models import ChangeLogEntry
from offers.changelog.version import PublicVersion
from offers.models import Offer
from offers.models.offer import OfferQuerySet
from tests.factories import make_offer, make_role


class Version:
    """Of a database in which keys change when a test says so."""

    def __init__(self):
        self.number, self.changed, self.error = 1, {}, None

    def refresh(self):
        if self.error:
            raise self.error
        return self.number

    def change(self, key):
        self.number += 1
        self.changed[key] = self.number

    def changed_since(self, number, keys):
        return any(self.changed.get(key, 0) > number for key in keys)


class Rendering:
    """A view that counts its calls."""

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
    return Version()


@pytest.fixture
def cache(database):
    return PageCache(database, lambda: ("index", 1))


def number(response) -> int:
    return int(response.content)


# The cache itself


def test_a_page_is_rendered_once_until_one_of_its_keys_changes(cache, database):
    view = Rendering("offer:1", "roles")
    assert [number(cache.get_or_render(("/", ""), view)) for _ in range(3)] == [1, 1, 1]
    database.change("offer:2")
    assert number(cache.get_or_render(("/", ""), view)) == 1
    database.change("roles")
    assert [number(cache.get_or_render(("/", ""), view)) for _ in range(3)] == [2, 2, 2]


def test_what_changes_during_the_rendering_makes_it_outdated(cache, database):
    def view():
        database.change("offer:1")
        return tag(HttpResponse("1"), ["offer:1"])

    cache.get_or_render(("/", ""), view)
    assert number(cache.get_or_render(("/", ""), Rendering("offer:1", size=1))) == 1
    assert "/" in [path for path, _ in cache._pages]
    again = Rendering("offer:1")
    cache.get_or_render(("/", ""), again)
    assert again.calls == 0


def test_another_index_makes_a_search_outdated_unless_it_gives_the_same(database):
    generation, checked = [("index", 1)], []
    cache = PageCache(database, lambda: generation[0])

    def search(unchanged):
        return lambda: tag_search(HttpResponse("x"), unchanged=unchanged)

    def unchanged(before, after):
        checked.append((before[1], after[1]))
        return after[1] < 3

    cache.get_or_render(("/", "q"), search(unchanged))
    for value, calls in ((1, 0), (2, 0), (2, 0), (3, 1)):
        generation[0] = ("index", value)
        view = Rendering()
        cache.get_or_render(("/", "q"), view)
        assert view.calls == calls
    # Once for each generation.
    assert checked == [(1, 2), (2, 3)]
    generation[0] = None
    cache.get_or_render(("/s", "q"), search(None))
    assert ("/s", "q") not in cache


@pytest.mark.parametrize(
    ("response", "cached"),
    [(HttpResponse("1"), False), (HttpResponse("1", status=404), False), (HttpResponse("1"), True)],
)
def test_only_tagged_responses_are_cached(cache, response, cached):
    cache.get_or_render(("/", ""), lambda: tag(response, ["a"]) if cached or response.status_code == 404 else response)
    assert (("/", "") in cache) is cached


def test_a_response_with_a_cookie_is_not_cached(cache):
    response = tag(HttpResponse("1"), [])
    response.set_cookie("sessionid", "secret")
    cache.get_or_render(("/", ""), lambda: response)
    assert ("/", "") not in cache


def test_the_least_recently_used_pages_leave_when_the_bytes_are_used_up(database, monkeypatch):
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 3 * (10 + ENTRY_BYTES))
    cache = PageCache(database, lambda: None)
    for path in "abc":
        cache.get_or_render((path, ""), Rendering())
    cache.get_or_render(("a", ""), Rendering())
    cache.get_or_render(("d", ""), Rendering())
    assert [path for path in "abcd" if (path, "") in cache] == ["a", "c", "d"]
    assert cache._pages.currsize <= cache._pages.maxsize
    large = Rendering(size=50_000)
    for _ in range(2):
        cache.get_or_render(("e", ""), large)
    assert large.calls == 2, "a page larger than the cache is served and not cached"
    assert [path for path in "abcd" if (path, "") in cache] == ["a", "c", "d"]


def at_once(function, count=8):
    together = threading.Barrier(count)

    def run():
        together.wait()
        try:
            return function()
        except RuntimeError as error:
            return error

    with ThreadPoolExecutor(count) as threads:
        return [future.result() for future in [threads.submit(run) for _ in range(count)]]


def test_of_many_requests_at_once_one_renders(cache):
    view = Rendering("a", seconds=0.3)
    responses = at_once(lambda: cache.get_or_render(("/", ""), view))
    assert view.calls == 1
    assert {number(response) for response in responses} == {1}


def test_where_the_rendering_fails_the_others_render(cache):
    view = Rendering("a", seconds=0.2, error=RuntimeError())
    responses = at_once(lambda: cache.get_or_render(("/", ""), view))
    assert sum(isinstance(response, RuntimeError) for response in responses) == 1
    assert all(number(response) for response in responses if not isinstance(response, RuntimeError))


def test_a_rendering_that_takes_too_long_keeps_nobody_waiting(cache, monkeypatch):
    monkeypatch.setattr(pages.SingleFlight, "MAX_WAIT_SECONDS", 0.1)
    view = Rendering("a", seconds=0.5)
    at_once(lambda: cache.get_or_render(("/", ""), view), 2)
    assert view.calls == 2


def test_without_the_database_a_page_is_served_marked_unless_it_is_known_to_be_outdated(cache, database, monkeypatch):
    view = Rendering("offer:1")
    for path in ("/a", "/b"):
        cache.get_or_render((path, ""), view)
    cache.get_or_render(("/c", ""), Rendering("offer:2"))
    database.change("offer:2")
    database.error = OperationalError("gone")
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert cache.get_or_render(("/a", ""), view)["X-Cache"] == "stale"
    for path in ("/c", "/d"):
        with pytest.raises(Unavailable):
            cache.get_or_render((path, ""), view)
    # Not asked again for a while, then by one thread.
    database.error = None
    assert "X-Cache" in cache.get_or_render(("/b", ""), view)
    monkeypatch.setattr(cache, "_retry_at", 0)
    assert "X-Cache" not in cache.get_or_render(("/c", ""), Rendering())
    assert "X-Cache" not in cache.get_or_render(("/b", ""), view)


def test_values_are_computed_again_after_their_time():
    values, calls = CachedValues(size=2, seconds=0.2), []

    def compute():
        calls.append(1)
        return len(calls)

    assert [values.get_or_compute("a", compute) for _ in range(3)] == [1, 1, 1]
    time.sleep(0.25)
    assert values.get_or_compute("a", compute) == 2


# The version of the database


@pytest.fixture
def public(db):
    triggers.create_triggers()
    return PublicVersion()


@pytest.mark.django_db
def test_the_version_costs_one_query_while_nothing_changes(public, django_assert_num_queries):
    with django_assert_num_queries(1):
        first = public.refresh()
    public.refresh()
    for _ in range(3):
        with django_assert_num_queries(1):
            assert public.refresh() >= first


@pytest.mark.django_db
def test_more_changes_than_can_be_read_change_everything(public, monkeypatch):
    offer = make_offer()
    monkeypatch.setattr(version, "MAX_ENTRIES", 5)
    before = public.refresh()
    for _ in range(6):
        offer.save()
    public.refresh()
    assert public.changed_since(before, ["role:1"])
    # On PostgreSQL the transaction of this test stays open above its position.
    now = public.refresh()
    assert public.refresh() == now
    assert not public.changed_since(now, ["role:1", f"offer:{offer.pk}"])


@pytest.mark.django_db
def test_a_gap_in_the_log_changes_everything(public):
    before = public.refresh()
    ChangeLogEntry.objects.create(kind=ChangeLogEntry.Kind.ALL, object_id=0, xid=2**40)
    public.refresh()
    assert public.changed_since(before, [])


# Requests


@pytest.fixture
def visitor(client):
    """Without the index that follows each request, which needs the database."""
    triggers.create_triggers()
    client.get("/")
    visitor = Client()
    visitor.handler = client.handler
    return visitor


@pytest.fixture
def without_database(monkeypatch):
    def refuse(*args, **options):
        raise OperationalError("connection to server at 10.0.0.3 failed: password of user 'site' wrong")

    def take_away():
        monkeypatch.setattr(connection, "cursor", refuse)

    yield take_away
    monkeypatch.undo()


@pytest.mark.django_db
def test_while_the_database_is_away_cached_pages_are_served_and_others_are_503(
    client, visitor, without_database, caplog
):
    role, offer = make_role(), make_offer()
    urls = ["/", "/offres/", "/metiers/", role.get_absolute_url(), offer.get_absolute_url()]
    cached = {url: client.get(url) for url in urls}
    without_database()
    began = time.monotonic()
    for url in urls:
        response = visitor.get(url)
        assert (response.status_code, response["X-Cache"]) == (200, "stale"), url
        assert response.content == cached[url].content
    for url in ("/offres/?q=python", "/offres/999-autre/", "/alertes/gerer/x/", "/contact/"):
        response = visitor.get(url)
        if url == "/contact/":
            assert response.status_code == 200
            continue
        assert response.status_code in (404, 503), url
        if response.status_code == 503:
            assert "momentanément indisponible" in response.content.decode()
            assert int(response["Retry-After"]) > 0
            assert "default-src 'none'" in response["Content-Security-Policy"]
    assert time.monotonic() - began < 2
    assert "10.0.0.3" not in caplog.text
    assert caplog.text.count("cached pages are served as they are") == 1


@pytest.mark.django_db
def test_a_page_that_is_never_cached_is_503_too(visitor, without_database):
    without_database()
    response = visitor.get("/offres/1-x/postuler/")
    assert response.status_code == 503
    assert response["Retry-After"]


def test_which_errors_say_that_the_database_is_away():
    def error(kind=OperationalError, **attributes):
        error = kind("x")
        error.__cause__ = Exception()
        for name, value in attributes.items():
            setattr(error.__cause__, name, value)
        return error

    assert is_database_unavailable(error())
    assert is_database_unavailable(error(sqlstate="57P01"))
    assert is_database_unavailable(error(sqlstate="08006"))
    assert is_database_unavailable(error(sqlite_errorname="SQLITE_CANTOPEN"))
    assert not is_database_unavailable(error(sqlstate="57014")), "a statement that takes too long"
    assert not is_database_unavailable(error(sqlite_errorname="SQLITE_FULL"))
    assert not is_database_unavailable(error(ValueError))


@pytest.mark.django_db
def test_etag_and_304_and_head(client, visitor):
    role, offer = make_role(), make_offer()
    for url in ("/", role.get_absolute_url(), offer.get_absolute_url(), "/offres/", "/offres/communes/?q=ly"):
        first = client.get(url)
        again = visitor.get(url)
        assert first["ETag"] == again["ETag"]
        for etag in (first["ETag"], f"W/{first['ETag']}"):
            unchanged = visitor.get(url, headers={"if-none-match": etag})
            assert (unchanged.status_code, unchanged.content) == (304, b"")
            assert unchanged["ETag"] == first["ETag"]
            assert "Content-Security-Policy" in unchanged
        assert visitor.get(url, headers={"if-none-match": '"autre"'}).status_code == 200
        head = visitor.head(url)
        assert (head.status_code, head.content) == (200, b"")
        assert head["ETag"] == first["ETag"]
    assert "no-cache" in client.get("/")["Cache-Control"]
    before = client.get(offer.get_absolute_url())["ETag"]
    Offer.objects.filter(pk=offer.pk).update(description="Autre chose.")
    assert client.get(offer.get_absolute_url(), headers={"if-none-match": before}).status_code == 200


@pytest.mark.django_db
def test_a_reading_of_a_cached_page_counts(client, visitor, monkeypatch):
    offer, read = make_offer(), []
    monkeypatch.setattr(audience.buffer, "add", lambda pk, kind: read.append(pk))
    headers = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    etag = client.get(offer.get_absolute_url(), headers=headers)["ETag"]
    visitor.get(offer.get_absolute_url(), headers=headers)
    visitor.get(offer.get_absolute_url(), headers={**headers, "if-none-match": etag})
    visitor.head(offer.get_absolute_url(), headers=headers)
    visitor.get(f"{offer.get_absolute_url()}?utm_source=x", headers=headers)
    assert read == [offer.pk] * 4


POISON = "evil.example"
HEADERS = [
    *("SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "REMOTE_ADDR", "REMOTE_HOST", "REMOTE_USER", "SERVER_SOFTWARE"),
    *("PATH_TRANSLATED", "SCRIPT_URL", "REDIRECT_URL", "REQUEST_URI", "RAW_URI", "CONTENT_TYPE", "AUTH_TYPE"),
    *("HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PREFIX"),
    *("HTTP_X_ORIGINAL_URL", "HTTP_X_REWRITE_URL", "HTTP_FORWARDED", "HTTP_X_SCRIPT_NAME", "HTTP_SCRIPT_NAME"),
    *("HTTP_REFERER", "HTTP_ORIGIN", "HTTP_USER_AGENT", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE"),
    *("HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_REQUESTED_WITH", "HTTP_AUTHORIZATION", "HTTP_HX_TARGET"),
    *("HTTP_HX_CURRENT_URL", "HTTP_HX_BOOSTED", "HTTP_HX_TARGET_URI_AUTOENCODED", "HTTP_HX_HISTORY_RESTORE_REQUEST"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", HEADERS)
def test_no_header_enters_a_cached_page(client, visitor, name):
    role, offer = make_role(), make_offer()
    value = {
        "SCRIPT_NAME": f"/{POISON}",
        "SERVER_PORT": "666",
        "HTTP_COOKIE": f"csrftoken={'a' * 32}; messages={POISON}",
    }
    for url in ("/metiers/", role.get_absolute_url(), offer.get_absolute_url(), "/offres/?contrat=cdi"):
        # The server's name stands in for the host that the site checks.
        poison = {} if name == "SERVER_NAME" else {name: value.get(name, POISON)}
        poisoned = client.get(url, **poison)
        if name == "SERVER_NAME":
            assert visitor.get(url, SERVER_NAME=POISON).status_code == 400
        cached = visitor.get(url)
        assert not cached.templates, "it was cached"
        assert cached.content == poisoned.content
        for text in (POISON, ":666"):
            assert text not in cached.content.decode().replace(str(offer.pk), "")
            assert text not in str(cached.headers)


@pytest.mark.django_db
def test_the_pay_of_many_offers_is_not_counted_at_each_rendering(client, monkeypatch):
    role, counted, quartiles = make_role(), [], OfferQuerySet.pay_quartiles
    offers = [make_offer(role=role, pay_min=40_000, pay_max=50_000) for _ in range(6)]
    monkeypatch.setattr(role_offers, "_pay", CachedValues(size=10, seconds=3_600))
    monkeypatch.setattr(OfferQuerySet, "pay_quartiles", lambda self: counted.append(1) or quartiles(self))
    for limit, expected in ((500, 2), (6, 1)):
        counted.clear()
        monkeypatch.setattr(role_offers, "PAY_CACHED_FROM", limit)
        for text in ("Un.", "Deux."):
            Offer.objects.filter(pk=offers[0].pk).update(highlights=text)
            assert "Dans les offres du site" in client.get(role.get_absolute_url()).content.decode()
        assert len(counted) == expected
