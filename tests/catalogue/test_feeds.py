"""The feeds of a search, as their readers take them."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from django.utils.http import http_date, parse_http_date

from offers.changelog.models import ChangeLogEntry
from offers.models import Offer
from tests.factories import make_company, make_offer, make_role, make_skill

ATOM = "{http://www.w3.org/2005/Atom}"
FORMS = ("rss", "atom", "json")
TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://emploi.example"


def read(content):
    return ElementTree.fromstring(content)  # noqa: S314 - our own


def entries(form, response) -> list[dict]:
    """(id, link, title, content, date) of each item, read as a reader of feeds reads them."""
    assert response.status_code == 200
    if form == "json":
        return [
            {"id": item["id"], "link": item["url"], "title": item["title"], "content": item["content_html"]}
            for item in json.loads(response.content)["items"]
        ]
    root = read(response.content)
    if form == "rss":
        return [
            {
                "id": item.findtext("guid"),
                "link": item.findtext("link"),
                "title": item.findtext("title"),
                "content": item.findtext("description"),
            }
            for item in root.iter("item")
        ]
    return [
        {
            "id": entry.findtext(f"{ATOM}id"),
            "link": entry.find(f"{ATOM}link").get("href"),
            "title": entry.findtext(f"{ATOM}title"),
            "content": entry.findtext(f"{ATOM}summary"),
        }
        for entry in root.iter(f"{ATOM}entry")
    ]


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_is_the_search_newest_first(client, form):
    make_offer(title="Ancienne", age=timedelta(days=3), pay_min=90_000, pay_max=95_000)
    new = make_offer(
        title="Récente & <bonne>", pay_min=40_000, pay_max=50_000, remote_days=2, highlights="Un <b>\nDeux"
    )
    make_offer(title="Autre", contract="cdd")
    response = client.get(f"/offres/flux.{form}?contrat=cdi&tri=salaire&page=7&utm=x")
    assert response["Content-Type"].split(";")[0] == TYPES[form]
    first, second = entries(form, response)
    assert first["title"].startswith("Récente & <bonne> (H/F), Entreprise")
    assert second["title"].startswith("Ancienne")
    assert first["link"] == f"https://emploi.example{new.get_absolute_url()}"
    assert first["id"] == f"https://emploi.example/offres/{new.pk}/"
    assert "40\u00a0–\u00a050\u00a0K€ brut par an" in first["content"]
    assert "<li>Un &lt;b&gt;</li>" in first["content"], "text, not markup of whoever wrote the offer"
    assert client.get(first["id"]).status_code == 301, "the lasting name of an offer leads to it"


def test_rss_has_what_the_specification_requires(client, db):
    make_offer()
    root = read(client.get("/offres/flux.rss?q=offre").content)
    channel = root.find("channel")
    assert root.get("version") == "2.0"
    assert channel.findtext("title") == "Offres d’emploi\u00a0: offre – Jobboard"
    assert channel.findtext("link") == "https://emploi.example/offres/?q=offre"
    assert channel.findtext("description")
    assert channel.findtext("language") == "fr"
    own = channel.find(f"{ATOM}link")
    assert (own.get("rel"), own.get("href")) == ("self", "https://emploi.example/offres/flux.rss?q=offre")
    assert channel.find("item/guid").get("isPermaLink") == "false"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", channel.findtext("item/pubDate"))


def test_atom_has_what_the_specification_requires(client, db):
    make_offer()
    root = read(client.get("/offres/flux.atom").content)
    for part in (root, root.find(f"{ATOM}entry")):
        assert all(part.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    assert root.find(f"{ATOM}entry/{ATOM}author").findtext(f"{ATOM}name")
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {"alternate": "https://emploi.example/offres/", "self": "https://emploi.example/offres/flux.atom"}


def test_json_feed_has_what_the_specification_requires(client, db):
    make_offer()
    found = json.loads(client.get("/offres/flux.json?contrat=cdi").content)
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["home_page_url"] == "https://emploi.example/offres/?contrat=cdi"
    assert found["feed_url"] == "https://emploi.example/offres/flux.json?contrat=cdi"
    (item,) = found["items"]
    assert {"id", "url", "title", "content_html", "date_published", "authors"} <= item.keys()
    assert item["date_published"].endswith("+00:00")


@pytest.mark.parametrize("form", FORMS)
def test_a_confidential_employer_stays_so_and_a_closed_offer_goes_at_once(client, form):
    make_offer(company=make_company(name="Secrète SA"), confidential=True, employer_descriptor="Éditeur")
    closed = make_offer(title="Pourvue")
    assert len(entries(form, client.get(f"/offres/flux.{form}"))) == 2
    closed.fill()
    response = client.get(f"/offres/flux.{form}")
    assert len(entries(form, response)) == 1
    assert "Secrète" not in response.content.decode()
    assert "Éditeur" in response.content.decode()


@pytest.mark.parametrize("form", FORMS)
def test_what_xml_cannot_write_is_left_out(client, form):
    make_offer(title="Avec\x0b un\x1f code\ufffe", highlights="Un\x08\nDeux\ufffe", company=make_company(name="A\x1bB"))
    (entry,) = entries(form, client.get(f"/offres/flux.{form}"))
    assert entry["title"].startswith("Avec un code (H/F), AB")


def test_what_makes_no_sense_is_said_and_left_out(client, db):
    make_offer(title="Python à Lyon")
    channel = read(client.get("/offres/flux.rss?contrat=nimporte&ou=Nulleparville&q=pyton").content).find("channel")
    assert len(channel.findall("item")) == 1
    said = channel.findtext("description")
    assert "n’est pas un choix possible" in said
    assert "Nulleparville" in said
    assert "Voici celles pour «\u00a0python\u00a0»" in said


def test_an_empty_feed_is_valid_and_always_the_same(client, db):
    for form in FORMS:
        first, second = (client.get(f"/offres/flux.{form}?q=introuvable") for _ in range(2))
        assert entries(form, first) == []
        assert first["ETag"] == second["ETag"]


def test_other_forms_and_methods(client, db):
    assert client.get("/offres/flux.xml").status_code == 404
    assert client.post("/offres/flux.rss").status_code == 405
    make_offer()
    response = client.head("/offres/flux.rss")
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == client.get("/offres/flux.rss")["ETag"]
    assert not response.cookies


@pytest.fixture
def past(db):
    """Everything was written a while ago."""

    def turn():
        ChangeLogEntry.objects.update(at=timezone.now() - timedelta(hours=2))
        Offer.objects.update(updated_at=timezone.now() - timedelta(hours=2))
        ChangeLogEntry.objects.update(at=timezone.now() - timedelta(hours=2))

    return turn


@pytest.mark.parametrize("form", FORMS)
def test_who_has_it_already_is_told_so(client, past, form):
    offer = make_offer(title="Une", age=timedelta(hours=3))
    other = make_offer(title="Deux", age=timedelta(hours=4))
    past()
    address = f"/offres/flux.{form}"
    response = client.get(address)
    assert abs(parse_http_date(response["Last-Modified"]) - (timezone.now().timestamp() - 7200)) < 60
    by_tag = {"If-None-Match": response["ETag"]}
    by_date = {"If-Modified-Since": response["Last-Modified"]}
    for headers in (by_tag, by_date):
        same = client.get(address, headers=headers)
        assert (same.status_code, same.content) == (304, b"")
        assert same["ETag"] == response["ETag"]
    # One that goes is a change as well, though nothing newer is shown.
    other.refresh_from_db()
    other.fill()
    for headers in (by_tag, by_date):
        assert client.get(address, headers=headers).status_code == 200
    # By the clock too, which no line of the log says.
    past()
    response = client.get(address)
    Offer.objects.filter(pk=offer.pk).update(expires_at=timezone.now() - timedelta(minutes=30))
    ChangeLogEntry.objects.update(at=timezone.now() - timedelta(hours=2))
    since = http_date(timezone.now().timestamp() - 3600)
    assert client.get(address, headers={"If-Modified-Since": since}).status_code == 200
    assert client.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 200


def test_while_it_may_still_change_within_the_second_no_date_is_given(client, db):
    make_offer()
    assert "Last-Modified" not in client.get("/offres/flux.rss")


@pytest.mark.parametrize("number", [1, 60])
def test_fifty_at_most_in_few_queries(client, number, django_assert_num_queries):
    company, role, skill = make_company(), make_role(slug="cto"), make_skill("Python")
    for _ in range(number):
        make_offer(company=company, role=role, skills=[skill])
    with django_assert_num_queries(4):
        response = client.get("/offres/flux.atom?ou=Lyon&contrat=cdi&metier=cto&competence=python")
    assert len(entries("atom", response)) == min(number, 50)


def test_without_an_index_it_says_when_to_come_back(client, settings, tmp_path, db):
    settings.SEARCH_DIR = tmp_path / "none"
    response = client.get("/offres/flux.rss")
    assert (response.status_code, response["Retry-After"]) == (503, "30")


def test_pages_lead_readers_to_their_feeds(client, db):
    role = make_role(slug="cto", name="CTO")
    make_offer(role=role)
    page = client.get("/offres/?ou=Lyon&contrat=cdi").content.decode()
    found = dict(re.findall(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)">', page))
    assert found == {kind: f"/offres/flux.{form}?ou=Lyon&amp;contrat=cdi" for form, kind in TYPES.items()}
    page = client.get("/metiers/cto/").content.decode()
    assert 'href="/offres/flux.atom?metier=cto"' in page
    assert 'title="Offres d’emploi\u00a0: CTO (Atom)"' in page
