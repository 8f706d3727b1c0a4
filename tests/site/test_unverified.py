"""The recruiter area requires a verified e-mail address."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from jobboard.privacy.models import Purge
from offers.applications.models import Application
from offers.companies.models import Company, Invitation, JoinRequest, Membership
from offers.models import Offer
from tests.factories import make_company, make_user
from tests.site.access import build_path, iterate_routes, make_objects, make_users, read_rows

# Pages opened by a signed link in a mail; accepting an invitation (POST) requires a verified address like the others.
PUBLIC_ROUTES = {("GET", "/recruteurs/invitations/<str:token>/")} | {
    (method, "/recruteurs/suivi/<str:token>/") for method in ("GET", "POST")
}


@pytest.fixture
def company(db):
    return make_company(name="Ateliers")


def delete_addresses(user):
    EmailAddress.objects.filter(user=user).delete()


def unverify_addresses(user):
    EmailAddress.objects.filter(user=user).update(verified=False)


def verify_address_of_another_user(user):
    """Leave the address unverified, while another account has a verified one at the same domain."""
    unverify_addresses(user)
    make_user()


@pytest.mark.parametrize("change", [delete_addresses, unverify_addresses, verify_address_of_another_user])
def test_recruiter_pages_redirect_without_a_verified_address(company, search_index, change, caplog):
    caplog.set_level("CRITICAL", "django.request")
    users = make_users(company, make_company(name="Concurrent"))
    objects = make_objects(company, users)
    requested, errors = set(), []
    clients = {}
    for column in ("alone", "recruiter", "owner", "rival", "superuser"):
        clients[column] = Client(raise_request_exception=False)
        clients[column].force_login(users[column])
        change(users[column])
    before = read_tables()
    for row in read_rows():
        request = row.method, row.route
        if not row.route.startswith("/recruteurs/") or request in PUBLIC_ROUTES or row.object_name == "missing":
            continue
        requested.add(request)
        url = build_path(row.route, objects.get(row.object_name, {}))
        for column, client in clients.items():
            response = client.generic(row.method, url, content_type="application/x-www-form-urlencoded")
            # A method that is not allowed gives 405 before or after this check, for any object.
            if response.status_code != 405 and response.get("Location") != reverse("account_home"):
                errors.append(f"{row.method} {url} as {column}: {response.status_code} {response.get('Location', '')}")
    assert not errors, "\n".join(errors)
    assert read_tables() == before
    routes = {route for route, _ in iterate_routes() if route.startswith("/recruteurs/")}
    declared = {(method, route) for route in routes for method in ("GET", "POST")}
    assert requested == declared - PUBLIC_ROUTES


def read_tables():
    models = (Offer, Application, Company, Membership, Invitation, JoinRequest, Purge)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_recruiter_pages_open_with_a_verified_address(company, search_index):
    users = make_users(company, make_company(name="Concurrent"))
    for column in ("owner", "recruiter"):
        client = Client()
        client.force_login(users[column])
        response = client.get(reverse("posting:dashboard"))
        assert response.status_code == 200
        assert re.search(r"no-store", response["Cache-Control"])
