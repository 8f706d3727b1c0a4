import random
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from offers.catalogue.cards import published_cards
from offers.catalogue.templatetags.cards import cards
from tests.catalogue.html import visible_text
from tests.factories import PARIS, make_company, make_offer, make_place, make_role, make_skill

HTMX = {"HX-Request": "true", "HX-Target": "resultats"}
BOOSTED = {"HX-Request": "true", "HX-Target": "recherche", "HX-Boosted": "true"}
ALL_FILTERS = (
    "q=python&ou=Lyon&rayon=50&region=84&departement=69&contrat=cdi&contrat=cdd&teletravail=1-2&teletravail=100"
    "&experience=junior&salaire=30&tjm=100&metier=cto&competence=python&competence=django&entreprise=acme"
    "&employeur=direct&depuis=30&tri=salaire"
)


@pytest.fixture
def company(db):
    return make_company(name="Acme", slug="acme")


@pytest.fixture
def make_offers(company):
    role = make_role(slug="cto", name="CTO")
    python, django = make_skill("Python"), make_skill("Django")

    def add(count):
        for _ in range(count):
            make_offer(
                company=company,
                role=role,
                skills=[python, django],
                remote_days=2,
                experience="junior",
                pay_min=40_000,
                pay_max=50_000,
                highlights="un\ndeux",
            )

    return add


def test_published_since_counts_calendar_days(client, company, monkeypatch):
    """An offer whose card shows “hier” is of the last day, at any hour."""
    evening = timezone.localtime().replace(hour=23, minute=30)
    monkeypatch.setattr("django.utils.timezone.now", lambda: evening)
    midnight = evening.replace(hour=0, minute=0, second=0, microsecond=0)
    for title, before in (
        ("Tard", timedelta(minutes=1)),
        ("Tôt", timedelta(days=1)),
        ("Avant", timedelta(days=1, minutes=1)),
    ):
        make_offer(title=title, company=company, age=evening - midnight + before)
    page = client.get("/offres/?depuis=1")
    page_text = visible_text(page)
    assert "2 offres" in page_text
    assert "Tard" in page_text
    assert "Tôt" in page_text
    assert "Avant" not in page_text
    # The counts of the choices agree.
    assert "Hier ou aujourd’hui – 2" in visible_text(client.get("/offres/"))
    assert "3 jours – 3" in visible_text(client.get("/offres/"))


def test_list_shows_newest_offers_first_with_their_count(client, company):
    make_offer(title="Ancienne", age=timedelta(days=3), company=company)
    make_offer(title="Récente", company=company)
    page = visible_text(client.get("/offres/"))
    assert "2 offres" in page
    assert page.index("Récente") < page.index("Ancienne")


def test_empty_site_shows_a_message(client, db):
    page = visible_text(client.get("/offres/"))
    assert "Aucune offre en ligne pour le moment" in page
    assert "Lire les fiches métiers" in page


@pytest.mark.parametrize("count", [0, 1, 45])
@pytest.mark.parametrize("query", ["", ALL_FILTERS, "ou=Lyonn&q=pyton&contrat=x&salaire=y"])
def test_query_count_does_not_depend_on_the_number_of_rows(client, make_offers, count, query):
    make_offers(count)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/offres/?{query}")
    assert response.status_code == 200
    assert len(queries) <= 6, [query["sql"] for query in queries]
    if query == ALL_FILTERS and count:
        assert f"{count} offre" in visible_text(response)


@pytest.mark.parametrize("headers", [HTMX, BOOSTED])
def test_htmx_fragments_take_at_most_six_queries(client, make_offers, headers, django_assert_max_num_queries):
    make_offers(25)
    with django_assert_max_num_queries(6):
        client.get(f"/offres/?{ALL_FILTERS}", headers=headers)


def test_page_has_twenty_offers(client, make_offers):
    make_offers(25)
    first, second = client.get("/offres/?contrat=cdi"), client.get("/offres/?contrat=cdi&page=2")
    assert first.content.count(b'<li class="offer">') == 20
    assert second.content.count(b'<li class="offer">') == 5
    assert 'href="?contrat=cdi&amp;page=2"' in first.content.decode()


@pytest.mark.parametrize("page", ["abc", "0", "-1", "1" + "0" * 30, "9" * 5000, "", "2&page=1", "٢", "1.5"])
def test_any_page_number_gives_a_page(client, make_offers, page):
    make_offers(21)
    response = client.get(f"/offres/?page={quote(page, safe='&=')}", follow=True)
    assert response.status_code == 200
    assert b'<li class="offer">' in response.content


def test_empty_parameters_are_removed_from_the_url(client, db):
    response = client.get("/offres/?q=&ou=+&contrat=cdi&salaire=&tri=")
    assert (response.status_code, response.url) == (302, "/offres/?contrat=cdi")
    assert client.get("/offres/?q=&ou=").url == "/offres/"


