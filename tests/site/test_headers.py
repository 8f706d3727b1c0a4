"""What every answer carries, so that a browser runs nothing but our own files."""

import re

import pytest

from tests.factories import make_offer, make_role, make_user

PUBLIC = [
    *("/", "/offres/", "/metiers/", "/contact/", "/contact/merci/", "/mentions-legales/", "/confidentialite/"),
    *("/accessibilite/", "/compte/login/", "/compte/password/reset/", "/sante/"),
    *("/alertes/", "/alertes/nouvelle/?contrat=cdi", "/alertes/envoi/"),
]
ADMIN = ["/admin/", "/admin/offers/offer/", "/admin/offers/offer/add/", "/admin/careers/role/", "/admin/contact/lead/"]


def assert_strict(response):
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
    """What the policy would block: a browser would show a page that is half broken."""
    assert not re.search(r"<[^>]*\sstyle\s*=", text), "inline style"
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text), "inline handler"
    assert "<style" not in text
    for attributes in re.findall(r"<script([^>]*)>", text):
        assert "src=" in attributes or 'type="application/' in attributes, f"inline script{attributes}"
    addresses = re.findall(r'(?:src|action)="([^"]*)"|<link[^>]*href="([^"]*)"', text)
    # The canonical address is a name, not a request.
    assert not [a or b for a, b in addresses if re.match("(https?:)?//(?!127.0.0.1:8000)", a or b)]


@pytest.mark.django_db
@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages(client, address):
    make_offer()
    response = client.get(address)
    assert response.status_code == 200
    assert_strict(response)
    assert_no_inline_code(response.content.decode())


@pytest.mark.django_db
def test_pages_of_an_offer_and_of_a_role(client):
    role = make_role()
    for page in (role, make_offer(role=role, description="<script>alert(1)</script>")):
        response = client.get(page.get_absolute_url())
        assert response.status_code == 200
        assert_strict(response)
        assert_no_inline_code(response.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/recruteurs/"])
def test_rooms_send_to_the_login(client, address):
    response = client.get(address)
    assert response.status_code == 302
    assert "/login/" in response["Location"]
    assert_strict(response)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADMIN)
def test_admin(client, address):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    response = client.get(address)
    assert response.status_code == 200
    assert_strict(response)
    assert_no_inline_code(response.content.decode())


def test_no_cookie_for_who_only_reads(client, db):
    offer, role = make_offer(), make_role()
    reading = ["/", "/offres/", "/offres/?ou=Lyon&page=2", "/offres/communes/?q=ly", "/metiers/", "/mentions-legales/"]
    reading += [offer.get_absolute_url(), role.get_absolute_url()]
    for address in (*reading, "/contact/merci/", "/nulle-part/", "/?q=%00"):
        assert not client.get(address).cookies, address
    # The page with the form for recruiters has what protects it, and no session.
    assert set(client.get("/contact/").cookies) == {"csrftoken"}


PRODUCTION = """
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


def test_production_redirects_to_https_and_says_so_for_a_year(tmp_path):
    from tests.site.test_settings import PRODUCTION as VARIABLES
    from tests.site.test_settings import python

    var = tmp_path / "site.sqlite3"
    variables = {**VARIABLES, "DATABASE_URL": f"sqlite:///{var}", "DJANGO_SETTINGS_MODULE": "jobboard.settings"}
    result = python("-c", PRODUCTION, tmp_path=tmp_path, **variables)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "200",
        "301 https://jobboard.example.org/offres/",
        "max-age=31536000; includeSubDomains; preload",
    ]
