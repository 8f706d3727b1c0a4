"""Security headers of responses, and pages without inline code."""

import re

import pytest

from tests.factories import make_offer, make_role, make_user
from tests.site.environment import PRODUCTION, run_python

PUBLIC_URLS = [
    *("/", "/offres/", "/metiers/", "/contact/", "/contact/merci/", "/mentions-legales/", "/confidentialite/"),
    *("/accessibilite/", "/compte/login/", "/compte/password/reset/", "/sante/"),
    *("/alertes/", "/alertes/nouvelle/?contrat=cdi", "/alertes/envoi/"),
    *("/candidatures/", "/candidatures/envoi/"),
]
ADMIN_URLS = [
    "/admin/",
    "/admin/offers/offer/",
    "/admin/offers/offer/add/",
    "/admin/careers/role/",
    "/admin/contact/lead/",
]


def assert_strict_headers(response):
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == directives["object-src"] == "'none'"
    assert directives["form-action"] == "'self'"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def assert_no_inline_code(text: str):
    """Fail on code that the Content-Security-Policy blocks: a browser would show a broken page."""
    assert not re.search(r"<[^>]*\sstyle\s*=", text), "inline style"
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text), "inline handler"
    assert "<style" not in text
    for attributes in re.findall(r"<script([^>]*)>", text):
        assert "src=" in attributes or 'type="application/' in attributes, f"inline script{attributes}"
    urls = re.findall(r'(?:src|action)="([^"]*)"|<link[^>]*href="([^"]*)"', text)
    # The canonical URL is not requested by browsers.
    assert not [a or b for a, b in urls if re.match("(https?:)?//(?!127.0.0.1:8000)", a or b)]


@pytest.mark.django_db
@pytest.mark.parametrize("url", PUBLIC_URLS)
def test_public_pages_have_strict_headers_and_no_inline_code(client, url):
    make_offer()
    response = client.get(url)
    assert response.status_code == 200
    assert_strict_headers(response)
    assert_no_inline_code(response.content.decode())


@pytest.mark.django_db
def test_offer_and_role_pages_have_strict_headers_and_no_inline_code(client):
    role = make_role()
    for page in (role, make_offer(role=role, description="<script>alert(1)</script>")):
        response = client.get(page.get_absolute_url())
        assert response.status_code == 200
        assert_strict_headers(response)
        assert_no_inline_code(response.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/admin/", "/admin/login/", "/recruteurs/"])
def test_private_pages_redirect_to_the_login_page(client, url):
    response = client.get(url)
    assert response.status_code == 302
    assert "/login/" in response["Location"]
    assert_strict_headers(response)


@pytest.mark.django_db
@pytest.mark.parametrize("url", ADMIN_URLS)
def test_admin_pages_have_strict_headers_and_no_inline_code(client, url):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    response = client.get(url)
    assert response.status_code == 200
    assert_strict_headers(response)
    assert_no_inline_code(response.content.decode())


def test_public_pages_set_no_cookie(client, db):
    offer, role = make_offer(), make_role()
    urls = ["/", "/offres/", "/offres/?ou=Lyon&page=2", "/offres/communes/?q=ly", "/metiers/", "/mentions-legales/"]
    urls += [offer.get_absolute_url(), role.get_absolute_url()]
    for url in (*urls, "/contact/merci/", "/nulle-part/", "/?q=%00"):
        assert not client.get(url).cookies, url
    # The page with the contact form sets the CSRF cookie, and no session.
    assert set(client.get("/contact/").cookies) == {"csrftoken"}


COOKIES = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
call_command("createcachetable")
from tests.factories import make_user
client = Client(headers={"host": "jobboard.example.org", "x-forwarded-proto": "https"})
make_user(email="anne@example.org")
client.get("/compte/login/")
client.post("/compte/login/", {"login": "anne@example.org", "password": "motdepasse-d-essai"})
client.post("/compte/logout/")
client.get("/contact/")
for cookie in client.cookies.values():
    print(cookie.key, cookie["path"], cookie["secure"], cookie["domain"] or "-", cookie["samesite"], cookie["httponly"])
print(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_COOKIE_SECURE, settings.MESSAGE_STORAGE.rsplit(".")[-1])
"""


def test_cookies_in_production_have_the_host_prefix(tmp_path):
    variables = {**PRODUCTION, "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3"}
    variables |= {"DJANGO_SETTINGS_MODULE": "tests.site.production_settings"}
    result = run_python("-c", COOKIES, tmp_path=tmp_path, **variables)
    assert result.returncode == 0, result.stderr
    *cookies, others = result.stdout.splitlines()
    names = ("csrftoken", "device", "sessionid")
    assert sorted(cookies) == [f"__Host-{name} / True - Lax True" for name in names]
    assert others == "__Host-language True SessionStorage"


REQUESTS = """
import django
django.setup()
from django.test import Client
plain = Client().get("/sante/", headers={"host": "jobboard.example.org"})
print(plain.status_code)
redirect = Client().get("/offres/", headers={"host": "jobboard.example.org"})
print(redirect.status_code, redirect["Location"])
secure = Client().get("/sante/", headers={"host": "jobboard.example.org", "x-forwarded-proto": "https"})
print(secure["Strict-Transport-Security"])
"""


def test_production_redirects_to_https_and_sends_hsts_for_a_year(tmp_path):
    database = tmp_path / "site.sqlite3"
    variables = {**PRODUCTION, "DATABASE_URL": f"sqlite:///{database}", "DJANGO_SETTINGS_MODULE": "jobboard.settings"}
    result = run_python("-c", REQUESTS, tmp_path=tmp_path, **variables)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "200",
        "301 https://jobboard.example.org/offres/",
        "max-age=31536000; includeSubDomains; preload",
    ]
