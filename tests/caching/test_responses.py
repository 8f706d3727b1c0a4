"""Cached responses: conditional requests, counts of views, and no header of a request in a cached page."""

import sys

import pytest

from careers.models import FaqEntry, Role, RoleEntry
from careers.prose import FIELDS as PROSE
from jobboard.caching.values import CachedValues
from offers.catalogue import audience, role_offers
from offers.companies.models import Company
from offers.models import Offer, Skill
from offers.models.offer import OfferQuerySet
from tests.factories import make_company, make_offer, make_role, make_skill

pytestmark = pytest.mark.django_db


def test_matching_etag_gives_304_and_head_gives_no_content(client, visitor):
    role, offer = make_role(), make_offer()
    for url in ("/", role.get_absolute_url(), offer.get_absolute_url(), "/offres/", "/offres/communes/?q=ly"):
        first = client.get(url)
        second = visitor.get(url)
        assert first["ETag"] == second["ETag"]
        for etag in (first["ETag"], f"W/{first['ETag']}"):
            not_modified = visitor.get(url, headers={"if-none-match": etag})
            assert (not_modified.status_code, not_modified.content) == (304, b"")
            assert not_modified["ETag"] == first["ETag"]
            assert "Content-Security-Policy" in not_modified
        assert visitor.get(url, headers={"if-none-match": '"autre"'}).status_code == 200
        head = visitor.head(url)
        assert (head.status_code, head.content) == (200, b"")
        assert head["ETag"] == first["ETag"]
    assert "no-cache" in client.get("/")["Cache-Control"]
    before = client.get(offer.get_absolute_url())["ETag"]
    Offer.objects.filter(pk=offer.pk).update(description="Autre chose.")
    assert client.get(offer.get_absolute_url(), headers={"if-none-match": before}).status_code == 200


def test_views_of_cached_offer_pages_are_counted(client, visitor, monkeypatch):
    offer, counted = make_offer(), []
    monkeypatch.setattr(audience.buffer, "add", lambda pk, kind: counted.append(pk))
    headers = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    etag = client.get(offer.get_absolute_url(), headers=headers)["ETag"]
    visitor.get(offer.get_absolute_url(), headers=headers)
    visitor.get(offer.get_absolute_url(), headers={**headers, "if-none-match": etag})
    visitor.head(offer.get_absolute_url(), headers=headers)
    visitor.get(f"{offer.get_absolute_url()}?utm_source=x", headers=headers)
    assert counted == [offer.pk] * 4


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


@pytest.mark.parametrize("name", HEADERS)
def test_request_headers_do_not_appear_in_cached_pages(client, visitor, name):
    role, offer = make_role(), make_offer()
    value = {
        "SCRIPT_NAME": f"/{POISON}",
        "SERVER_PORT": "666",
        "HTTP_COOKIE": f"csrftoken={'a' * 32}; messages={POISON}",
    }
    for url in ("/metiers/", role.get_absolute_url(), offer.get_absolute_url(), "/offres/?contrat=cdi"):
        # Without a Host header, Django checks SERVER_NAME against ALLOWED_HOSTS.
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


def test_pay_quartiles_of_many_offers_are_not_computed_at_each_rendering(client, monkeypatch):
    role, computed, quartiles = make_role(), [], OfferQuerySet.pay_quartiles
    offers = [make_offer(role=role, pay_min=40_000, pay_max=50_000) for _ in range(6)]
    monkeypatch.setattr(role_offers, "_pay", CachedValues(size=10, seconds=3_600))
    monkeypatch.setattr(OfferQuerySet, "pay_quartiles", lambda self: computed.append(1) or quartiles(self))
    for limit, expected in ((500, 2), (6, 1)):
        computed.clear()
        monkeypatch.setattr(role_offers, "PAY_CACHED_FROM", limit)
        for text in ("Un.", "Deux."):
            Offer.objects.filter(pk=offers[0].pk).update(highlights=text)
            assert "Dans les offres du site" in client.get(role.get_absolute_url()).content.decode()
        assert len(computed) == expected


# A placeholder of an earlier page cache, which filled in the token of each visitor: text could rewrite the page.
TOKEN_FIELD = 'name="csrfmiddlewaretoken" value="'


def count_calls(function) -> int:
    """Return how many functions of Python and C a call runs: a measure of its time that is equal on every machine."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls


def cut(model, text: str, *names: str) -> dict[str, str]:
    """Return `text` for each of the fields, cut to its length."""
    return {name: text[: model._meta.get_field(name).max_length] for name in names}


def publish(text: str) -> list[str]:
    """Return the paths of pages that show `text` in every public field."""
    company = make_company(name="Ateliers", **cut(Company, text, "sector", "description"))
    names = ("full_name", "french_name", "summary", "salary_source", *PROSE)
    role = make_role(name="DevOps", slug="devops", **cut(Role, text, *names))
    RoleEntry.objects.create(role=role, section="mission", **cut(RoleEntry, text, "label", "text"))
    FaqEntry.objects.create(role=role, **cut(FaqEntry, text, "question", "answer"))
    skill = make_skill(text[:20])
    texts = cut(Offer, text, "title", "highlights", "description")
    named = make_offer(company=company, role=role, skills=[skill], **texts)
    hidden = make_offer(company=company, confidential=True, title="Offre", **cut(Offer, text, "employer_descriptor"))
    pages = (named, hidden, role, company)
    return ["/", "/offres/", *(page.get_absolute_url() for page in pages)]


def test_text_cannot_rewrite_a_cached_page_nor_slow_it_down(client, visitor):
    calls = []
    for text in (TOKEN_FIELD * 850, "x" * len(TOKEN_FIELD) * 850):
        paths = publish(text)
        calls.append([])
        for path in paths:
            rendered, cached = client.get(path), visitor.get(path)
            assert rendered.status_code == 200, path
            assert not cached.templates, path
            assert cached.content == rendered.content, path
            calls[-1].append(count_calls(lambda path=path: visitor.get(path)))
        for model in (Offer, Role, Company, Skill):
            model.objects.all().delete()
    for path, poisoned, plain in zip(paths, *calls, strict=True):
        assert abs(poisoned - plain) <= plain / 10, path
