"""Companies in the admin."""

import re

import pytest
from django.urls import reverse

from offers.companies.models import Company, JoinRequest, Membership
from offers.enums import OfferStatus
from tests.admin.pages import change_url, form_data, form_errors, listed_objects, run_action
from tests.factories import make_company, make_member, make_offer, make_user

LIST = reverse("admin:companies_company_changelist")


@pytest.mark.parametrize("count", [1, 30])
def test_list_takes_a_constant_number_of_queries(client, superuser, count, django_assert_num_queries):
    for _ in range(count):
        make_offer()
    with django_assert_num_queries(5):
        assert client.get(LIST).status_code == 200


def test_list_counts_published_offers_and_links_to_them(client, superuser):
    company = make_company(name="Ateliers")
    published = [make_offer(company=company), make_offer(company=company)]
    make_offer(company=company, status=OfferStatus.DRAFT)
    page = client.get(LIST)
    [row] = page.context["cl"].result_list
    assert row.live_offer_count == 2
    link = f"{reverse('admin:offers_offer_changelist')}?company__id__exact={company.pk}&amp;suivi=en-ligne"
    assert f'<a href="{link}">2</a>' in page.content.decode()
    assert listed_objects(client.get(link.replace("&amp;", "&"))) == set(published)


@pytest.mark.parametrize(("count", "text"), [(20, ""), (21, "1 autre offre"), (23, "3 autres offres")])
def test_page_of_a_company_says_that_it_has_more_offers(client, superuser, count, text):
    company = make_company()
    offers = {make_offer(company=company) for _ in range(count)}
    page = client.get(change_url(company)).content.decode()
    listed = {offer for offer in offers if f'href="{change_url(offer)}"' in page}
    assert len(listed) == 20
    rest = re.search(r'<li>et <a href="([^"]+)">(.*?)</a></li>', page, re.DOTALL)
    assert " ".join(rest[2].split() if rest else []) == text
    if rest:
        assert listed_objects(client.get(rest[1])) == offers


def test_action_says_that_no_company_had_the_badge(client, superuser):
    company = make_company()
    assert "n’avait le badge" in run_action(client, LIST, "unverify", company).content.decode()


def test_missing_slug_is_generated_and_duplicate_slug_is_refused(client, superuser):
    add = reverse("admin:companies_company_add")
    make_company(name="Ateliers")
    assert client.post(add, form_data(client.get(add), name="Ateliers")).status_code == 302
    assert set(Company.objects.values_list("slug", flat=True)) == {"ateliers", "ateliers-2"}
    response = client.post(add, form_data(client.get(add), name="Autre", slug="ateliers"))
    assert any("existe déjà" in error for error in form_errors(response))


def test_duplicate_member_is_refused(client, superuser):
    company = make_company()
    Membership.objects.create(company=company, user=superuser)
    data = form_data(client.get(change_url(company)))
    data |= {"memberships-TOTAL_FORMS": 2, "memberships-1-user": superuser.pk, "memberships-1-company": company.pk}
    response = client.post(change_url(company), data)
    assert response.status_code == 200
    assert form_errors(response)
    assert company.memberships.count() == 1


def test_company_with_offers_is_not_deleted(client, superuser):
    company = make_offer().company
    response = client.post(reverse("admin:companies_company_delete", args=[company.pk]), {"post": "yes"})
    assert response.context["protected"], "the page lists the offers"
    assert Company.objects.filter(pk=company.pk).exists()


def test_verification_is_given_logged_and_withdrawn(client, superuser):
    company = make_company(siret="73282932000074")
    run_action(client, LIST, "verify", company)
    company.refresh_from_db()
    assert company.verified_by == superuser
    history = client.get(reverse("admin:companies_company_history", args=[company.pk])).content.decode()
    assert "Badge donné." in history
    run_action(client, LIST, "unverify", company)
    company.refresh_from_db()
    assert company.verified_at is None


def test_last_owner_cannot_be_demoted_and_join_requests_are_accepted(client, superuser):
    owner = make_member()
    company = owner.company
    request = JoinRequest.objects.create(company=company, user=make_user(email="paul@example.org"))
    url = change_url(company)
    assert "paul@example.org" in client.get(url).content.decode()
    data = {
        "name": company.name, "slug": company.slug, "kind": "direct", "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1, "memberships-0-id": owner.pk, "memberships-0-company": company.pk,
        "memberships-0-user": owner.user_id, "memberships-0-role": "recruiter",
    }  # fmt: skip
    for prefix in ("invitations", "join_requests"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    assert "garde au moins une personne propriétaire" in client.post(url, data).content.decode()
    data["memberships-0-role"] = "owner"
    data["sector"] = "Bois"
    assert client.post(url, data).status_code == 302
    company.refresh_from_db()
    assert company.sector == "Bois"
    run_action(client, reverse("admin:companies_joinrequest_changelist"), "accept", request)
    assert company.memberships.filter(user=request.user).exists()
