"""The public page of a company, and the pages that name it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.companies.models import Company
from offers.enums import OfferStatus
from tests.factories import make_company, make_offer, make_user

pytestmark = pytest.mark.django_db


def test_page_shows_facts_and_published_offers_only(client):
    company = make_company(
        name="Ateliers",
        sector="santé",
        size="10-49",
        website="https://www.ateliers.example/",
        description="**Bonjour**",
    )
    make_offer(company=company, title="Ouverte")
    make_offer(company=company, title="Cachée", confidential=True)
    make_offer(company=company, title="Pourvue", status=OfferStatus.FILLED, closed_at=timezone.now())
    make_offer(title="Ailleurs")
    html = client.get(company.get_absolute_url()).content.decode()
    for text in ("<strong>Bonjour</strong>", "Santé", "10 à 49 personnes", "ateliers.example", "Ouverte", "1 offre"):
        assert text in html.replace("\u00a0", " "), text
    for text in ("Cachée", "Pourvue", "Ailleurs", "vérifiée"):
        assert text not in html, text


def test_company_without_public_offers_has_no_page_even_if_verified(client):
    company = make_company()
    url = company.get_absolute_url()
    make_offer(company=company, confidential=True)
    make_offer(company=company, status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    assert client.get(url).status_code == 404
    company.verify(make_user(is_staff=True))
    assert client.get(url).status_code == 404
    make_offer(company=company, status=OfferStatus.FILLED, closed_at=timezone.now())
    html = client.get(url).content.decode()
    assert "Entreprise vérifiée" in html
    assert "Aucune offre n’est en ligne" in html


def test_company_with_a_closed_offer_has_a_page(client):
    company = make_company()
    make_offer(company=company, status=OfferStatus.FILLED, closed_at=timezone.now())
    assert client.get(company.get_absolute_url()).status_code == 200


def test_confidential_offer_does_not_name_its_company(client):
    company = make_company(name="Discrète", logo="logos/" + "a" * 32 + ".webp")
    company.verify(make_user(is_staff=True))
    offer = make_offer(company=company, confidential=True)
    for url in (offer.get_absolute_url(), reverse("catalogue:list"), reverse("home")):
        html = client.get(url).content.decode()
        for text in ("Discrète", company.get_absolute_url(), company.logo.name):
            assert text not in html, (url, text)
    named = make_offer(company=company)
    html = client.get(named.get_absolute_url()).content.decode()
    assert company.get_absolute_url() in html
    assert company.logo.url in html
    assert company.logo.url in client.get(reverse("catalogue:list")).content.decode()


def test_query_count_is_independent_of_the_number_of_offers(client, django_assert_num_queries):
    company = make_company()
    for _ in range(25):
        make_offer(company=company)
    with django_assert_num_queries(4):  # state of the page cache, company, offers, count
        html = client.get(company.get_absolute_url()).content.decode()
    assert "Voir les 25 offres" in html
    assert f"{reverse('catalogue:list')}?entreprise={company.slug}" in html


def test_change_of_name_or_logo_invalidates_cached_pages(client):
    company = make_company(name="Avant")
    make_offer(company=company)
    urls = (company.get_absolute_url(), reverse("catalogue:list"))
    for url in urls:
        assert "Avant" in client.get(url).content.decode()
    Company.objects.update(name="Après", logo="logos/" + "b" * 32 + ".webp")
    for url in urls:
        html = client.get(url).content.decode()
        assert "Après" in html
        assert "b" * 32 in html
