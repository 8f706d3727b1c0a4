"""Kept pages: rendered once, never out of date, never anybody's own."""

import logging
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careers.models import RoleEntry
from offers.catalogue.views import offers as catalogue
from offers.changelog import triggers
from offers.models import Offer
from tests.factories import make_offer, make_role, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def log(db):
    triggers.ensure()


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return len(captured), response


def test_the_second_visitor_costs_one_query_and_gets_the_same_page(client):
    role = make_role()
    offer = make_offer(role=role)
    for url in ("/", "/metiers/", role.get_absolute_url(), "/offres/", offer.get_absolute_url()):
        first, page = queries(client, url)
        client.cookies.clear()
        again, kept = queries(client, url)
        assert first > again == 1, url
        assert without_tokens(kept) == without_tokens(page)
        assert kept.headers["Content-Type"] == page.headers["Content-Type"]
        assert "Content-Security-Policy" in kept.headers


def without_tokens(response):
    return re.sub(rb'name="(csrfmiddlewaretoken|stamp)" value="[^"]+"', b"", response.content)


def test_every_change_shows_at_once(client):
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


def test_an_offer_that_expires_by_the_clock_leaves_kept_pages(client, monkeypatch):
    offer = make_offer(title="Jongleuse", expires_at=timezone.now() + timedelta(hours=1))
    assert "Jongleuse" in client.get("/").content.decode()
    assert "Jongleuse" in client.get("/").content.decode()
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr("time.time", lambda: later.timestamp())
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert "Jongleuse" not in client.get("/").content.decode()
    assert offer.is_published() is False


def test_what_belongs_to_somebody_is_neither_kept_nor_served(client):
    make_role()
    user = make_user(email="curatrice@example.org", is_staff=True, is_superuser=True)
    client.force_login(user)
    first, _ = queries(client, "/")
    again, _ = queries(client, "/")
    assert first == again > 1
    client.logout()
    client.cookies.clear()
    assert "Brouillon" not in client.get("/metiers/").content.decode()


def test_each_visitor_gets_tokens_of_their_own(client):
    role = make_role()

    def tokens():
        client.cookies.clear()
        html = client.get(role.get_absolute_url()).content.decode()
        return (
            re.search(r'name="csrfmiddlewaretoken" value="([^"]{64})"', html)[1],
            re.search(r'name="stamp" value="([^"]+)"', html)[1],
            client.cookies["csrftoken"].value,
        )

    visitors = [tokens() for _ in range(3)]
    for values in zip(*visitors, strict=True):
        assert len(set(values)) == 3


