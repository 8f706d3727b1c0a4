"""The last step of the wizard: errors, warnings, likely duplicates and previews."""

import pytest

from offers.enums import Contract, OfferStatus
from offers.moderation.duplicates import find_duplicates
from tests.factories import PARIS, make_offer, make_place, make_skill
from tests.posting.forms import DESCRIPTION, make_draft, step_data, step_url, url

pytestmark = pytest.mark.django_db


def test_errors_prevent_submission_and_warnings_do_not(client, member, company, settings):
    offer = make_draft(company, pay_min=None, pay_max=None, title="Développeur Java !")
    page = client.get(step_url(offer, "verification"))
    assert [finding.category for finding, _ in page.context["errors"]] == ["pay"]
    assert [finding.category for finding, _ in page.context["warnings"]] == ["title"]
    assert [link for _, link in page.context["errors"]] == [step_url(offer, "conditions")]
    response = client.post(url("submit", offer.pk), {"version": page.context["version"]})
    assert response.status_code == 422
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT
    settings.PAY_REQUIRED = False
    client.post(url("submit", offer.pk), {"version": page.context["version"]})
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SUBMITTED


def test_likely_duplicates_are_shown_and_do_not_prevent_submission(client, member, company, django_assert_num_queries):
    offer = make_draft(company)
    similar_title = make_offer(company=company, title="Développeur Java senior (H/F)")
    same_text = make_offer(company=company, title="Tout autre titre", description=DESCRIPTION)
    make_offer(company=company, title="Architecte réseau")
    make_offer(company=company, title="Développeur Java", place=make_place(**PARIS))
    make_offer(title="Développeur Java", description=DESCRIPTION)
    make_offer(company=company, title="Développeur Java", contract=Contract.INTERNSHIP)
    for _ in range(10):
        make_offer(company=company, title="Développeur Java", status=OfferStatus.WITHDRAWN, closed_at=offer.created_at)
    with django_assert_num_queries(1):
        assert {duplicate.offer for duplicate in find_duplicates(offer)} == {similar_title, same_text}
    page = client.get(step_url(offer, "verification"))
    assert page.context["errors"] == []
    assert "presque le même texte" in page.content.decode()


def test_preview_renders_the_public_page(client, member, company):
    offer = make_draft(company, description="## Le contexte\n\nUn **produit** à nous.", skills=[make_skill("Java")])
    html = client.get(url("preview", offer.pk)).content.decode()
    assert "<strong>produit</strong>" in html
    assert "Aperçu" in html
    assert 'content="noindex"' in html


def test_description_is_previewed_without_saving(client, member, company):
    offer = make_draft(company)
    data = step_data(client.get(step_url(offer, "annonce")), description="Un **essai** <script>", apercu="1")
    html = client.post(step_url(offer, "annonce"), data).content.decode()
    assert "<strong>essai</strong> &lt;script&gt;" in html
    assert "Enregistrer et continuer" in html
    fragment = client.post(step_url(offer, "annonce"), data, headers={"HX-Request": "true", "HX-Target": "apercu"})
    assert fragment.content.decode().lstrip().startswith('<div id="apercu"')
    offer.refresh_from_db()
    assert offer.description == DESCRIPTION.strip()