def test_htmx_request_gets_the_results_and_the_normalized_url(client, make_offers):
    make_offers(21)
    response = client.get("/offres/?q=&contrat=cdi&salaire=abc", headers=HTMX)
    html = response.content.decode()
    assert response.headers["HX-Push-Url"] == "/offres/?contrat=cdi&salaire=abc"
    assert "<html" not in html
    assert "<title>Offres d’emploi\u00a0: CDI" in html.replace("\n", "")
    assert 'id="resultats"' in html
    assert 'name="salaire"' not in html, "a field that is being filled in must not be replaced"
    assert 'id="erreurs-salaire" hx-swap-oob="true"' in html
    assert "Un montant en euros est attendu" in html
    assert "21 offres" in html
    assert "autofocus" not in html
    assert "page=2" in html
    assert "q=&" not in html


def test_boosted_link_renders_the_form_and_focuses_the_results(client, make_offers):
    make_offers(1)
    html = client.get("/offres/?contrat=cdi", headers=BOOSTED).content.decode()
    assert "<html" not in html
    assert re.search(r'value="cdi"[^>]*checked', html)
    assert "autofocus" in html
    assert 'id="annonce"' in html


def test_vary_header_separates_fragments_from_pages(client, db):
    for headers in ({}, HTMX):
        vary = client.get("/offres/", headers=headers).headers["Vary"]
        assert "HX-Request" in vary
        assert "HX-Target" in vary
    # History navigation or an unknown target gets the whole page.
    assert b"<html" in client.get("/offres/", headers={"HX-Request": "true"}).content


@pytest.mark.parametrize(
    ("query", "canonical", "indexed"),
    [
        ("", "/offres/", True),
        ("?page=2", "/offres/?page=2", True),
        ("?utm_source=x", "/offres/", True),
        ("?contrat=cdi&page=2&utm_source=x", "/offres/?contrat=cdi&amp;page=2", False),
        ("?contrat=esclavage", "/offres/?contrat=esclavage", False),
        ("?tri=salaire", "/offres/?tri=salaire", False),
    ],
)
def test_canonical_url_and_robots_of_each_search(client, make_offers, settings, query, canonical, indexed):
    make_offers(21)
    html = client.get(f"/offres/{query}").content.decode()
    assert f'<link rel="canonical" href="{settings.SITE_URL}{canonical}">' in html
    assert ('content="noindex, follow"' not in html) is indexed


def test_form_shows_the_values_of_the_search(client, make_offers):
    make_offers(1)
    html = client.get(f"/offres/?{ALL_FILTERS}").content.decode()
    for fragment in (
        'value="Lyon"',
        '<option value="50" selected>',
        '<option value="84" selected>',
        '<option value="69" selected>',
        '<option value="cto" selected>',
        '<option value="30" selected>',
        'value="python" checked',
        'name="entreprise" value="acme"',
        'name="tri" value="salaire"',
    ):
        assert fragment in html
    assert re.search(r'value="cdd"[^>]*checked', html)


def test_error_is_beside_its_field_in_an_open_panel(client, make_offers):
    make_offers(1)
    html = client.get("/offres/?salaire=abc").content.decode()
    assert re.search(r'id="erreurs-salaire"[^>]*>\s*<ul class="error"><li>Un montant en euros', html)
    assert 'aria-invalid="true"' in html
    assert re.search(r'<details class="sheet" id="filtres" open>', html)
    assert "<details" in client.get("/offres/").content.decode()
    assert 'id="filtres" open' not in client.get("/offres/").content.decode()


def test_parameters_are_escaped(client, db):
    script = '"><script>alert(1)</script>'
    names = ("q", "ou", "contrat", "salaire", "tri", "entreprise", "page")
    query = "&".join(f"{name}={quote(script)}" for name in names)
    for headers in ({}, HTMX, BOOSTED):
        assert b"<script>alert" not in client.get(f"/offres/?{query}", headers=headers).content


def test_confidential_employer_does_not_appear_in_the_list(client, db):
    make_offer(company=make_company(name="Secrète SA", slug="secrete"), confidential=True)
    html = client.get("/offres/").content.decode()
    assert "Employeur confidentiel" in html
    assert "Secrète" not in html
    assert "secrete" not in html


def test_only_get_and_head_are_allowed(client, db):
    assert client.post("/offres/").status_code == 405
    assert client.head("/offres/").status_code == 200


def test_nul_character_gives_400(client, db):
    assert client.get("/offres/?q=%00").status_code == 400


