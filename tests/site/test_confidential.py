"""An attacker looks for a link between two offers of one company, one named and one confidential, in every output."""

import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.outbox import queue_mail
from jobboard.mail.tasks import send_outbox
from offers.alerts import sending
from offers.models import Offer
from tests.factories import make_alert, make_application, make_company, make_member, make_offer, make_place, make_user
from tests.posting.forms import DESCRIPTION

pytestmark = pytest.mark.django_db
NAME, HANDLE, LOGO = "Zorglub Industries", "zorglub", "logos/" + "c" * 32 + ".webp"
FEEDS = [f"/offres/flux.{name}" for name in ("rss", "atom", "json")]


@pytest.fixture
def company():
    return make_company(
        name=f"{NAME} SAS", slug="zorglub-industries", siret="73282932000074", website="https://www.zorglub.example/",
        description="Zorglub, depuis 1950.", sector="Zorglubisation", logo=LOGO, other_names="Zorg",
    )  # fmt: skip


@pytest.fixture
def confidential(company):
    return make_offer(
        company=company, title="Développeuse Rust", confidential=True, employer_descriptor="Éditeur de logiciel",
        description=DESCRIPTION, external_reference="ZORG-2", pay_min=50_000, pay_max=60_000,
    )  # fmt: skip


@pytest.fixture
def named(company):
    return make_offer(
        company=company, title="Développeuse Java", description=DESCRIPTION, external_reference="ZORG-1",
        pay_min=50_000, pay_max=60_000,
    )  # fmt: skip


def identifying(text: str) -> list[str]:
    """Return what identifies the company in a response."""
    words = [HANDLE, "zorg-", "zorglubisation", "732829320", "732 829 320", LOGO, "zorglub.example"]
    return [word for word in words if word in text.casefold().replace("\u00a0", " ")]


def text_of(response) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{headers}\n{response.content.decode()}"


def pages_of(offer) -> list[str]:
    args = [offer.pk, offer.slug]
    return [
        offer.get_absolute_url(), f"/offres/{offer.pk}/", reverse("applications:apply", args=args),
        reverse("moderation:report", args=args), reverse("applications:apply_elsewhere", args=args),
    ]  # fmt: skip


def test_no_page_feed_or_suggestion_names_the_company_of_a_confidential_offer(client, company, confidential):
    urls = [
        reverse("home"), "/offres/", "/offres/?q=rust", "/offres/?tri=salaire", "/offres/?employeur=direct", *FEEDS,
        *(f"{url}?q=rust" for url in FEEDS), *pages_of(confidential), "/metiers/", "/offres/?q=developpeuse",
    ]  # fmt: skip
    for url in urls:
        response = client.get(url, follow=True)
        assert response.status_code in (200, 404), url
        assert identifying(text_of(response)) == [], url
    assert client.get(company.get_absolute_url()).status_code == 404
    assert client.get(company.logo.url).status_code == 404
    for text in ("zor", "zorglub", "zorglub ind"):
        results = client.get("/offres/suggestions/", {"q": text}).json()["results"]
        # Conditions are completed from the last word alone.
        assert [result for result in results if result["group"] != "Conditions"] == []


def test_ways_out_and_partial_matches_are_those_of_an_unknown_word(client, company, confidential):
    pages = [client.get("/offres/", {"q": f"{word} rust"}).content.decode() for word in ("zorglub", "qsdfghj")]
    assert pages[0].replace("zorglub", "qsdfghj") == pages[1]
    assert "Ces offres ne répondent qu’en partie" in pages[0]


def test_search_by_name_filters_and_counts_do_not_find_it(client, company, confidential, named):
    other = make_offer(title="Développeuse Go", company=make_company(name="Autre"), description=DESCRIPTION)
    client.index.follow()
    texts = ["zorglub", "zorglub industries", '"zorglub industries"', "ZORG-2", "732829320", "zorglub rust"]
    for query in [{"entreprise": company.slug}, *({"q": text} for text in texts)]:
        # Partial matches depend on the other words only, not on the employer.
        html = client.get("/offres/", query).content.decode().split('class="empty nothing"')[0]
        assert confidential.get_absolute_url() not in html, query
        assert "Développeuse Rust" not in html, query
        for feed in FEEDS:
            assert "Développeuse Rust" not in client.get(feed, query).content.decode(), (feed, query)
    # The suggestion counts named offers only.
    [suggestion] = client.get("/offres/suggestions/", {"q": "zorglub"}).json()["results"]
    assert suggestion["detail"].startswith("1")
    # Pages of the named offer and of the company neither list nor count it as one of the company.
    page = client.get(named.get_absolute_url())
    assert confidential.pk not in [card.pk for card in page.context["company_offers"]]
    page = client.get(company.get_absolute_url())
    assert page.context["count"] == 1
    assert confidential.title not in page.content.decode()
    assert other.title in client.get("/offres/").content.decode()


