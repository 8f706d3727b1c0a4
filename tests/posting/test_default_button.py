"""Enter in a text field presses the first submit button of the form: it saves, and never does anything else."""

import re

import pytest

from offers.companies.models import Company
from offers.posting.forms import STEPS
from tests.factories import make_offer
from tests.posting.forms import DESCRIPTION, make_draft, post_edit_form, step_url, url

pytestmark = pytest.mark.django_db


def default_buttons(response) -> list[str]:
    """Return the start tag of the first submit button of each form of the main content that is posted."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    forms = re.findall(r'<form\b[^>]*method="post".*?</form>', main, re.DOTALL)
    return [re.search(r'<button\b[^>]*type="submit"[^>]*>', form)[0] for form in forms]


@pytest.mark.parametrize("slug", [form.slug for form in STEPS])
def test_default_button_of_a_step_saves_and_continues(client, company, member, slug):
    (button,) = default_buttons(client.get(step_url(make_draft(company), slug)))
    assert "name=" not in button


def test_default_button_of_a_published_offer_sends_the_change(client, company, member):
    (button,) = default_buttons(client.get(url("edit", make_offer(company=company).pk)))
    assert "name=" not in button


def test_default_button_of_the_list_of_offers_decides_nothing(client, company, member):
    offer = make_offer(company=company)
    buttons = default_buttons(client.get(url("dashboard")))
    assert not [button for button in buttons if "name=" in button]
    response = client.post(url("bulk_action"), {"offre": [offer.pk]}, follow=True)
    assert "Choisissez une action." in response.content.decode()


def test_preview_of_a_published_offer_changes_nothing(client, company, member):
    Company.objects.update(trusted=True)
    offer = make_offer(company=company, description=DESCRIPTION.strip(), pay_min=45_000, pay_max=55_000)
    response = post_edit_form(client, offer, description=f"## Mission\n\n{DESCRIPTION}", apercu="1")
    assert response.status_code == 200
    page = response.content.decode()
    assert "<h3>Mission</h3>" in page.partition('id="apercu"')[2]
    assert "## Mission" in page.partition("<textarea")[2]
    offer.refresh_from_db()
    assert offer.description == DESCRIPTION.strip()
    assert not offer.revisions.exists()


def test_preview_of_a_published_offer_keeps_the_version_that_was_read(client, company, member):
    offer = make_offer(company=company)
    page = post_edit_form(client, offer, version_offre="2026-01-01", apercu="1").content.decode()
    assert 'name="version_offre" value="2026-01-01"' in page