PARAMETER_NAMES = [
    "q",
    "ou",
    "rayon",
    "region",
    "departement",
    "contrat",
    "teletravail",
    "experience",
    "salaire",
    "tjm",
    "metier",
    "competence",
    "entreprise",
]
PARAMETER_NAMES += ["employeur", "depuis", "tri", "page", "utm", "q[]", "__proto__", "contrat__in", ""]
VALUES = [
    "", " ", "0", "-1", "1e9", "9" * 400, "1" + "0" * 30, "٣", "²", "½", "NaN", "inf", "null", "None", "true", "[]",
    "Lyon", "Lyon (69)", "69001", "(", ")", "%", "_", "\\", "'", '"', "' OR 1=1 --", "<b>", "{{ 7*7 }}", "é" * 90,
    "\u202e", "\ufeff", "😀" * 30, "a" * 101, "a" * 3000, "\r\nX: y", "\t", "cdi", "cto", "python", "acme", "84",
    "2A", "2a", "100", "1-2", "date", "salaire", "../..", "\ud7ff", "ﷺ", "ß", "İ", "45 000 €", "45k", "k", "€", "1.2.3",
    "45,", "1,5", "paris 11 11 11", "cedex", "st", "l'", "(75)", "Paris (75) (75)", "75 001 75 001", "０１２３４",
]  # fmt: skip


def test_no_query_string_gives_500(client, make_offers):
    make_offers(1)
    make_place(**PARIS)
    # A fixed seed; more combinations were run by hand.
    rng = random.Random(2026)
    for value in VALUES:
        query = "&".join(f"{name}={quote(value)}" for name in PARAMETER_NAMES)
        assert client.get(f"/offres/?{query}", headers=HTMX).status_code == 200, query
    for _ in range(60):
        pairs = [(rng.choice(PARAMETER_NAMES), rng.choice(VALUES)) for _ in range(rng.randint(1, 12))]
        query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
        response = client.get(f"/offres/?{query}", headers=rng.choice([{}, HTMX, BOOSTED]))
        assert response.status_code in {200, 302}, query
    for query in ("%", "&&&", "=", "q", "a;b;c", "?" * 50):
        assert client.get(f"/offres/?{query}").status_code in {200, 302}, query
    for characters in ("%00", "%FF", "%FF%FE", "%F0%9F", "%C0%80", "%ED%A0%80", "%C3" * 50):
        for url in ("/offres/?q=", "/offres/?", "/offres/communes/?q="):
            assert client.get(url + characters).status_code == 400, url + characters
    for value in VALUES:
        assert client.get("/offres/communes/", {"q": value}).status_code == 200, value


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"confidential": True, "employer_descriptor": "éditeur <discret>"},
        {"confidential": True, "company": None},
        {"place": None, "fully_remote": True, "remote_days": 5},
        {"contract": "freelance", "pay_min": 450, "pay_max": 450, "remote_days": 0},
        {"pay_min": 45_000, "pay_max": 52_500, "remote_days": 2, "highlights": "équipe de huit\n\nR&D"},
        {"title": "C++ & « systèmes » <embarqués>", "description": "Du **C++** sur cible."},
    ],
)
def test_cards_from_rows_and_from_instances_are_the_same(db, fields):
    offer = make_offer(**fields)
    for query_words in (None, frozenset({"c++", "equip"})):
        assert cards(published_cards([offer.pk], described=True), query_words) == cards([offer], query_words)


def test_card_shows_the_logo_of_the_company(db):
    offer = make_offer(company=make_company(name="Marine SA", logo="logos/abc.webp"))
    assert 'src="/media/logos/abc.webp"' in cards(published_cards([offer.pk]))
    assert cards(published_cards([offer.pk])) == cards([offer])


def test_cards_are_those_of_published_offers_in_the_given_order_in_one_query(db, django_assert_num_queries):
    now = timezone.now()
    first, second = make_offer(), make_offer()
    others = [
        make_offer(status="filled", closed_at=now),
        make_offer(status="draft", published_at=None, expires_at=None),
        make_offer(published_at=now + timedelta(hours=1)),
        make_offer(published_at=now - timedelta(days=9), expires_at=now - timedelta(hours=1)),
    ]
    ids = [second.pk, *(offer.pk for offer in others), 10**9, first.pk]
    with django_assert_num_queries(1):
        assert [card.pk for card in published_cards(ids)] == [second.pk, first.pk]
    with django_assert_num_queries(0):
        assert published_cards([]) == []


def test_labels_of_choices_are_escaped(client, company):
    role = make_role(slug="c-et-c", name="C & <b>C++</b>")
    make_offer(company=company, role=role, skills=[make_skill("A&<i>B</i>")])
    make_skill("R&<i>D</i>")
    html = client.get("/offres/").content.decode()
    assert '<option value="c-et-c">C &amp; &lt;b&gt;C++&lt;/b&gt; – 1</option>' in html
    assert "> A&amp;&lt;i&gt;B&lt;/i&gt; <span>" in html
    assert ">R&amp;&lt;i&gt;D&lt;/i&gt;</option>" in html
    assert "<i>" not in html
    assert "&amp;amp;" not in html