def test_the_form_on_a_kept_page_can_be_sent(search_index, settings):
    from jobboard.contact.models import Lead
    from tests.searching import SearchingClient

    settings.CONTACT_MINIMUM_DELAY = 0
    role = make_role()
    client = SearchingClient(search_index, enforce_csrf_checks=True)
    client.get(role.get_absolute_url())
    client.cookies.clear()
    html = client.get(role.get_absolute_url()).content.decode()
    hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|stamp)" value="([^"]+)"', html))
    typed = {"name": "Ada", "company": "Acme", "email": "ada@example.org", "message": "Bonjour"}
    response = client.post("/contact/", {**hidden, **typed})
    assert response.status_code == 302
    assert Lead.objects.count() == 1


HTMX = {"HX-Request": "true", "HX-Target": "resultats"}


def test_searches_and_fragments_are_kept_each_for_what_was_asked(client):
    role = make_role(name="Dompteuse")
    make_offer(title="Dompteuse de lions", role=role)
    make_offer(title="Jongleuse", contract="cdd")
    asked = [("/offres/?contrat=cdi", {}), ("/offres/?contrat=cdi", HTMX), ("/offres/", HTMX)]
    asked += [("/offres/?contrat=cdi", {**HTMX, "HX-Boosted": "true"}), ("/offres/?q=jongleuse", {})]
    asked += [("/offres/suggestions/?q=domp", {}), ("/offres/suggestions/?q=jong", {})]
    answers = [client.get(url, headers=headers) for url, headers in asked]
    for (url, headers), answer in zip(asked, answers, strict=True):
        with CaptureQueriesContext(connection) as captured:
            again = client.get(url, headers=headers)
        assert len(captured) == 1, url
        assert again.content == answer.content
        assert again.headers.get("HX-Push-Url") == answer.headers.get("HX-Push-Url")
        assert again.headers.get("Cache-Control") == answer.headers.get("Cache-Control")
        for name in ("Cookie", "HX-Request", "HX-Target", "HX-Boosted"):
            assert (name in again.headers.get("Vary", "")) is ("suggestions" not in url), url
    assert len({answer.content for answer in answers}) == len(asked)
    make_offer(title="Dompteuse de tigres", role=role)
    for url, headers in asked[:4]:
        assert "Dompteuse de tigres" in client.get(url, headers=headers).content.decode()
    assert "2\u00a0offres" in client.get("/offres/suggestions/?q=domp").json()["results"][0]["detail"]


def test_a_search_for_the_last_day_is_not_kept_beyond_it(client, monkeypatch):
    make_offer(title="Jongleuse", age=timedelta(days=1))
    assert "Jongleuse" in client.get("/offres/?depuis=1").content.decode()
    assert "Jongleuse" in client.get("/offres/?depuis=1").content.decode()
    later = timezone.now() + timedelta(days=1)
    monkeypatch.setattr("time.time", lambda: later.timestamp())
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert "Jongleuse" not in client.get("/offres/?depuis=1").content.decode()


def test_many_searches_leave_the_pages_alone(client, monkeypatch):
    monkeypatch.setattr("jobboard.caching.pages.MAX_BYTES_OF_SEARCHES", 100_000)
    make_offer()
    client.get("/")
    for number in range(12):
        client.get(f"/offres/?utm_source={number}")
    assert queries(client, "/")[0] == 1
    assert queries(client, "/offres/?utm_source=11")[0] == 1
    assert queries(client, "/offres/?utm_source=0")[0] > 1


def at_once(client, url, number):
    """What so many get who ask the same worker for a page in the same moment."""

    def ask(url):
        visitor = Client(raise_request_exception=False)
        visitor.handler = client.handler
        try:
            return visitor.get(url)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as visitors:
        return list(visitors.map(ask, [url] * number))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fails", [False, True])
def test_what_many_ask_for_at_once_is_made_by_one_of_them(client, monkeypatch, caplog, fails):
    """Or by another, where that one could not make it."""
    triggers.ensure()
    offer = make_offer(title="Jongleuse")
    client.get("/")
    made, page_of = [], catalogue.page_of

    def slow(offer):
        made.append(offer)
        if fails and len(made) == 1:
            raise RuntimeError
        time.sleep(0.5)
        return page_of(offer)

    monkeypatch.setattr(catalogue, "page_of", slow)
    caplog.set_level(logging.CRITICAL, "django.request")
    answers = at_once(client, offer.get_absolute_url(), 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 500 if fails else 200]
    assert all("Jongleuse" in answer.content.decode() for answer in answers if answer.status_code == 200)
    assert fails or len(made) == 1
    assert client.get(offer.get_absolute_url()).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_late_shows_too(client):
    """Its line in the log has a lower number than one that was seen before: the highest number would miss it."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite writes one transaction at a time")
    triggers.ensure()
    first, second = make_offer(title="Un"), make_offer(title="Deux")
    wrote, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Offer.objects.filter(pk=first.pk).update(title="Premier")
            wrote.set()
            assert may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert wrote.wait(10)
    Offer.objects.filter(pk=second.pk).update(title="Second")
    client.get("/")
    page = client.get("/").content.decode()
    assert "Second" in page
    assert "Premier" not in page
    may_commit.set()
    thread.join()
    assert "Premier" in client.get("/").content.decode()
