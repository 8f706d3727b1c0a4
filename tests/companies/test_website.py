"""The URLs that recruiters type, with and without a scheme."""

import pytest
from django.urls import reverse

from offers.companies.models import Company
from tests.factories import make_company, make_member
from tests.posting.forms import make_draft, post_step, step_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(client):
    company = make_company()
    client.force_login(make_member(company).user)
    return company


@pytest.mark.parametrize("typed", ["ina.fr", "HTTPS://Ina.fr", " https://ina.fr "])
def test_website_of_a_company_needs_no_scheme(client, company, typed):
    names = {reverse("posting:company", args=[company.slug]): company.name, reverse("posting:company_new"): "Institut"}
    for path, name in names.items():
        assert 'type="url"' not in client.get(path).content.decode(), "browsers refuse a URL without a scheme"
        assert client.post(path, {"name": name, "kind": "direct", "website": typed}).status_code == 302
    assert set(Company.objects.values_list("website", flat=True)) == {"https://ina.fr"}


def test_page_to_apply_on_needs_no_scheme(client, company):
    path = step_url(make_draft(company), "candidatures")
    assert 'type="url"' not in client.get(path).content.decode()
    assert post_step(client, path, application_channel="ailleurs", apply_url="ina.fr/emploi").status_code == 302
    assert company.offers.get().apply_url == "https://ina.fr/emploi"
