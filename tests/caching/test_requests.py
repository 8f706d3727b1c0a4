"""Requests that are served from the page cache, by method, headers and session."""

import pytest
from django.urls import reverse

from tests.factories import make_offer, make_role, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
# Method, headers, whether the client has a session, and whether a cached page is served.
REQUESTS = {
    "a visitor": ("get", {}, False, True),
    "HEAD": ("head", {}, False, True),
    "POST": ("post", {}, False, False),
    "OPTIONS": ("options", {}, False, False),
    "htmx": ("get", HTMX, False, False),
    "a session": ("get", {}, True, False),
    "a session, htmx": ("get", HTMX, True, False),
    "another cookie": ("get", {"HTTP_COOKIE": "theme=dark"}, False, True),
    "another language": ("get", {"HTTP_ACCEPT_LANGUAGE": "en"}, False, True),
    "a robot": ("get", {"HTTP_USER_AGENT": "Googlebot"}, False, True),
}
PATHS = ["/", "/offres/", "/metiers/", "/offres/?q=dompteuse"]


@pytest.fixture
def cached_client(client):
    make_offer(title="Dompteuse", role=make_role(name="Dompteuse"))
    for path in PATHS:
        client.get(path)
        assert not client.get(path).templates, path
    return client


@pytest.mark.parametrize("name", REQUESTS)
def test_cached_pages_are_served_to_requests_without_a_session_only(cached_client, name, search_index):
    method, headers, has_session, cached = REQUESTS[name]
    if has_session:
        cached_client.force_login(make_user())
    for path in PATHS:
        response = getattr(cached_client, method)(path, **headers)
        # A rendered page has used templates; a method that is not allowed gives 405.
        from_cache = not response.templates and response.status_code == 200
        assert from_cache == cached, path


def test_pages_of_a_session_are_not_cached(cached_client):
    user = make_user(email="anne@example.org")
    dashboard_url = reverse("posting:dashboard")
    cached_client.force_login(user)
    for path in PATHS:
        assert dashboard_url in cached_client.get(path).content.decode(), path
    cached_client.logout()
    cached_client.cookies.clear()
    make_offer(title="Dompteuse de lions")
    for path in PATHS:
        assert "anne@example.org" not in cached_client.get(path).content.decode(), path


def test_each_path_and_query_string_has_its_own_entry(cached_client):
    first = {path: cached_client.get(path).content for path in [*PATHS, "/offres/?q=lion", "/offres/?q=lion&page=1"]}
    assert {path: cached_client.get(path).content for path in first} == first
    assert len(set(first.values())) >= 5


@pytest.mark.parametrize("path", ["/sante/", "/recruteurs/", "/contact/", "/compte/"])
def test_other_pages_are_never_served_from_the_cache(client, path):
    for _ in range(2):
        response = client.get(path)
        assert response.get("X-Cache") is None
        assert response.templates or response.status_code != 200 or path == "/sante/"
