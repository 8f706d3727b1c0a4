"""The search form of the home page and of the list of offers is the same."""

import re

import pytest

pytestmark = pytest.mark.django_db


def field_html(html: str) -> list[str]:
    """Return the HTML of each field of the first search form."""
    form = html[html.index('role="search"') :]
    return re.findall(r'<div class="field" id="champ-(?:q|ou)">.*?</div></div>', form, re.DOTALL)


def test_home_and_list_have_the_same_search_form(client, search_index):
    home, offers = (client.get(url).content.decode() for url in ("/", "/offres/"))
    assert len(field_html(home)) == 2
    assert field_html(home) == field_html(offers)


def test_search_form_of_the_home_page_needs_no_index(client, settings, tmp_path):
    settings.SEARCH_DIR = tmp_path / "missing"
    page = client.get("/")
    assert page.status_code == 200
    assert len(field_html(page.content.decode())) == 2
