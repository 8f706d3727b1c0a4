"""Pages with a Markdown field load the script of its buttons, and no others do."""

from tests.applications.form import form_url
from tests.factories import make_offer
from tests.posting.forms import make_draft, step_url, url

SCRIPT = "js/markdown.js"


def test_text_of_an_offer_has_buttons_in_the_wizard_only_in_its_step(client, member, company):
    draft = make_draft(company)
    page = client.get(step_url(draft, "annonce")).content.decode()
    assert page.count("data-markdown") == page.count(SCRIPT) == 1
    assert f'{SCRIPT}" type="module"' in page
    for slug in ("poste", "conditions", "candidatures"):
        assert SCRIPT not in client.get(step_url(draft, slug)).content.decode()


def test_published_offer_and_company_have_buttons(client, member, company):
    offer = make_offer(company=company)
    for path in (url("edit", offer.pk), url("company", company.slug)):
        page = client.get(path).content.decode()
        assert page.count("data-markdown") == page.count(SCRIPT) == 1


def test_plain_texts_have_no_buttons(client, db):
    """Recruiters read the message of a candidate as it was typed."""
    for path in (form_url(make_offer()), "/contact/"):
        page = client.get(path).content.decode()
        assert "<textarea" in page
        assert "data-markdown" not in page
