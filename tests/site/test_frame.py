import pytest
from django.core.paginator import Paginator
from django.template import Context
from django.test import RequestFactory

from jobboard.templatetags import layout
from tests.factories import make_offer, make_role, make_user

# What the header marks on each page: the text of the link, and how much it is the page itself.
MARKED = [
    ("/", "brand", "page"),
    ("/offres/", "Offres", "page"),
    ("/offres/?q=python", "Offres", "page"),
    ("/metiers/", "Métiers", "page"),
    ("/metiers/cto/", "Métiers", "true"),
    ("/contact/", "Recruteurs", "page"),
    ("/mentions-legales/", None, None),
]


@pytest.mark.parametrize(("path", "link", "current"), MARKED)
def test_the_header_says_where_one_is(client, db, path, link, current):
    make_role(slug="cto")
    # Asked twice: drawn, and as it was kept.
    for _ in range(2):
        html = client.get(path).content.decode()
        header = html[html.index("<header") : html.index("</header>")]
        assert header.count("aria-current") == (1 if link else 0)
        if link:
            before, _, after = header.partition(f'aria-current="{current}"')
            assert after
            assert (link in before.rpartition("<a")[2]) if link == "brand" else after.startswith(f">{link}<")


def test_an_offer_is_part_of_the_offers(client, db):
    html = client.get(make_offer().get_absolute_url()).content.decode()
    assert 'href="/offres/" aria-current="true">Offres</a>' in html


def test_who_has_signed_in_finds_their_room_and_nobody_else_does(client, db):
    client.force_login(make_user())
    assert "Mon espace" in client.get("/").content.decode()
    client.logout()
    assert "Mon espace" not in client.get("/").content.decode()


def test_the_name_of_the_site_is_the_one_that_is_set(client, db, settings):
    for name in ("Embauche", "Labeur"):
        settings.SITE_NAME = name
        assert client.get("/mentions-legales/").content.decode().count(f"<span>{name}</span>") == 1


def test_nothing_is_kept_while_templates_are_being_written(settings, monkeypatch):
    drawn = []
    monkeypatch.setattr(layout, "render_to_string", lambda template, values: drawn.append(template) or "x")
    settings.DEBUG = True
    for _ in range(2):
        layout.cached_include("includes/_footer.html", name="Essai de tous les jours")
    settings.DEBUG = False
    for _ in range(2):
        layout.cached_include("includes/_footer.html", name="Essai de tous les jours")
    assert len(drawn) == 3


def links(address, number, last, fragment=""):
    page = Paginator(range(last * 10), 10).get_page(number)
    context = Context({"request": RequestFactory().get(address)})
    return layout.pagination(context, page, fragment)


def test_pages_keep_the_rest_of_the_search_and_escape_it():
    html = links("/offres/?q=a%22%3Cb%26&contrat=cdi&contrat=cdd&page=3", 3, 9, "#liste")
    assert 'href="?q=a%22%3Cb%26&amp;contrat=cdi&amp;contrat=cdd&amp;page=4#liste" rel="next"' in html
    # The first page has no number.
    assert 'href="?q=a%22%3Cb%26&amp;contrat=cdi&amp;contrat=cdd#liste" aria-label="Page 1"' in html
    assert html.count("aria-current") == 1
    assert 'aria-current="page" aria-label="Page 3 sur 9"' in html


@pytest.mark.parametrize(
    ("number", "last", "shown"),
    [
        (1, 2, ["1", "2", "Suivante"]),
        (2, 2, ["Précédente", "1", "2"]),
        (1, 9, ["1", "2", "…", "9", "Suivante"]),
        (2, 3, ["Précédente", "1", "2", "3", "Suivante"]),
        (5, 9, ["Précédente", "1", "…", "4", "5", "6", "…", "9", "Suivante"]),
        (9, 9, ["Précédente", "1", "…", "8", "9"]),
    ],
)
def test_pages_around_the_one_that_is_shown(number, last, shown):
    html = links("/offres/", number, last)
    assert [part.rpartition(">")[2] for part in html.replace("</span>", "</a>").split("</a>")[:-1]] == shown


def test_one_page_has_no_links():
    assert links("/offres/", 1, 1) == ""
