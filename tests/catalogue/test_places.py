"""Places in the list of offers and its feeds: how the text was read, other meanings, and unknown places."""

import re
from urllib.parse import quote

import pytest

from tests.catalogue.html import visible_text
from tests.factories import GRENOBLE, PARIS, VILLEURBANNE, make_offer, make_place

FEEDS = ("rss", "atom", "json")


def place(insee_code, name, department, region, population, *codes):
    return make_place(
        insee_code=insee_code,
        name=name,
        department=department,
        region=region,
        population=population,
        postal_codes=codes,
    )


@pytest.fixture
def site(db):
    aulnay = place("93005", "Aulnay-sous-Bois", "93", "11", 87_599, "93600")
    place("17024", "Aulnay", "17", "75", 1_410, "17470")
    lille = place("59350", "Lille", "59", "32", 238_695, "59000", "59160")
    place("76540", "Rouen", "76", "28", 117_000, "76000")
    mauguio = place("34154", "Mauguio", "34", "76", 17_000, "34130")
    aunes = place("34240", "Saint-Aunès", "34", "76", 4_400, "34130")
    courbevoie = place("92026", "Courbevoie", "92", "11", 82_000, "92400")
    puteaux = place("92062", "Puteaux", "92", "11", 44_000, "92800")
    strasbourg = place("67482", "Strasbourg", "67", "44", 291_000, "67000")
    make_offer(title="Aulnay", place=aulnay)
    make_offer(title="Lille", place=lille)
    make_offer(title="Mauguio", place=mauguio)
    make_offer(title="Aunès", place=aunes)
    make_offer(title="Courbevoie", place=courbevoie)
    make_offer(title="Puteaux", place=puteaux)
    make_offer(title="Strasbourg", place=strasbourg, remote_days=2)
    make_offer(title="Partout", place=make_place(**PARIS), fully_remote=True, remote_days=5)


def titles(client, query: str) -> set[str]:
    """Return the titles of the offers of a list, of which the feeds have to list the same ones."""
    response = client.get(f"/offres/?{query}")
    # Without the offers that match in part, below the ways out of a search without results.
    page, text = response.content.decode().split('class="empty nothing"')[0], visible_text(response)
    feed = client.get(f"/offres/flux.json?{query}").json()
    found = {item["title"].split(" (H/F)")[0] for item in feed["items"]}
    for title in found:
        assert title in text
    assert len(re.findall(r'<li[^>]*class="[^"]*offer', page)) in (0, len(found))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Aulnay", {"Aulnay"}),
        ("Lomme", {"Lille"}),
        ("34130", {"Mauguio", "Aunès"}),
        ("34130 Mauguio", {"Mauguio"}),
        ("La Défense", {"Courbevoie", "Puteaux"}),
        ("Alsace", {"Strasbourg"}),
        ("petite couronne", {"Aulnay", "Courbevoie", "Puteaux"}),
        ("Lille, Hauts-de-France, France", {"Lille"}),
        ("59 - Lille", {"Lille"}),
        ("idf", {"Aulnay", "Courbevoie", "Puteaux", "Partout"}),
        ("15e arrondissement de Paris", {"Partout"}),
        ("télétravail", {"Partout"}),
        ("télétravail&teletravail=1-2", {"Strasbourg"}),
        ("Alsace&departement=67", {"Strasbourg"}),
        ("Alsace&departement=68", set()),
        ("Alsace&region=11", set()),
        ("Atlantis", set()),
        ("Lille (75)", set()),
    ],
)
def test_offers_of_a_place(client, site, text, expected):
    name, *others = text.split("&")
    assert titles(client, "&".join([f"ou={quote(name)}", *others])) == expected


def test_all_of_france_is_a_search_without_a_place(client, site):
    assert len(titles(client, "ou=France+enti%C3%A8re")) == 8


def test_page_says_how_a_text_was_read_and_offers_the_other_meanings(client, site):
    response = client.get("/offres/?ou=Aulnay")
    assert "Lieu compris : Aulnay-sous-Bois (93)." in visible_text(response)
    assert 'href="/offres/?ou=Aulnay+%2817%29"' in response.content.decode()
    assert "Ancienne commune, aujourd’hui dans Lille (59)." in visible_text(client.get("/offres/?ou=Lomme"))
    assert "34130 : Mauguio et Saint-Aunès." in visible_text(client.get("/offres/?ou=34130"))
    assert "La Défense : Courbevoie et Puteaux." in visible_text(client.get("/offres/?ou=La+D%C3%A9fense"))


def test_plain_name_needs_no_explanation(client, site):
    assert "Lieu compris" not in client.get("/offres/?ou=Lille").content.decode()
    assert "Lieu compris" not in client.get("/offres/").content.decode()


def test_unknown_place_is_a_question_and_never_all_of_france(client, site):
    response = client.get("/offres/?ou=Rouenn&contrat=cdi")
    page, text = response.content.decode(), visible_text(response)
    assert "Quelle ville" in text
    assert "Nous ne connaissons pas de lieu « Rouenn »" in text
    assert 'href="/offres/?contrat=cdi&amp;ou=Rouen+%2876%29"' in page
    assert 'href="/offres/?contrat=cdi"' in page
    assert "Strasbourg" not in text
    # An alert without the place would be for all of France.
    assert "/alertes/nouvelle/" not in page.split('id="resultats"')[1].split("</section>")[0]
    assert "Un critère n’est pas appliqué" not in text


