"""The change list of offers in the admin."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.enums import Contract, OfferStatus
from tests.admin.pages import listed_objects
from tests.factories import PARIS, make_company, make_offer, make_place, make_role, make_skill

LIST = reverse("admin:offers_offer_changelist")


def test_list_shows_pay_employer_place_and_status(client, superuser):
    make_offer(title="Développeuse Python", company=make_company(name="Ateliers"), pay_min=45_000, pay_max=55_000)
    make_offer(title="CTO", confidential=True, employer_descriptor="Éditeur pour les communes")
    page = client.get(LIST).content.decode()
    assert "45\u00a0–\u00a055\u00a0K€" in page
    assert "Ateliers" in page
    assert "Lyon (69)" in page
    assert "entreprise non enregistrée" in page
    assert "confidentiel\u00a0: Éditeur pour les communes" in page
    assert '<span class="badge published">publiée</span>' in page


def test_expired_offer_has_an_expired_badge(client, superuser):
    now = timezone.now()
    make_offer(published_at=now - timedelta(days=70), expires_at=now - timedelta(days=10))
    assert '<span class="badge warn">expirée</span>' in client.get(LIST).content.decode()


@pytest.mark.parametrize("count", [1, 100])
def test_list_takes_a_constant_number_of_queries(client, superuser, count, django_assert_num_queries):
    role, skill = make_role(), make_skill()
    for _ in range(count):
        make_offer(role=role, skills=[skill])
    with django_assert_num_queries(8):
        assert client.get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("suivi=en-ligne", {"simple", "soon", "unknown", "paris"}),
        ("suivi=expire-bientot", {"soon"}),
        ("suivi=expiree", {"expired"}),
        ("suivi=sans-entreprise", {"unknown"}),
        ("suivi=sans-remuneration", {"soon", "expired", "unknown", "paris", "draft"}),
        ("suivi=autre-chose", {"simple", "soon", "expired", "unknown", "paris", "draft"}),
        ("status__exact=draft", {"draft"}),
        ("contract__exact=freelance", {"paris"}),
        ("confidential__exact=1", {"unknown"}),
        ("place__region__exact=11", {"paris"}),
        ("q=ateliers", {"simple"}),
    ],
)
def test_filters_and_search_select_offers(client, superuser, query, expected):
    now = timezone.now()
    make_offer(title="simple", company=make_company(name="Ateliers"), pay_min=40_000, pay_max=45_000)
    make_offer(title="soon", expires_at=now + timedelta(days=3))
    make_offer(title="expired", age=timedelta(days=9), expires_at=now - timedelta(days=1))
    make_offer(title="unknown", confidential=True)
    make_offer(title="paris", contract=Contract.FREELANCE, place=make_place(**PARIS))
    make_offer(title="draft", status=OfferStatus.DRAFT)
    response = client.get(f"{LIST}?{query}", follow=True)
    assert {offer.title for offer in listed_objects(response)} == expected


def test_role_filter_lists_only_roles_with_offers(client, superuser):
    used, unused = make_role(name="CTO"), make_role(name="Jamais demandé")
    offer = make_offer(role=used)
    make_offer()
    page = client.get(f"{LIST}?role__id__exact={used.pk}")
    assert listed_objects(page) == {offer}
    assert unused.name not in page.content.decode()
