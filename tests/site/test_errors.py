"""Every error has a page of ours: in French, with a way on, and with the headers of all pages."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from jobboard.urls import urlpatterns as site_urls


def broken(request):
    raise RuntimeError("secret-of-the-code")


def forbidden(request):
    raise PermissionDenied


def missing(request):
    raise Http404("secret-of-the-code")


def form(request):
    return HttpResponse("ok")


urlpatterns = [
    path("essai/500/", broken),
    path("essai/403/", forbidden),
    path("essai/404/", missing),
    path("essai/formulaire/", form),
    path("", include(site_urls)),
]
here = pytest.mark.urls(__name__)


def assert_page(response, status, words):
    text = response.content.decode()
    assert response.status_code == status
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert '<html lang="fr">' in text
    assert words in text
    assert 'name="robots" content="noindex"' in text
    assert 'href="/offres/"' in text
    assert "secret-of-the-code" not in text
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_400_for_a_host_that_is_not_ours(client, db):
    assert_page(client.get("/", headers={"host": "evil.example.org"}), 400, "pas pu être lu")


@here
def test_403(client, db):
    assert_page(client.get("/essai/403/"), 403, "pas ouverte à ce compte")


@here
def test_403_for_a_form_that_has_expired(db):
    response = Client(enforce_csrf_checks=True).post("/essai/formulaire/", {"a": "b"})
    assert_page(response, 403, "Le formulaire a expiré")


@here
@pytest.mark.parametrize("address", ["/nulle-part/", "/essai/404/", "/metiers/nulle-part/", "/offres/999999999-rien/"])
def test_404(client, db, address):
    assert_page(client.get(address), 404, "n’existe pas ou n’existe plus")


@here
def test_500_shows_nothing_of_the_code(client):
    client.raise_request_exception = False
    assert_page(client.get("/essai/500/"), 500, "a rencontré un problème")


@here
def test_500_needs_no_database(client):
    """No `db` fixture here: a query would fail the test."""
    client.raise_request_exception = False
    client.cookies["sessionid"] = "x" * 32
    assert_page(client.get("/essai/500/"), 500, "a rencontré un problème")


@pytest.mark.parametrize("number", [2**31, 2**63, 2**64, 10**30])
def test_a_number_beyond_the_database_is_a_page_that_does_not_exist(client, db, number):
    assert client.get(f"/offres/{number}-rien/").status_code == 404


@pytest.mark.parametrize("name", ["400", "403", "404", "410", "429", "500"])
def test_each_template_stands_without_context(name):
    from django.template.loader import render_to_string

    assert f"{name}</p>" in render_to_string(f"{name}.html")


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_form_that_is_too_big_is_400(client, db):
    assert client.post("/contact/", {"message": "x" * 2000}).status_code == 400


def test_a_form_with_too_many_fields_is_400(client, db, settings):
    most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    assert client.post("/contact/", {f"f{number}": "x" for number in range(most + 1)}).status_code == 400


def test_a_form_cut_short_is_400_or_shown_again(client, db):
    response = client.post("/contact/", b"--limit\r\nno end", content_type="multipart/form-data; boundary=limit")
    assert response.status_code in {200, 400}
    response = client.post("/contact/", b"x", content_type="multipart/form-data")
    assert response.status_code == 400
