"""The whole recruiter area is closed without a verified e-mail address."""

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
from tests.site.test_access import address, make_objects, make_users, routes, rows

# A signed link from a mail opens these pages; to accept an invitation, a POST, takes a verified address like the rest.
OPEN = {("GET", "/recruteurs/invitations/<str:token>/")} | {
    (method, "/recruteurs/suivi/<str:token>/") for method in ("GET", "POST")
}


@pytest.fixture
def company(db):
    return make_company(name="Ateliers")


def verify_none(user):
    EmailAddress.objects.filter(user=user).delete()


def unverify(user):
    EmailAddress.objects.filter(user=user).update(verified=False)


def verify_another(user):
    """Another account has verified an address at the same domain."""
    unverify(user)
    make_user()


@pytest.mark.parametrize("change", [verify_none, unverify, verify_another])
def test_no_page_of_the_recruiter_area_opens(company, search_index, change, caplog):
    caplog.set_level("CRITICAL", "django.request")
    users = make_users(company, make_company(name="Concurrent"))
    objects = make_objects(company, users)
    tested, wrong = set(), []
    clients = {}
    for column in ("alone", "recruiter", "owner", "rival", "superuser"):
        clients[column] = Client(raise_request_exception=False)
        clients[column].force_login(users[column])
        change(users[column])
    before = stored()
    for row in rows():
        if not row.route.startswith("/recruteurs/") or (row.method, row.route) in OPEN or row.about == "missing":
            continue
        tested.add((row.method, row.route))
        url = address(row.route, objects.get(row.about, {}))
        for column, client in clients.items():
            response = client.generic(row.method, url, content_type="application/x-www-form-urlencoded")
            # A method that the page does not know is refused before or after, without a word about what is there.
            if response.status_code != 405 and response.get("Location") != reverse("account_home"):
                wrong.append(f"{row.method} {url} as {column}: {response.status_code} {response.get('Location', '')}")
    assert not wrong, "\n".join(wrong)
    assert stored() == before
    declared = {
        (method, route) for route, _ in routes() if route.startswith("/recruteurs/") for method in ("GET", "POST")
    }
    assert tested == declared - OPEN


def stored():
    models = (Offer, Application, Company, Membership, Invitation, JoinRequest, Purge)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_with_a_verified_address_they_open(company, search_index):
    users = make_users(company, make_company(name="Concurrent"))
    for column in ("owner", "recruiter"):
        client = Client()
        client.force_login(users[column])
        response = client.get(reverse("posting:dashboard"))
        assert response.status_code == 200
        assert re.search(r"no-store", response["Cache-Control"])
