"""Fields with Markdown or lists: the script of the buttons, which only their pages load, and pasted bullets."""

from tests.applications.form import form_url
from tests.factories import make_offer
from tests.posting.forms import make_draft, post_step, step_url, url

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


def test_bullets_of_pasted_highlights_are_removed(client, company, member):
    offer = make_draft(company)
    highlights = "• Télétravail\r\n-\u00a0Équipe stable\r\n-Produit maison\r\n-10 % de réunions\r\n\r\n"
    assert post_step(client, step_url(offer, "annonce"), highlights=highlights).status_code == 302
    offer.refresh_from_db()
    assert offer.highlight_list == ["Télétravail", "Équipe stable", "Produit maison", "-10 % de réunions"]