def test_a_company_with_confidential_offers_only_answers_as_one_that_does_not_exist(client, company, confidential):
    answers = []
    for slug in (company.slug, "n-existe-pas"):
        paths = [f"/entreprises/{slug}/", f"/offres/?entreprise={slug}", f"/offres/flux.json?entreprise={slug}",
                 f"/alertes/nouvelle/?entreprise={slug}"]  # fmt: skip
        responses = [client.get(path) for path in paths]
        texts = [response.content.decode().replace(slug, "X") for response in responses]
        texts = [re.sub(r'(value|nonce)="[^"]{20,}"', "", text) for text in texts]
        answers.append(list(zip([response.status_code for response in responses], texts, strict=True)))
    assert answers[0] == answers[1]


def test_dates_in_feeds_are_days_and_confirmation_is_not_a_change(client, company, confidential, named):
    others = [make_offer(title=f"Autre {n}", age=timedelta(days=1)) for n in range(3)]
    client.index.follow()
    before = {url: client.get(url).content for url in FEEDS}
    for offer in (named, confidential):
        offer.refresh_from_db()
        offer.confirm()
    client.index.follow()
    assert {url: client.get(url).content for url in FEEDS} == before
    items = json.loads(before[FEEDS[2]])["items"]
    assert len(items) == 2 + len(others)
    for item in items:
        assert item["date_published"][10:19] == item["date_modified"][10:19] == "T00:00:00"
    times = re.findall(rb"\d\d:\d\d:\d\d", before[FEEDS[0]])
    assert set(times) == {b"00:00:00"}
    # A new version is a change.
    offer = others[0]
    offer.refresh_from_db()
    offer.amend()
    items = {item["title"].split(" (")[0]: item for item in json.loads(client.get(FEEDS[2]).content)["items"]}
    assert items["Autre 0"]["date_modified"] > items["Autre 0"]["date_published"]


def test_pages_have_no_times_of_day(client, confidential):
    Offer.objects.filter(pk=confidential.pk).update(confirmed_at=timezone.now())
    for url in ("/offres/", confidential.get_absolute_url(), reverse("home")):
        html = client.get(url).content.decode()
        assert re.findall(r'datetime="([^"]*)"', html), url
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in re.findall(r'datetime="([^"]*)"', html)), url
        assert not re.search(r"\d\d:\d\d:\d\d", html), url


def test_order_does_not_put_offers_published_together_side_by_side(client):
    """Publish thirty offers of other companies, and two of each of eight companies within a second."""
    place, noon = make_place(), timezone.localtime().replace(hour=0, minute=1, second=0)
    named_by_confidential = {}
    for n in range(8):
        company = make_company()
        published = {"place": place, "published_at": noon + timedelta(seconds=n), "company": company}
        confidential = make_offer(title="Rust", confidential=True, **published)
        named_by_confidential[confidential.pk] = make_offer(title="Java", **published).pk
        for _ in range(3):
            make_offer(title="Autre", place=place, published_at=noon + timedelta(seconds=n))
    client.index.follow()
    orders = [
        [int(item["id"].rstrip("/").rpartition("/")[2]) for item in json.loads(client.get(FEEDS[2]).content)["items"]],
        [card.pk for number in (1, 2) for card in client.get(f"/offres/?tri=date&page={number}").context["page_obj"]],
    ]
    for order in orders:
        assert len(order) == 40
        adjacent = sum(
            abs(order.index(confidential) - order.index(named)) == 1
            for confidential, named in named_by_confidential.items()
        )
        assert adjacent < 4


def test_headers_do_not_change_with_the_hidden_company(client, company, confidential):
    """The ETag is a digest of the content, which a change of the hidden company does not touch."""
    url = confidential.get_absolute_url()
    before = client.get(url)
    type(company).objects.filter(pk=company.pk).update(name="Zorglub et fils", website="https://zorglub.test")
    after = Client().get(url)
    assert after.content == before.content
    assert after.headers.get("ETag") == before.headers.get("ETag")
    assert "Last-Modified" not in after.headers


def test_mails_and_status_page_of_candidates_do_not_name_it(client, company, confidential):
    make_member(company, make_user(email="rh@zorglub.example"))
    application = make_application(offer=confidential, email="candidate@example.net")
    assert identifying(text_of(client.get(application.get_absolute_url(), follow=True))) == []
    response = client.get(reverse("applications:apply", args=[confidential.pk, confidential.slug]))
    assert identifying(text_of(response)) == []
    make_alert(query="q=rust", email="alerte@example.net")
    client.index.follow()
    sending.run()
    queue_mail("applications.confirmation", application=application.pk)
    send_outbox()
    assert {"alerte@example.net", "candidate@example.net"} <= {address for each in mail.outbox for address in each.to}
    sent = [message for message in mail.outbox if "zorglub.example" not in "".join(message.to)]
    for message in sent:
        parts = [message.subject, message.body, str(message.extra_headers), *message.reply_to, message.from_email]
        assert identifying("\n".join(parts)) == [], message.subject
