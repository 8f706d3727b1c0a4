"""Error pages: in French, with a link to the offers, and with the headers of all pages."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from jobboard.urls import urlpatterns as site_urls


def raise_error(request):
    raise RuntimeError("secret-of-the-code")


def raise_permission_denied(request):
    raise PermissionDenied


def raise_404(request):
    raise Http404("secret-of-the-code")


def show_form(request):
    return HttpResponse("ok")


urlpatterns = [
    path("essai/500/", raise_error),
    path("essai/403/", raise_permission_denied),
    path("essai/404/", raise_404),
    path("essai/formulaire/", show_form),
    path("", include(site_urls)),
]
with_error_urls = pytest.mark.urls(__name__)


def assert_error_page(response, status, message):
    text = response.content.decode()
    assert response.status_code == status
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert '<html lang="fr">' in text
    assert message in text
    assert 'name="robots" content="noindex"' in text
    assert 'href="/offres/"' in text
    assert "secret-of-the-code" not in text
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_disallowed_host_gives_400(client, db):
    assert_error_page(client.get("/", headers={"host": "evil.example.org"}), 400, "pas pu être lu")


@with_error_urls
def test_permission_denied_gives_403(client, db):
    assert_error_page(client.get("/essai/403/"), 403, "pas ouverte à ce compte")


@with_error_urls
def test_csrf_failure_gives_403(db):
    response = Client(enforce_csrf_checks=True).post("/essai/formulaire/", {"a": "b"})
    assert_error_page(response, 403, "Le formulaire a expiré")


@with_error_urls
@pytest.mark.parametrize("url", ["/nulle-part/", "/essai/404/", "/metiers/nulle-part/", "/offres/999999999-rien/"])
def test_missing_page_gives_404(client, db, url):
    assert_error_page(client.get(url), 404, "n’existe pas ou n’existe plus")


@with_error_urls
def test_500_page_hides_the_exception(client):
    client.raise_request_exception = False
    assert_error_page(client.get("/essai/500/"), 500, "a rencontré un problème")


@with_error_urls
def test_500_page_needs_no_database(client):
    """Without the `db` fixture a query fails the test."""
    client.raise_request_exception = False
    client.cookies["sessionid"] = "x" * 32
    assert_error_page(client.get("/essai/500/"), 500, "a rencontré un problème")


@pytest.mark.parametrize("pk", [2**31, 2**63, 2**64, 10**30])
def test_pk_out_of_range_gives_404(client, db, pk):
    assert client.get(f"/offres/{pk}-rien/").status_code == 404


@pytest.mark.parametrize("template_name", ["400", "403", "404", "405", "410", "429", "500"])
def test_error_templates_render_without_context(template_name):
    from django.template.loader import render_to_string

    assert f"{template_name}</p>" in render_to_string(f"{template_name}.html")


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_request_body_that_is_too_large_gives_400(client, db):
    assert client.post("/contact/", {"message": "x" * 2000}).status_code == 400


def test_form_with_too_many_fields_gives_400(client, db, settings):
    maximum = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    assert client.post("/contact/", {f"f{index}": "x" for index in range(maximum + 1)}).status_code == 400


def test_truncated_form_shows_the_form_again_and_a_missing_boundary_gives_400(client, db):
    response = client.post("/contact/", b"--limit\r\nno end", content_type="multipart/form-data; boundary=limit")
    assert response.status_code == 200
    assert response.context["form"].errors
    response = client.post("/contact/", b"x", content_type="multipart/form-data")
    assert response.status_code == 400
