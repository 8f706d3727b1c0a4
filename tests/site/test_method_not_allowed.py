"""The page of URLs that are opened with a method that they do not accept, such as the link of a button."""

import pytest
from django.test import Client

from tests.accounts.forms import verify_second_factor
from tests.factories import make_company, make_offer
from tests.site.access import COLUMNS, STAFF, build_path, make_objects, make_users, read_rows

pytestmark = pytest.mark.django_db
ROWS = [row for row in read_rows() if "405" in row.expected]


def assert_is_page(response, text):
    page = response.content.decode()
    assert response.status_code == 405
    assert response["Allow"]
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert '<html lang="fr">' in page
    assert text in page
    assert 'href="/offres/"' in page


def test_every_url_has_a_page(db):
    assert {row.method for row in ROWS} == {"GET", "POST"}
    company = make_company()
    users = make_users(company, make_company())
    objects = make_objects(company, users)
    for row in ROWS:
        column = next(name for name, status in zip(COLUMNS, row.expected, strict=True) if status == "405")
        client = Client()
        if column != "anonymous":
            client.force_login(users[column])
        if column in STAFF:
            verify_second_factor(client, users[column])
        response = client.generic(row.method, build_path(row.route, objects.get(row.object_name, {})))
        assert_is_page(response, "utiliser son bouton" if row.method == "GET" else "n’a été enregistré")


def test_page_needs_no_user_and_no_object(client):
    assert_is_page(client.post("/offres/", {"q": "x"}), "n’a été enregistré")
    offer = make_offer()
    assert_is_page(client.put(offer.get_absolute_url()), "n’a été enregistré")


def test_head_and_htmx_have_no_page(client):
    assert client.head("/admin/logout/").content == b""
    assert client.post("/offres/", headers={"HX-Request": "true"}).content == b""
