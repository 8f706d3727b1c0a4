"""A search without results: other searches, each with its count, and offers that match in part."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.catalogue.html import offer_count, visible_text
from tests.factories import GRENOBLE, PARIS, VILLEURBANNE, make_offer, make_place, make_skill


@pytest.fixture
def site(db):
    python, rust = make_skill("Python"), make_skill("Rust")
    make_place()
    make_offer(title="Développeur Python", skills=[python], place=make_place(**VILLEURBANNE))
    make_offer(title="Développeuse Python", skills=[python], place=make_place(**GRENOBLE))
    make_offer(title="Développeur Rust", skills=[rust], place=make_place(**PARIS), contract="freelance")
    make_offer(title="Python partout", skills=[python], place=make_place(**PARIS), fully_remote=True)


def ways(response) -> dict[str, dict[str, tuple[int, str]]]:
    """Return, by group and label, the count and the URL of each way; without a link the URL is empty."""
    groups = {}
    for group in re.findall(r"<section>\s*<h3>.*?</section>", response.content.decode(), re.DOTALL):
        title, items = re.search(r"<h3>(.*?)</h3>", group)[1], {}
        for item in re.findall(r"<li>(.*?)</li>", group, re.DOTALL):
            url = re.search(r'href="([^"]+)"', item)
            label = re.search(r"<(?:a|span)[^>]*>(.*?)</", item)[1].replace("\u00a0", " ").replace("&nbsp;", " ")
            items[label] = (int(re.search(r"<b>(\d+)", item)[1]), unescape(url[1]) if url else "")
        groups[title] = items
    return groups


@pytest.mark.parametrize(
    "query",
    [
        "q=python+lyon+cdd",
        "q=python+rust+lyon",
        "q=python+rust+java",
        "ou=Lyon&contrat=freelance",
        "q=rust&ou=Lyon",
        "q=python+java+cdi",
    ],
)
def test_every_way_leads_to_as_many_offers_as_it_says(client, site, query):
    response = client.get(f"/offres/?{query}")
    assert "Aucune offre ne réunit ces critères" in visible_text(response)
    found = ways(response)
    assert found
    for items in found.values():
        assert any(count for count, _ in items.values())
        for label, (count, url) in items.items():
            assert bool(count) == bool(url), label
            if url:
                page = client.get(url)
                assert offer_count(page) == count, (label, url)
                assert "Aucune offre ne répond" not in visible_text(page)


def test_each_criterion_has_the_count_without_it(client, site):
    found = ways(client.get("/offres/?q=rust+grenoble+cdi"))["Un critère de moins"]
    assert {label: count for label, (count, _) in found.items()} == {
        "sans « Grenoble (38) »": 0,
        "sans « CDI »": 0,
        "sans « rust »": 1,
    }


def test_smallest_radius_with_offers_and_the_whole_country(client, site):
    found = ways(client.get("/offres/?q=python+lyon"))["Plus loin"]
    assert {label: count for label, (count, _) in found.items()} == {"à 10 km": 1, "dans toute la France": 3}
    found = ways(client.get("/offres/?q=rust&ou=Lyon"))["Plus loin"]
    assert list(found) == ["à 10 km", "à 20 km", "à 30 km", "à 50 km", "à 100 km", "dans toute la France"]
    assert found["à 100 km"] == (0, "")


def test_fully_remote_offers_are_counted_and_shown(client, site):
    response = client.get("/offres/?q=python+lyon")
    assert ways(response)["Sans déménager"]["à 100 % en télétravail"][0] == 1
    text = visible_text(response)
    assert "À 100 % en télétravail Ces offres ne répondent qu’en partie à la recherche. Python partout" in text


@pytest.mark.parametrize("query", ["q=python+grenoble", "q=python&ou=Grenoble", "q=python&region=84"])
def test_search_for_a_place_counts_the_fully_remote_offers_elsewhere(client, site, query):
    response = client.get(f"/offres/?{query}")
    link = re.search(r'<p class="elsewhere"[^>]*><a href="([^"]+)">(.*?)</a>', response.content.decode(), re.DOTALL)
    assert link[2].replace("&nbsp;", " ").replace("\u00a0", " ") == "+ 1 offre à 100 % en télétravail"
    response = client.get(unescape(link[1]))
    assert offer_count(response) == 1
    assert "Python partout" in visible_text(response)


@pytest.mark.parametrize(
    "query", ["q=python", "q=rust+paris", "q=python+grenoble+t%C3%A9l%C3%A9travail", "ou=t%C3%A9l%C3%A9travail"]
)
def test_fully_remote_offers_are_not_counted_without_need(client, site, query):
    assert 'class="elsewhere"' not in client.get(f"/offres/?{query}").content.decode()


def test_words_are_counted_one_by_one(client, site):
    response = client.get("/offres/?q=python+rust")
    counts = {label: count for label, (count, _) in ways(response)["Chaque critère seul"].items()}
    assert counts == {"« python »": 3, "« rust »": 1}
    text = visible_text(response)
    assert "Avec une partie des mots Ces offres ne répondent qu’en partie" in text
    assert "Développeur Rust" in text


def test_words_and_place_are_counted_without_other_criteria(client, site):
    found = ways(client.get("/offres/?q=python+lyon+cdd+45k"))["Chaque critère seul"]
    assert found == {
        "« python »": (3, "/offres/?q=python"),
        "Lyon (69) et 20 km autour": (1, "/offres/?ou=Lyon+%2869%29&rayon=20"),
    }


@pytest.mark.parametrize("query", ['q="python+rust"', "q=python+SAUF+python", "q=zzzzzz", "q=cobol+OU+fortran"])
def test_searches_with_operators_and_unknown_words_have_a_page(client, site, query):
    text = visible_text(client.get(f"/offres/?{query}"))
    assert "Aucune offre ne réunit ces critères" in text
    assert "Me prévenir par e-mail" in text


def test_ways_take_no_query_and_partial_matches_one(client, site):
    client.get("/offres/?q=zzzzzz")
    with CaptureQueriesContext(connection) as without:
        client.get("/offres/?q=yyyyyy")
    with CaptureQueriesContext(connection) as queries:
        client.get("/offres/?q=python+lyon")
    assert len(queries) <= len(without) + 1
