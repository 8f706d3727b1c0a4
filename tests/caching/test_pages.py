"""Cached pages of the site: rendered once, never outdated, never from a session."""

import logging
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careers.models import RoleEntry
from offers.catalogue.views import offers as catalogue
from offers.models import Offer
from tests.caching.threads import run_concurrently
from tests.factories import make_offer, make_role, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_triggers")]


def get_counting_queries(client, url):
    """Return the number of queries and the response."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return len(captured), response


def test_second_request_makes_one_query_and_gets_the_same_page(client):
    role = make_role()
    offer = make_offer(role=role)
    for url in ("/", "/metiers/", role.get_absolute_url(), "/offres/", offer.get_absolute_url()):
        first, page = get_counting_queries(client, url)
        client.cookies.clear()
        second, cached = get_counting_queries(client, url)
        assert first > second == 1, url
        assert cached.content == page.content
        assert cached.headers["Content-Type"] == page.headers["Content-Type"]
        assert "Content-Security-Policy" in cached.headers


def test_changes_are_visible_in_the_next_response(client):
    role = make_role(name="Dompteuse")
    entry = RoleEntry.objects.create(role=role, section="mission", text="Dresser des lions")
    offer = make_offer(title="Jongleuse", role=role)

    def shows(text, url):
        client.get(url)
        return text in client.get(url).content.decode()

    assert shows("Dresser des lions", role.get_absolute_url())
    RoleEntry.objects.filter(pk=entry.pk).update(text="Dresser des tigres")
    assert shows("Dresser des tigres", role.get_absolute_url())
    assert shows("Jongleuse", "/")
    Offer.objects.filter(pk=offer.pk).update(title="Équilibriste")
    for url in ("/", "/offres/", role.get_absolute_url()):
        assert shows("Équilibriste", url), url
    offer.refresh_from_db()
    assert shows("Équilibriste", offer.get_absolute_url())
    offer.company.description = "Un cirque sans animaux"
    offer.company.save()
    offer.fill()
    assert not shows("Équilibriste", "/")
    assert not shows("Équilibriste", "/offres/")
    assert shows("pourvue", offer.get_absolute_url())


def test_expired_offer_disappears_from_cached_pages(client, monkeypatch):
    offer = make_offer(title="Jongleuse", expires_at=timezone.now() + timedelta(hours=1))
    assert "Jongleuse" in client.get("/").content.decode()
    assert "Jongleuse" in client.get("/").content.decode()
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr("time.time", lambda: later.timestamp())
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert "Jongleuse" not in client.get("/").content.decode()
    assert offer.is_published() is False


def test_pages_of_a_session_are_rendered_each_time_and_not_served_to_others(client):
    make_role()
    user = make_user(email="curatrice@example.org", is_staff=True, is_superuser=True)
    client.force_login(user)
    first, _ = get_counting_queries(client, "/")
    second, _ = get_counting_queries(client, "/")
    assert first == second > 1
    client.logout()
    client.cookies.clear()
    assert "Brouillon" not in client.get("/metiers/").content.decode()


def test_cached_pages_contain_no_csrf_token_and_set_no_cookie(client):
    role = make_role()
    offer = make_offer(role=role)
    for url in ("/", "/metiers/", role.get_absolute_url(), "/offres/", offer.get_absolute_url()):
        for _ in range(2):
            page = client.get(url)
            assert b"csrfmiddlewaretoken" not in page.content, url
            assert b'method="post"' not in page.content, url
            assert not page.cookies, url


HTMX = {"HX-Request": "true", "HX-Target": "resultats"}


def test_each_search_is_cached_by_its_url(client):
    role = make_role(name="Dompteuse")
    make_offer(title="Dompteuse de lions", role=role)
    make_offer(title="Jongleuse", contract="cdd")
    urls = ["/offres/?contrat=cdi", "/offres/?q=jongleuse"]
    urls += ["/offres/suggestions/?q=domp", "/offres/suggestions/?q=jong", "/offres/communes/?q=pa"]
    responses = [client.get(url) for url in urls]
    for url, response in zip(urls, responses, strict=True):
        count, second = get_counting_queries(client, url)
        assert count == 1, url
        assert second.content == response.content
        assert second.headers.get("Cache-Control") == response.headers.get("Cache-Control")
        for name in ("Cookie", "HX-Request", "HX-Target", "HX-Boosted"):
            assert (name in second.headers.get("Vary", "")) is ("?contrat" in url or "?q=jongleuse" in url), url
    assert len({response.content for response in responses}) == len(urls)
    make_offer(title="Dompteuse de tigres", role=role)
    assert "Dompteuse de tigres" in client.get(urls[0]).content.decode()
    assert "2\u00a0offres" in client.get("/offres/suggestions/?q=domp").json()["results"][0]["detail"]


def test_htmx_fragments_are_never_cached_as_the_page(client):
    make_offer(title="Jongleuse")
    for headers in (HTMX, {**HTMX, "HX-Boosted": "true"}, {**HTMX, "HX-Target": "recherche"}, {"HX-Request": "true"}):
        fragment = client.get("/offres/?contrat=cdi", headers=headers)
        page = client.get("/offres/?contrat=cdi")
        assert page.content.startswith(b"<!doctype html>")
        assert "HX-Push-Url" not in page.headers
        second = client.get("/offres/?contrat=cdi", headers=headers)
        assert second.content == fragment.content
        assert second.headers.get("HX-Push-Url") == fragment.headers.get("HX-Push-Url")
        assert second.content.startswith(b"<!doctype html>") is ("HX-Target" not in headers)


def test_search_of_the_last_day_expires_after_a_day(client, monkeypatch):
    make_offer(title="Jongleuse", age=timedelta(days=1))
    assert "Jongleuse" in client.get("/offres/?depuis=1").content.decode()
    assert "Jongleuse" in client.get("/offres/?depuis=1").content.decode()
    later = timezone.now() + timedelta(days=1)
    monkeypatch.setattr("time.time", lambda: later.timestamp())
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert "Jongleuse" not in client.get("/offres/?depuis=1").content.decode()


def test_many_searches_do_not_evict_pages(client, monkeypatch):
    monkeypatch.setattr("jobboard.caching.pages.MAX_SEARCH_BYTES", 100_000)
    make_offer()
    client.get("/")
    for index in range(12):
        client.get(f"/offres/?utm_source={index}")
    assert get_counting_queries(client, "/")[0] == 1
    assert get_counting_queries(client, "/offres/?utm_source=11")[0] == 1
    assert get_counting_queries(client, "/offres/?utm_source=0")[0] > 1


def get_concurrently(client, url, count):
    """Return the responses to `count` concurrent requests to one worker."""

    def get():
        visitor = Client(raise_request_exception=False)
        visitor.handler = client.handler
        try:
            return visitor.get(url)
        finally:
            connection.close()

    return run_concurrently(get, count)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fails", [False, True])
def test_concurrent_requests_are_rendered_by_one_thread(client, monkeypatch, caplog, fails):
    """If the rendering fails, another thread renders."""
    offer = make_offer(title="Jongleuse")
    client.get("/")
    rendered, detail_context = [], catalogue.detail_context

    def slow_detail_context(offer):
        rendered.append(offer)
        if fails and len(rendered) == 1:
            raise RuntimeError
        time.sleep(0.5)
        return detail_context(offer)

    monkeypatch.setattr(catalogue, "detail_context", slow_detail_context)
    caplog.set_level(logging.CRITICAL, "django.request")
    responses = get_concurrently(client, offer.get_absolute_url(), 4)
    assert sorted(response.status_code for response in responses) == [200, 200, 200, 500 if fails else 200]
    assert all("Jongleuse" in response.content.decode() for response in responses if response.status_code == 200)
    assert fails or len(rendered) == 1
    assert client.get(offer.get_absolute_url()).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_transaction_that_commits_out_of_order_invalidates_pages(client):
    """Its log entry has a lower pk than one that was read before, so a position by pk would miss it."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite writes one transaction at a time")
    first, second = make_offer(title="Un"), make_offer(title="Deux")
    has_written, may_commit = threading.Event(), threading.Event()

    def slow_update():
        with transaction.atomic():
            Offer.objects.filter(pk=first.pk).update(title="Premier")
            has_written.set()
            assert may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow_update)
    thread.start()
    assert has_written.wait(10)
    Offer.objects.filter(pk=second.pk).update(title="Second")
    client.get("/")
    page = client.get("/").content.decode()
    assert "Second" in page
    assert "Premier" not in page
    may_commit.set()
    thread.join()
    assert "Premier" in client.get("/").content.decode()
