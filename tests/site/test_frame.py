import pytest
from django.core.paginator import Paginator
from django.template import Context
from django.test import RequestFactory

from jobboard.templatetags import layout
from tests.factories import make_offer, make_role, make_user

# For each path, the link of the header with `aria-current`, and the value of this attribute.
MARKED = [
    ("/", "brand", "page"),
    ("/offres/", "Offres", "page"),
    ("/offres/?q=python", "Offres", "page"),
    ("/metiers/", "Métiers", "page"),
    ("/metiers/cto/", "Métiers", "true"),
    ("/contact/?sujet=recruteur", "Recruteurs", "page"),
    ("/contact/", None, None),
    ("/contact/?sujet=accessibilite", None, None),
    ("/mentions-legales/", None, None),
]


@pytest.mark.parametrize(("path", "link", "current"), MARKED)
def test_header_marks_the_current_section(client, db, path, link, current):
    make_role(slug="cto")
    # Twice: rendered, then from the cache.
    for _ in range(2):
        html = client.get(path).content.decode()
        header = html[html.index("<header") : html.index("</header>")]
        assert header.count("aria-current") == (1 if link else 0)
        if link:
            before, _, after = header.partition(f'aria-current="{current}"')
            assert after
            assert (link in before.rpartition("<a")[2]) if link == "brand" else after.startswith(f">{link}<")


def test_offer_page_marks_the_offers_section(client, db):
    html = client.get(make_offer().get_absolute_url()).content.decode()
    assert 'href="/offres/" aria-current="true">Offres</a>' in html


def test_dashboard_link_is_shown_to_signed_in_users_only(client, db):
    client.force_login(make_user())
    assert "Mon espace" in client.get("/").content.decode()
    client.logout()
    assert "Mon espace" not in client.get("/").content.decode()


def test_header_shows_the_site_name_of_the_settings(client, db, settings):
    for name in ("Embauche", "Labeur"):
        settings.SITE_NAME = name
        assert client.get("/mentions-legales/").content.decode().count(f"<span>{name}</span>") == 1


def test_cached_include_does_not_cache_in_debug_mode(settings, monkeypatch):
    rendered = []
    monkeypatch.setattr(layout, "render_to_string", lambda template, values: rendered.append(template) or "x")
    settings.DEBUG = True
    for _ in range(2):
        layout.cached_include("includes/_footer.html", name="Essai de tous les jours")
    settings.DEBUG = False
    for _ in range(2):
        layout.cached_include("includes/_footer.html", name="Essai de tous les jours")
    assert len(rendered) == 3


def render_pagination(url, page_number, page_count, fragment=""):
    page = Paginator(range(page_count * 10), 10).get_page(page_number)
    context = Context({"request": RequestFactory().get(url)})
    return layout.pagination(context, page, fragment)


def test_pagination_links_keep_and_escape_the_query_string():
    html = render_pagination("/offres/?q=a%22%3Cb%26&contrat=cdi&contrat=cdd&page=3", 3, 9, "#liste")
    assert 'href="?q=a%22%3Cb%26&amp;contrat=cdi&amp;contrat=cdd&amp;page=4#liste" rel="next"' in html
    # The link to the first page has no page parameter.
    assert 'href="?q=a%22%3Cb%26&amp;contrat=cdi&amp;contrat=cdd#liste" aria-label="Page 1"' in html
    assert html.count("aria-current") == 1
    assert 'aria-current="page" aria-label="Page 3 sur 9"' in html


@pytest.mark.parametrize(
    ("page_number", "page_count", "labels"),
    [
        (1, 2, ["1", "2", "Suivante"]),
        (2, 2, ["Précédente", "1", "2"]),
        (1, 9, ["1", "2", "…", "9", "Suivante"]),
        (2, 3, ["Précédente", "1", "2", "3", "Suivante"]),
        (5, 9, ["Précédente", "1", "…", "4", "5", "6", "…", "9", "Suivante"]),
        (9, 9, ["Précédente", "1", "…", "8", "9"]),
    ],
)
def test_pagination_links_around_the_current_page(page_number, page_count, labels):
    html = render_pagination("/offres/", page_number, page_count)
    assert [part.rpartition(">")[2] for part in html.replace("</span>", "</a>").split("</a>")[:-1]] == labels


def test_single_page_has_no_pagination():
    assert render_pagination("/offres/", 1, 1) == ""
