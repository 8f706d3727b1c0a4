"""The recruiters’ room: one’s own companies’ offers, and no other."""

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
def anne(client):
    user = make_user(email="anne@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def company(anne):
    company = make_company(name="Chez Anne")
    Membership.objects.create(company=company, user=anne)
    return company


def test_the_room_asks_to_sign_in(client):
    assert client.get(URL).url == f"{reverse('account_login')}?next={URL}"


def test_two_companies_never_see_each_other(client, company):
    other = make_company(name="Chez les autres")
    Membership.objects.create(company=other, user=make_user())
    mine = make_offer(company=company, title="Mienne")
    make_offer(company=other, title="La leur")
    make_offer(company=None, confidential=True, title="De personne")
    html = client.get(URL).content.decode()
    assert "Mienne" in html
    assert mine.get_absolute_url() in html
    for hidden in ("La leur", "Chez les autres", "De personne"):
        assert hidden not in html


def test_an_offer_shared_by_colleagues_stands_there_once(client, company):
    Membership.objects.create(company=company, user=make_user())
    make_offer(company=company, title="Unique")
    assert [offer.title for offer in client.get(URL).context["rows"]] == ["Unique"]


def test_states_and_links(client, company):
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


def test_nothing_yet(client, anne):
    assert "aucune entreprise" in client.get(URL).content.decode()
    Membership.objects.create(company=make_company(), user=anne)
    html = client.get(URL).content.decode()
    assert "Aucune offre" in html
    assert reverse("contact:form") in html
    assert reverse("admin:index") not in html


def test_staff_find_the_admin(client):
    client.force_login(make_user(is_staff=True))
    assert reverse("admin:index") in client.get(URL).content.decode()


def test_pages(client, company):
    for _ in range(51):
        make_offer(company=company)
    assert "?page=2" in client.get(URL).content.decode()
    assert client.get(URL + "?page=2").status_code == 200
    assert client.get(URL + "?page=zzz").status_code == 200


def test_only_reading(client, anne):
    assert client.post(URL).status_code == 405