def test_unknown_place_without_a_similar_name_has_advice(client, site):
    text = visible_text(client.get("/offres/?ou=%3Cb%3EQwertz"))
    assert "Essayez la ville la plus proche" in text
    assert "chercher dans toute la France" in text


def test_unknown_place_does_not_hide_the_other_errors(client, site):
    text = visible_text(client.get("/offres/?ou=Qwertz&salaire=beaucoup"))
    assert "Quelle ville" in text
    assert "Un critère n’est pas appliqué" in text


def test_typed_place_stays_in_the_field(client, site):
    for text in ("Qwertz", "Aulnay", "Lomme", "la défense"):
        assert f'value="{text}"' in client.get(f"/offres/?ou={quote(text)}").content.decode()


@pytest.mark.parametrize("feed_format", FEEDS)
def test_feed_of_an_unknown_place_is_empty_and_says_why(client, site, feed_format):
    body = client.get(f"/offres/flux.{feed_format}?ou=Atlantis").content.decode()
    assert "Strasbourg" not in body
    if feed_format != "atom":
        assert "Atlantis" in body


def test_radius_around_several_communes_is_around_each(client, db):
    make_offer(title="Villeurbanne", place=make_place(**VILLEURBANNE))
    make_offer(title="Loin", place=make_place(**GRENOBLE))
    make_place(postal_codes=["69001", "69009"])
    make_place(insee_code="69900", name="Autre", population=10, postal_codes=["69001"], latitude=45.0, longitude=4.0)
    assert titles(client, "ou=69001&rayon=10") == {"Villeurbanne"}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Aulnay (17)", "autour d’Aulnay"),
        ("Le Havre", "autour du Havre"),
        ("Les Sables-d’Olonne", "autour des Sables-d’Olonne"),
        ("La Rochelle", "autour de La Rochelle"),
        ("Saint-Denis", "autour de Saint-Denis (974)"),
        ("Saint-Denis (93)", "autour de Saint-Denis (93)"),
    ],
)
def test_wider_search_is_in_correct_french_and_unambiguous(client, db, text, label):
    places = [
        place("17024", "Aulnay", "17", "75", 1_410),
        place("76351", "Le Havre", "76", "28", 165_000),
        place("85194", "Les Sables-d’Olonne", "85", "52", 45_000),
        place("17300", "La Rochelle", "17", "75", 77_000),
        place("97411", "Saint-Denis", "974", "04", 155_000),
        place("93066", "Saint-Denis", "93", "11", 149_000),
    ]
    for each in places:
        make_offer(place=each)
    page = visible_text(client.get(f"/offres/?ou={quote(text)}"))
    assert re.search(rf"20\s(?:&nbsp;)?km {re.escape(label)}(?! \()", page.replace("&nbsp;", " "))


@pytest.fixture
def cities(db):
    for each in (make_place(), make_place(**GRENOBLE), make_place(**PARIS), make_place(**VILLEURBANNE)):
        make_offer(title=f"Offre de {each.name}", place=each)


@pytest.mark.parametrize(
    "text", ["Lyon, Grenoble", "Lyon/Grenoble", "Lyon - Grenoble", "Lyon ; Grenoble", "Lyon et Grenoble"]
)
def test_several_places_are_a_question_and_never_one_of_them(client, cities, text):
    response = client.get("/offres/", {"ou": text})
    page, results = response.content.decode(), visible_text(response)
    assert f"« {text} » nomme plusieurs lieux : un seul à la fois est possible. Plutôt" in results
    assert 'href="/offres/?ou=Lyon+%2869%29"' in page
    assert 'href="/offres/?ou=Grenoble+%2838%29"' in page
    assert "Offre de" not in results
    for feed_format in FEEDS:
        body = client.get(f"/offres/flux.{feed_format}", {"ou": text}).content.decode()
        assert "Offre de" not in body


def test_neighbouring_towns_are_read_as_the_first_and_the_others_offered(client, cities):
    response = client.get("/offres/?ou=Lyon,+Villeurbanne")
    assert "Lieu compris : Lyon (69)." in visible_text(response)
    assert 'href="/offres/?ou=Villeurbanne+%2869%29"' in response.content.decode()
    assert titles(client, "ou=Villeurbanne,+Lyon") == {"Offre de Villeurbanne"}


def test_place_abroad_is_said_to_be_abroad(client, cities):
    response = client.get("/offres/?ou=Bruxelles")
    assert "« Bruxelles » est hors de France : toutes les offres sont en France." in visible_text(response)
    assert "Plutôt" not in visible_text(response)
    assert "Offre de" not in visible_text(response)


def test_other_meanings_come_with_the_one_that_was_understood(client, db):
    place("97411", "Saint-Denis", "974", "04", 155_000)
    place("93066", "Saint-Denis", "93", "11", 149_000)
    text = visible_text(client.get("/offres/?ou=Saint-Denis"))
    assert "Lieu compris : Saint-Denis (974)." in text
    assert "Saint-Denis (93)" in text
