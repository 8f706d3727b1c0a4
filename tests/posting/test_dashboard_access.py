"""The dashboard of recruiters: access, tenants, empty state and pagination."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.companies.models import Membership
from offers.enums import OfferStatus
from tests.factories import make_company, make_offer, make_user

pytestmark = pytest.mark.django_db
URL = reverse("posting:dashboard")


@pytest.fixture
def user_without_company(client):
    user = make_user(email="anne@example.org")
    client.force_login(user)
    return user


def test_anonymous_user_is_redirected_to_the_login(client):
    assert client.get(URL).url == f"{reverse('account_login')}?next={URL}"


def test_offers_of_other_companies_are_not_listed(client, member, company):
    other = make_company(name="Chez les autres")
    Membership.objects.create(company=other, user=make_user())
    own_offer = make_offer(company=company, title="Mienne")
    make_offer(company=other, title="La leur")
    make_offer(company=None, confidential=True, title="De personne")
    html = client.get(URL).content.decode()
    assert "Mienne" in html
    assert own_offer.get_absolute_url() in html
    for hidden in ("La leur", "Chez les autres", "De personne"):
        assert hidden not in html


def test_offer_of_a_company_with_two_members_is_listed_once(client, member, company):
    Membership.objects.create(company=company, user=make_user())
    make_offer(company=company, title="Unique")
    assert [offer.title for offer in client.get(URL).context["rows"]] == ["Unique"]


def test_list_shows_states_and_links_only_public_pages(client, member, company):
    now = timezone.now()
    make_offer(company=company, title="Ouverte")
    draft = make_offer(company=company, title="Brouillon", status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    make_offer(company=company, title="Finie", age=timedelta(days=9), expires_at=now - timedelta(days=1))
    make_offer(company=company, title="Bientôt", age=timedelta(days=-3))
    make_offer(company=company, title="Prise", status=OfferStatus.FILLED, closed_at=now)
    html = client.get(URL).content.decode()
    for state in ("en ligne", "brouillon", "expirée", "à paraître", "pourvue"):
        assert state in html
    assert draft.get_absolute_url() not in html


def test_dashboard_without_company_or_offers_has_an_empty_state(client, user_without_company):
    assert "aucune entreprise" in client.get(URL).content.decode()
    Membership.objects.create(company=make_company(), user=user_without_company)
    html = client.get(URL).content.decode()
    assert "Aucune offre" in html
    assert reverse("contact:form") in html
    assert reverse("admin:index") not in html


def test_staff_see_a_link_to_the_admin(client):
    client.force_login(make_user(is_staff=True))
    assert reverse("admin:index") in client.get(URL).content.decode()


def test_offers_are_paginated_and_an_invalid_page_is_accepted(client, member, company):
    for _ in range(51):
        make_offer(company=company)
    assert "?page=2" in client.get(URL).content.decode()
    assert client.get(URL + "?page=2").status_code == 200
    assert client.get(URL + "?page=zzz").status_code == 200


def test_post_is_not_allowed(client, user_without_company):
    assert client.post(URL).status_code == 405
