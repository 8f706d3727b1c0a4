"""RSS, Atom and JSON feeds of a search."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from django.utils.http import http_date, parse_http_date

from offers.changelog import log
from offers.changelog.models import ChangeLogEntry
from offers.companies.models import Company
from offers.models import Offer
from tests.factories import make_company, make_offer, make_role, make_skill, make_user

ATOM = "{http://www.w3.org/2005/Atom}"
FORMATS = ("rss", "atom", "json")
CONTENT_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://emploi.example"


def parse_xml(content):
    return ElementTree.fromstring(content)  # noqa: S314 - our own


def parse_items(feed_format, response) -> list[dict]:
    """Return the id, link, title and content of each item."""
    assert response.status_code == 200
    if feed_format == "json":
        return [
            {"id": item["id"], "link": item["url"], "title": item["title"], "content": item["content_html"]}
            for item in json.loads(response.content)["items"]
        ]
    root = parse_xml(response.content)
    if feed_format == "rss":
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


@pytest.mark.parametrize("feed_format", FORMATS)
def test_feed_lists_the_matches_newest_first(client, feed_format):
    make_offer(title="Ancienne", age=timedelta(days=3), pay_min=90_000, pay_max=95_000)
    new = make_offer(
        title="Récente & <bonne>", pay_min=40_000, pay_max=50_000, remote_days=2, highlights="Un <b>\nDeux"
    )
    make_offer(title="Autre", contract="cdd")
    response = client.get(f"/offres/flux.{feed_format}?contrat=cdi&tri=salaire&page=7&utm=x")
    assert response["Content-Type"].split(";")[0] == CONTENT_TYPES[feed_format]
    first, second = parse_items(feed_format, response)
    assert first["title"].startswith("Récente & <bonne> (H/F), Entreprise")
    assert second["title"].startswith("Ancienne")
    assert first["link"] == f"https://emploi.example{new.get_absolute_url()}"
    assert first["id"] == f"https://emploi.example/offres/{new.pk}/"
    assert "40\u00a0–\u00a050\u00a0K€ brut par an" in first["content"]
    assert "<li>Un &lt;b&gt;</li>" in first["content"], "text of an offer is escaped"
    assert client.get(first["id"]).status_code == 301, "the id of an item redirects to the offer"


def test_rss_has_the_required_elements(client, db):
    make_offer()
    root = parse_xml(client.get("/offres/flux.rss?q=cdi").content)
    channel = root.find("channel")
    assert root.get("version") == "2.0"
    assert channel.findtext("title") == "Offres d’emploi\u00a0: CDI – Jobboard"
    assert channel.findtext("link") == "https://emploi.example/offres/?q=cdi"
    assert channel.findtext("description")
    assert channel.findtext("language") == "fr"
    self_link = channel.find(f"{ATOM}link")
    assert (self_link.get("rel"), self_link.get("href")) == ("self", "https://emploi.example/offres/flux.rss?q=cdi")
    assert channel.find("item/guid").get("isPermaLink") == "false"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", channel.findtext("item/pubDate"))


def test_atom_has_the_required_elements(client, db):
    make_offer()
    root = parse_xml(client.get("/offres/flux.atom").content)
    for element in (root, root.find(f"{ATOM}entry")):
        assert all(element.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    assert root.find(f"{ATOM}entry/{ATOM}author").findtext(f"{ATOM}name")
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {"alternate": "https://emploi.example/offres/", "self": "https://emploi.example/offres/flux.atom"}


def test_json_feed_has_the_required_keys(client, db):
    make_offer()
    feed = json.loads(client.get("/offres/flux.json?contrat=cdi").content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["home_page_url"] == "https://emploi.example/offres/?contrat=cdi"
    assert feed["feed_url"] == "https://emploi.example/offres/flux.json?contrat=cdi"
    (item,) = feed["items"]
    assert {"id", "url", "title", "content_html", "date_published", "authors"} <= item.keys()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00[+]0[12]:00", item["date_published"])


@pytest.mark.parametrize("feed_format", FORMATS)
def test_confidential_employer_is_hidden_and_closed_offer_is_removed(client, feed_format):
    make_offer(company=make_company(name="Secrète SA"), confidential=True, employer_descriptor="Éditeur")
    closed = make_offer(title="Pourvue")
    assert len(parse_items(feed_format, client.get(f"/offres/flux.{feed_format}"))) == 2
    closed.fill()
    response = client.get(f"/offres/flux.{feed_format}")
    assert len(parse_items(feed_format, response)) == 1
    assert "Secrète" not in response.content.decode()
    assert "Éditeur" in response.content.decode()


@pytest.mark.parametrize("feed_format", FORMATS)
def test_characters_not_allowed_in_xml_are_removed(client, feed_format):
    make_offer(title="Avec\x0b un\x1f code\ufffe", highlights="Un\x08\nDeux\ufffe", company=make_company(name="A\x1bB"))
    (entry,) = parse_items(feed_format, client.get(f"/offres/flux.{feed_format}"))
    assert entry["title"].startswith("Avec un code (H/F), AB")


def test_invalid_parameters_are_described_and_ignored(client, db):
    make_offer(title="Python à Lyon")
    response = client.get("/offres/flux.rss?contrat=nimporte&departement=200&q=pyton")
    channel = parse_xml(response.content).find("channel")
    assert len(channel.findall("item")) == 1
    description = channel.findtext("description")
    assert "n’est pas un choix possible" in description
    assert "«\u00a0200\u00a0»" in description
    assert "Voici celles pour «\u00a0python\u00a0»" in description


def test_empty_feed_is_valid_and_has_a_constant_etag(client, db):
    for feed_format in FORMATS:
        first, second = (client.get(f"/offres/flux.{feed_format}?q=introuvable") for _ in range(2))
        assert parse_items(feed_format, first) == []
        assert first["ETag"] == second["ETag"]


def test_other_formats_and_methods(client, db):
    assert client.get("/offres/flux.xml").status_code == 404
    assert client.post("/offres/flux.rss").status_code == 405
    make_offer()
    response = client.head("/offres/flux.rss")
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == client.get("/offres/flux.rss")["ETag"]
    assert not response.cookies


@pytest.fixture
def age_rows(db):
    """Return a function that dates all rows and log entries two hours back."""

    def age():
        ChangeLogEntry.objects.update(at=timezone.now() - timedelta(hours=2))
        Offer.objects.update(updated_at=timezone.now() - timedelta(hours=2))
        ChangeLogEntry.objects.update(at=timezone.now() - timedelta(hours=2))

    return age


@pytest.mark.parametrize("feed_format", FORMATS)
def test_conditional_requests_give_304_until_a_change(client, age_rows, feed_format):
    offer = make_offer(title="Une", age=timedelta(hours=3))
    other = make_offer(title="Deux", age=timedelta(hours=4))
    age_rows()
    url = f"/offres/flux.{feed_format}"
    response = client.get(url)
    assert abs(parse_http_date(response["Last-Modified"]) - (timezone.now().timestamp() - 7200)) < 60
    by_tag = {"If-None-Match": response["ETag"]}
    by_date = {"If-Modified-Since": response["Last-Modified"]}
    for headers in (by_tag, by_date):
        not_modified = client.get(url, headers=headers)
        assert (not_modified.status_code, not_modified.content) == (304, b"")
        assert not_modified["ETag"] == response["ETag"]
    # An offer that disappears is a change as well, although no item is newer.
    other.refresh_from_db()
    other.fill()
    for headers in (by_tag, by_date):
        assert client.get(url, headers=headers).status_code == 200
    # Expiry by date as well, which writes no log entry.
    age_rows()
    response = client.get(url)
    Offer.objects.filter(pk=offer.pk).update(expires_at=timezone.now() - timedelta(minutes=30))
    ChangeLogEntry.objects.update(at=timezone.now() - timedelta(hours=2))
    since = http_date(timezone.now().timestamp() - 3600)
    assert client.get(url, headers={"If-Modified-Since": since}).status_code == 200
    assert client.get(url, headers={"If-None-Match": response["ETag"]}).status_code == 200


@pytest.mark.parametrize("feed_format", FORMATS)
def test_dates_and_tags_move_with_public_changes_only(client, age_rows, feed_format):
    public, company = make_offer(age=timedelta(hours=3)), make_company()
    hidden = make_offer(company=company, confidential=True, employer_descriptor="Un éditeur", age=timedelta(hours=3))
    draft = make_offer(status="draft", title="Brouillon")
    url = f"/offres/flux.{feed_format}"

    def headers_after(change):
        age_rows()
        before = client.get(url)
        change()
        after = client.get(url)
        return [(response.get("Last-Modified"), response["ETag"]) for response in (before, after)]

    for change in (
        lambda: Offer.objects.filter(pk=draft.pk).update(title="Autre titre"),
        lambda: make_offer(status="draft"),
        lambda: make_offer(status="submitted"),
        lambda: Offer.objects.filter(pk=draft.pk).delete(),
        make_company,
        # Of a company that the feed does not name.
        lambda: Company.objects.filter(pk=company.pk).update(name="Autre nom"),
        make_user,
    ):
        before, after = headers_after(change)
        assert before == after
    for change in (
        lambda: Offer.objects.filter(pk=public.pk).update(title="Titre public"),
        lambda: Company.objects.filter(pk=public.company_id).update(name="Nom public"),
        make_offer,
        lambda: Offer.objects.filter(pk=hidden.pk).delete(),
    ):
        before, after = headers_after(change)
        assert before[0] != after[0]
        assert before[1] != after[1]


def test_last_modified_never_precedes_the_pruned_log(client, age_rows):
    # A public change whose entry has been pruned may be as recent as RETENTION.
    make_offer(age=timedelta(days=30))
    ChangeLogEntry.objects.all().delete()
    since = timezone.now().timestamp() - log.RETENTION.total_seconds()
    assert parse_http_date(client.get("/offres/flux.rss")["Last-Modified"]) >= since
    assert client.get("/offres/flux.rss", headers={"If-Modified-Since": http_date(since - 1)}).status_code == 200


def test_last_modified_is_left_out_during_the_second_of_a_change(client, db):
    make_offer()
    assert "Last-Modified" not in client.get("/offres/flux.rss")


@pytest.mark.parametrize("count", [1, 60])
def test_feed_has_at_most_fifty_items_in_four_queries(client, count, django_assert_num_queries):
    company, role, skill = make_company(), make_role(slug="cto"), make_skill("Python")
    for _ in range(count):
        make_offer(company=company, role=role, skills=[skill])
    with django_assert_num_queries(4):
        response = client.get("/offres/flux.atom?ou=Lyon&contrat=cdi&metier=cto&competence=python")
    assert len(parse_items("atom", response)) == min(count, 50)


def test_without_an_index_the_feed_gives_503_with_retry_after(client, settings, tmp_path, db):
    settings.SEARCH_DIR = tmp_path / "none"
    response = client.get("/offres/flux.rss")
    assert (response.status_code, response["Retry-After"]) == (503, "30")


def test_pages_link_to_their_feeds(client, db):
    role = make_role(slug="cto", name="CTO")
    make_offer(role=role)
    page = client.get("/offres/?ou=Lyon&contrat=cdi").content.decode()
    links = dict(re.findall(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)">', page))
    assert links == {value: f"/offres/flux.{name}?ou=Lyon&amp;contrat=cdi" for name, value in CONTENT_TYPES.items()}
    page = client.get("/metiers/cto/").content.decode()
    assert 'href="/offres/flux.atom?metier=cto"' in page
    assert 'title="Offres d’emploi\u00a0: CTO (Atom)"' in page
