"""The conditions of the search box on pages, in feeds and in alerts: offers, chips, notes and links."""

import re
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.http import QueryDict

from offers.alerts import saved
from offers.catalogue.filters import OfferFilter
from tests.catalogue.html import visible_text
from tests.factories import GRENOBLE, PARIS, make_company, make_offer, make_place


@pytest.fixture
def site(db):
    grenoble, paris = make_place(**GRENOBLE), make_place(**PARIS)
    make_place(
        insee_code="92012", name="Boulogne-Billancourt", department="92", region="11", population=120_000,
        latitude=48.83, longitude=2.24, postal_codes=["92100"],
    )  # fmt: skip
    make_place(
        insee_code="62160", name="Boulogne-sur-Mer", department="62", region="32", population=40_000,
        latitude=50.72, longitude=1.61, postal_codes=["62200"],
    )  # fmt: skip
    make_offer(title="PHP Lyon", pay_min=45_000, pay_max=50_000, experience="confirme")
    make_offer(title="PHP stage", contract="stage", experience="debutant", pay_min=None)
    make_offer(title="PHP freelance", contract="freelance", pay_min=450, pay_max=550, place=paris)
    make_offer(title="PHP Grenoble", place=grenoble, remote_days=3, experience="junior", pay_min=36_000, pay_max=40_000)
    make_offer(title="PHP partout", fully_remote=True, place=paris, work_language="en", pay_min=60_000, pay_max=70_000)
    make_offer(title="Java Lyon", company=make_company(name="Grenoble Énergie", kind="esn"))


def search(query: str) -> OfferFilter:
    return OfferFilter(QueryDict(query))


def titles(client, query: str) -> set[str]:
    """Return the titles in the JSON feed of a search, which the list shows too."""
    text = visible_text(client.get(f"/offres/?{query}"))
    found = {item["title"].split(" (H/F)")[0] for item in client.get(f"/offres/flux.json?{query}").json()["items"]}
    assert all(title in text for title in found)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("php lyon", {"PHP Lyon", "PHP stage"}),
        ("cdi php lyon 45k", {"PHP Lyon"}),
        ("stage php", {"PHP stage"}),
        ("freelance php 500 €/j paris", {"PHP freelance"}),
        ("php full remote", {"PHP partout"}),
        ("php 3 jours de télétravail", {"PHP Grenoble", "PHP partout"}),
        ("junior php", {"PHP stage", "PHP Grenoble"}),
        ("php lyon ou grenoble", {"PHP Lyon", "PHP stage", "PHP Grenoble"}),
        ("php paris ou isère", {"PHP freelance", "PHP partout", "PHP Grenoble"}),
        (
            "php auvergne-rhône-alpes ou paris",
            {"PHP Lyon", "PHP stage", "PHP Grenoble", "PHP freelance", "PHP partout"},
        ),
        ("english speaking php", {"PHP partout"}),
        ("esn lyon", {"Java Lyon"}),
        ("offres d’emploi informatique grenoble", {"PHP Grenoble"}),
        ("grenoble énergie", {"Java Lyon"}),
        ("php 100 km autour de grenoble", {"PHP Lyon", "PHP stage", "PHP Grenoble"}),
    ],
)
def test_conditions_of_the_text_filter_pages_and_feeds(client, site, text, expected):
    assert titles(client, f"q={quote(text)}") == expected


def test_conditions_add_up_with_those_of_the_form(client, site):
    # Choices of one filter are alternatives, and other filters are added.
    assert titles(client, "q=cdi+php+lyon&contrat=stage") == {"PHP Lyon", "PHP stage"}
    assert titles(client, "q=php+lyon&experience=debutant") == {"PHP stage"}
    # The amount and the place of the form have priority.
    assert titles(client, "q=php+40k&salaire=55000") == {"PHP partout"}
    assert titles(client, "q=php+lyon&ou=Grenoble") == set()
    # A radius is drawn around the place of the text.
    assert titles(client, "q=php+grenoble&rayon=100") == {"PHP Lyon", "PHP stage", "PHP Grenoble"}


def test_text_is_searched_as_it_is_on_request(client, site):
    assert titles(client, "q=grenoble") == {"PHP Grenoble"}
    assert titles(client, "q=grenoble&exact=1") == {"PHP Grenoble", "Java Lyon"}
    page = client.get("/offres/?q=grenoble").content.decode()
    assert "Chercher ces mots tels quels" in page
    assert 'href="/offres/?q=grenoble&amp;exact=1"' in page
    assert "Chercher ces mots tels quels" not in client.get("/offres/?q=grenoble&exact=1").content.decode()


def test_each_condition_is_a_chip_that_removes_it(client, site):
    page = client.get("/offres/", {"q": "cdi développeur php à lyon 45k"}).content.decode()
    chips = re.search(r'<ul class="chips".*?</ul>', page, re.DOTALL)[0]
    links = re.findall(
        r'<a href="([^"]+)"><span class="visually-hidden">Retirer le filtre </span>(.*?)<span', chips, re.DOTALL
    )
    texts = {
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", label)).strip(): parse_qs(urlsplit(unescape(url)).query).get("q")
        for url, label in links
    }
    assert texts == {
        "contrat CDI": ["développeur php à lyon 45k"],
        "lieu Lyon (69)": ["cdi développeur php 45k"],
        "salaire dès 45 000 € par an": ["cdi développeur php à lyon"],
        "mots développeur php": ["cdi à lyon 45k"],
    }
    # The text stays as it was typed.
    assert 'name="q" value="cdi développeur php à lyon 45k"' in page


