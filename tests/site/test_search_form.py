"""The form on top of home and list is one and the same."""

import re

import pytest

pytestmark = pytest.mark.django_db


def controls(html: str) -> list[str]:
    """The fields of the first search form: labels, inputs and what belongs to them."""
    form = html[html.index('role="search"') :]
    return re.findall(r'<div class="field" id="champ-(?:q|ou)">.*?</div></div>', form, re.DOTALL)


def test_home_and_list_have_the_same_search_form(client, search_index):
    home, offers = (client.get(url).content.decode() for url in ("/", "/offres/"))
    assert len(controls(home)) == 2
    assert controls(home) == controls(offers)


def test_the_form_of_the_home_page_needs_no_index(client, settings, tmp_path):
    settings.SEARCH_DIR = tmp_path / "missing"
    page = client.get("/")
    assert page.status_code == 200
    assert len(controls(page.content.decode())) == 2
