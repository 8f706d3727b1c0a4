"""The pages of the admin at 360 px, with titles and names that have no space."""

import json

import pytest

from tests.browser.checks import find_overflow

TITLE = "DevSecOps/SRE/Platform/Cloud/Kubernetes"
NAME = "Infrastructure/Plateforme/Observabilité/Conseil"
CREATE = f"""
import json
from django.urls import reverse
from offers.companies.models import CompanyRevision
from offers.enums import OfferStatus
from offers.places.models import Place
from tests.factories import make_application, make_company, make_member, make_offer, make_report, make_user
title, name, lyon = {TITLE!r}, {NAME!r}, Place.objects.get(insee_code="69123")
company = make_company(name=name)
owner = make_member(company, make_user(email="infrastructure-plateforme-observabilite@example.org")).user
offer = make_offer(
    title=title, company=company, place=lyon, status=OfferStatus.SUBMITTED, published_at=None, expires_at=None
)
public = make_offer(title=f"{{title}}/Terraform", company=company, place=lyon)
revision = CompanyRevision.objects.create(company=company, by=owner, changes=dict(name=f"{{name}}/Formation"))
report = make_report(offer=public, explanation=title)
application = make_application(offer=public, name=name)
pages = {{
    "queue": reverse("admin:offers_offer_moderation"),
    "review": reverse("admin:offers_offer_review", args=[offer.pk]),
    "decide report": reverse("admin:moderation_report_decide", query={{"offre": public.pk}}),
    "decide revision": reverse("admin:companies_companyrevision_decide", query={{"changement": revision.pk}}),
}}
for row in (offer, company, revision, report, application, owner):
    name = f"admin:{{row._meta.app_label}}_{{row._meta.model_name}}_changelist"
    pages[f"{{row._meta.model_name}} list"] = reverse(name)
    for page in ("change", "history", "delete"):
        name = f"admin:{{row._meta.app_label}}_{{row._meta.model_name}}_{{page}}"
        pages[f"{{row._meta.model_name}} {{page}}"] = reverse(name, args=[row.pk])
print(json.dumps(pages))
"""


@pytest.fixture(scope="module")
def pages(site):
    return json.loads(site.run(CREATE))


def test_titles_without_spaces_fit_on_every_page(open_page, pages, curator):
    page = open_page(width=360, state=curator)
    problems = {}
    for name, path in pages.items():
        response = page.goto(path)
        # Some rows cannot be deleted by curators.
        if response.status != 403 and (overflow := find_overflow(page)):
            problems[name] = overflow
    assert not problems, "\n".join(f"{name}: {overflow}" for name, overflow in problems.items())


def test_record_of_processing_is_short_until_an_activity_is_opened(open_page, curator):
    page = open_page(width=360, state=curator)
    page.goto("/admin/privacy/personaldatarequest/registre/")
    activities = page.locator("details.activity")
    assert page.evaluate("document.documentElement.scrollHeight") < 6 * 900
    table = activities.first.get_by_role("table")
    assert not table.is_visible()
    activities.first.locator("summary").press("Enter")
    assert table.is_visible()
    assert find_overflow(page) == ""