def test_title_names_the_conditions(client, site):
    assert search("q=cdi+php+lyon").title == "Offres d’emploi\u00a0: CDI, Lyon (69), php"
    assert search("q=t%C3%A9l%C3%A9travail+php").title == "Offres d’emploi\u00a0: Télétravail, php"


def test_guess_of_a_place_is_told_with_the_others(client, site):
    page = client.get("/offres/?q=php+boulogne").content.decode()
    text = visible_text(client.get("/offres/?q=php+boulogne"))
    assert "Lieu compris : Boulogne-Billancourt (92)." in text
    assert 'href="/offres/?q=php+Boulogne-sur-Mer+%2862%29"' in page


def test_pay_that_is_not_understood_is_told(client, site):
    text = visible_text(client.get("/offres/?q=php+4000+net"))
    assert "« 4000 net » n’est pas compris : indiquez un minimum, en salaire brut par an (45k)" in text
    assert titles(client, "q=php+4000+net") == titles(client, "q=php")


def test_page_of_the_alert_tells_what_is_not_understood(client, site):
    text = visible_text(client.get("/alertes/nouvelle/?q=php+4000+net"))
    assert "« 4000 net » n’est pas compris" in text


def test_search_of_conditions_alone_is_sorted_by_date(client, site):
    assert search("q=cdi+lyon").sort_name == "date"
    assert search("q=cdi+php").sort_name == "pertinence"
    assert "Pertinence" not in visible_text(client.get("/offres/?q=cdi+lyon"))


def test_correction_keeps_the_conditions(client, site):
    make_offer(title="Symfony Lyon")
    make_offer(title="Symfony Grenoble", place=make_place(**GRENOBLE))
    text = visible_text(client.get("/offres/?q=symfnoy+lyon+cdi"))
    text = text.replace("&nbsp;", " ")
    assert "Aucune offre ne répond à « symfnoy » avec ces conditions. Voici celles pour « symfony »" in re.sub(
        " +", " ", text
    )
    assert "Symfony Lyon" in text
    assert "Symfony Grenoble" not in text


@pytest.mark.parametrize(
    "query",
    [
        "q=php+lyon&exact=1",
        "q=php+lyon&region=99",
        "q=php+freelnace",
        "q=php+lyno",
        "q=cdi+di",
        "q=php+sauf+lyon",
        "q=php+grenoble&rayon=100",
        "q=php+t%C3%A9l%C3%A9travail&teletravail=100",
        "q=php+40k&salaire=55000",
    ],
)
def test_alert_can_be_requested_for_every_search(client, site, query):
    response = client.get(f"/alertes/nouvelle/?{query}", follow=True)
    assert response.status_code == 200
    found = search(query)
    corrected = found.answer(limit=1).searched
    replayed = saved.replay(saved.canonical(found, corrected))
    assert not replayed.errors
    if "99" not in query and corrected == found.understanding.words:
        assert replayed.criteria == found.criteria


def test_ticked_choice_narrows_what_the_text_states(client, site):
    assert titles(client, "q=php+t%C3%A9l%C3%A9travail&teletravail=100") == {"PHP partout"}


def test_amount_of_the_form_has_the_only_chip(client, site):
    assert [chip.label for chip in search("q=php+40k&salaire=55000").chips] == ["php", "dès 55\u202f000\u00a0€ par an"]


def test_radius_of_the_form_is_named_with_the_place_of_the_text(client, site):
    place, words = search("q=php+grenoble&rayon=100").chips
    assert place.label == "Grenoble (38) et 100\u00a0km autour"
    assert place.url == "/offres/?q=php"
    assert words.url == "/offres/?rayon=100&q=grenoble"


@pytest.mark.parametrize(
    "text", ["cdi php lyon 45k", "php 100 km autour de grenoble", "php cette semaine", "paris ou isère", "php boulogne"]
)
def test_alert_has_the_same_conditions(client, site, text):
    query = saved.canonical(search(f"q={quote(text)}"))
    assert parse_qs(query)["q"] == [text]
    page, alert = search(f"q={quote(text)}"), saved.replay(query)
    assert (alert.criteria, saved.label(alert)) == (page.criteria, ", ".join(chip.label for chip in page.chips))


def test_alert_of_a_corrected_search_is_for_its_correction(client, site):
    canonical = saved.canonical(search("q=phhp+lyon+cdi"), "php")
    assert parse_qs(canonical)["q"] == ["php lyon cdi"]
    assert saved.replay(canonical).criteria.q == "php"


def test_label_without_own_words_has_the_conditions_only(client, site):
    assert saved.label(search("q=cdi+secret+lyon"), own_words=False) == "CDI, Lyon (69), vos mots-clés"
