"""Permissions beyond the own companies require a second factor in the session, at every path."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse

from careers.models import Role
from jobboard.accounts.models import User
from offers.companies import team
from offers.companies.models import JoinRequest
from offers.companies.team import TeamRefused
from offers.enums import OfferStatus
from offers.models.transitions import TRANSITIONS
from tests.accounts.forms import verify_second_factor
from tests.factories import make_application, make_company, make_member, make_offer, make_role, make_user

pytestmark = pytest.mark.django_db
DRAFT = {"status": OfferStatus.DRAFT, "published_at": None, "expires_at": None}


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_MFA_REQUIRED = True


def make_superuser():
    return make_user(is_staff=True, is_superuser=True)


def make_superuser_without_admin():
    return make_user(is_superuser=True)


def make_curator():
    user = make_user(is_staff=True)
    user.groups.set(Group.objects.all())
    user.user_permissions.set(Permission.objects.all())
    return user


def make_reader():
    """Create a user who is not staff, with permissions only."""
    user = make_user()
    user.user_permissions.set(Permission.objects.all())
    return user


PRIVILEGED = pytest.mark.parametrize("make", [make_superuser, make_superuser_without_admin, make_curator, make_reader])


def privileged_requests():
    """Return (method, URL, data) of the requests outside the admin that depend on a permission."""
    application = make_application(offer=make_offer(company=make_company()))
    draft = make_offer(**DRAFT)
    role = make_role(status=Role.Status.DRAFT)
    pk = application.pk
    return [
        ("get", reverse("applications:inbox_offer", args=[application.offer_id]), {}),
        ("get", reverse("applications:inbox_application", args=[pk]), {}),
        ("post", reverse("applications:inbox_change", args=[pk]), {"etat": "seen"}),
        ("post", reverse("applications:inbox_note", args=[pk]), {"text": "Bonjour"}),
        ("post", reverse("applications:inbox_cv", args=[pk]), {}),
        ("get", draft.get_absolute_url(), {}),
        ("get", role.get_absolute_url(), {}),
    ]


def get_status(client, method, url, data) -> int:
    with transaction.atomic():
        status = getattr(client, method)(url, data).status_code
        transaction.set_rollback(True)
    return status


@PRIVILEGED
def test_privileged_pages_are_404_without_a_second_factor(make, search_index):
    user = make()
    requests = privileged_requests()
    password_only, verified = Client(), Client()
    password_only.force_login(user)
    verified.force_login(user)
    verify_second_factor(verified, user)
    for request in requests:
        assert get_status(password_only, *request) == 404, request
        assert get_status(verified, *request) in {200, 302}, request


@PRIVILEGED
def test_lists_and_exports_contain_the_own_companies_only_without_a_second_factor(make, client):
    user = make()
    own = make_application(name="Candidate À Nous", offer=make_offer(company=make_member(user=user).company))
    other = make_application(name="Candidat Des Autres")
    client.force_login(user)
    for name in ("applications:inbox", "applications:inbox_export"):
        text = client.get(reverse(name)).getvalue().decode()
        assert own.name in text
        assert other.name not in text
    selected = client.get(reverse("applications:inbox_decline"), {"c": [own.pk, other.pk]}).context["selected"]
    assert selected == [own]
    verify_second_factor(client, user)
    for name in ("applications:inbox", "applications:inbox_export"):
        assert other.name in client.get(reverse(name)).getvalue().decode()


@PRIVILEGED
def test_no_transition_of_another_company_is_permitted_without_a_second_factor(make):
    user = User.objects.get(pk=make().pk)
    offer = make_offer(company=make_company())
    assert {verb for verb, transition in TRANSITIONS.items() if transition.acting_role(user, offer)} == set()
    user.second_factor_verified = True
    permitted = any(transition.acting_role(user, offer) for transition in TRANSITIONS.values())
    assert permitted == user.is_staff


@PRIVILEGED
def test_join_request_of_another_company_is_not_decided_without_a_second_factor(make):
    user = make()
    request = JoinRequest.objects.create(company=make_company(), user=make_user())
    with pytest.raises(TeamRefused):
        team.decide_join_request(request.company, user, request.pk, accepted=True)
    user.second_factor_verified = True
    team.decide_join_request(request.company, user, request.pk, accepted=True)


@PRIVILEGED
def test_user_model_reports_no_permission_without_a_second_factor(make, settings):
    user = User.objects.get(pk=make().pk)
    assert not user.has_perm("offers.view_offer")
    assert not user.has_perms(["offers.view_offer"])
    assert not user.has_module_perms("offers")
    assert not user.get_all_permissions()
    assert not user.get_user_permissions()
    assert not user.get_group_permissions()
    assert user.needs_second_factor
    user.second_factor_verified = True
    assert user.has_perm("offers.view_offer")
    assert user.has_module_perms("offers")
    assert "offers.view_offer" in user.get_all_permissions()
    settings.STAFF_MFA_REQUIRED = False
    assert User.objects.get(pk=user.pk).has_perm("offers.view_offer")
    assert not user.needs_second_factor


def test_second_factor_of_another_user_does_not_count(client):
    user = make_superuser()
    client.force_login(user)
    verify_second_factor(client, make_superuser())
    assert client.get(make_offer(**DRAFT).get_absolute_url()).status_code == 404


def test_account_page_asks_users_with_permissions_for_a_second_factor(client):
    for make, expected in ((make_superuser_without_admin, True), (make_reader, True), (make_user, False)):
        client.force_login(make())
        assert ("Les droits de ce compte demandent" in client.get(reverse("account_home")).content.decode()) == expected
