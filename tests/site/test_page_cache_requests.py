"""Which requests are answered from the page cache, and fill it: a table written out here."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from jobboard.caching.pages import PageCache
from jobboard.caching.tags import tag
from tests.factories import make_offer, make_role, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
# The method, the headers, whether the visitor has a session, and whether a cached page may answer.
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
def site(client):
    make_offer(title="Dompteuse", role=make_role(name="Dompteuse"))
    for path in PATHS:
        client.get(path)
        assert not client.get(path).templates, path
    return client


@pytest.mark.parametrize("name", REQUESTS)
def test_which_requests_are_answered_from_the_cache(site, name, search_index):
    method, headers, has_session, cached = REQUESTS[name]
    if has_session:
        site.force_login(make_user())
    for path in PATHS:
        response = getattr(site, method)(path, **headers)
        # A page that was rendered has used templates; a method that is not allowed has no content.
        answered = not response.templates and response.status_code == 200
        assert answered == cached, path


def test_no_page_of_a_member_is_cached(site):
    user = make_user(email="anne@example.org")
    mark = reverse("posting:dashboard")
    site.force_login(user)
    for path in PATHS:
        assert mark in site.get(path).content.decode(), path
    site.logout()
    site.cookies.clear()
    make_offer(title="Dompteuse de lions")
    for path in PATHS:
        assert "anne@example.org" not in site.get(path).content.decode(), path


def test_each_path_and_query_string_has_its_own_entry(site):
    first = {path: site.get(path).content for path in [*PATHS, "/offres/?q=lion", "/offres/?q=lion&page=1"]}
    assert {path: site.get(path).content for path in first} == first
    assert len(set(first.values())) >= 5


@pytest.mark.parametrize("path", ["/sante/", "/recruteurs/", "/contact/", "/compte/"])
def test_other_pages_are_never_answered_from_the_cache(client, path):
    for _ in range(2):
        response = client.get(path)
        assert response.get("X-Cache") is None
        assert response.templates or response.status_code != 200 or path == "/sante/"


class FixedVersion:
    def refresh(self):
        return 1

    def changed_since(self, version, keys):
        return False


@pytest.mark.parametrize("changes", [[], [timedelta(hours=30)], [timedelta(minutes=5), timedelta(minutes=9)]])
def test_an_entry_holds_until_its_first_change_or_midnight(monkeypatch, changes):
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    end = min([noon.replace(hour=0) + timedelta(days=1), *(noon + change for change in changes)])
    cache, rendered = PageCache(FixedVersion(), lambda: None), []

    def at(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

        def render():
            rendered.append(moment)
            return tag(HttpResponse("x"), ["roles"], *(moment + change for change in changes))

        cache.get_or_render(("/", ""), render)

    for moment in (noon, end - timedelta(seconds=1), end, end + timedelta(seconds=1)):
        at(moment)
    assert rendered == [noon, end]
