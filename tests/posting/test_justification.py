"""Texts in which the wording check finds errors, sent to a moderator with a justification."""

import pytest
from django.utils import timezone

from offers.enums import OfferStatus, RevisionStatus
from offers.models import Offer, Question
from tests.admin.staff import make_group_member
from tests.factories import make_offer
from tests.posting.forms import DESCRIPTION, make_draft, post_edit_form, step_url, url

pytestmark = pytest.mark.django_db
FAULTY = f"Vous êtes célibataire. {DESCRIPTION}"
WHY = "Nous l’exigeons pour l’année en Antarctique,\nselon l’arrêté du 1er mars."


def submit(client, offer, **data):
    page = client.get(step_url(offer, "verification"))
    return client.post(url("submit", offer.pk), {"version": page.context["version"], **data})


@pytest.fixture(params=[False, True], ids=["any company", "trusted company"])
def company_of(request, company):
    company.trusted = request.param
    company.save()
    return company


def test_page_shows_passage_reason_correction_and_the_field_for_a_justification(client, member, company_of):
    offer = make_draft(company_of, description=FAULTY)
    html = client.get(step_url(offer, "verification")).content.decode()
    assert "<mark>Vous êtes célibataire</mark>" in html
    assert "Code du travail, art. L1132-1" in html
    assert "Décrivez les contraintes du poste" in html
    assert "Pourquoi ce texte est justifié" in html
    assert "à la relecture avec ce motif" in html
    assert " disabled" not in html


def test_text_with_errors_is_sent_with_a_justification_and_never_published_at_once(client, member, company_of):
    offer = make_draft(company_of, description=FAULTY)
    refused = submit(client, offer, justification="  ")
    assert refused.status_code == 422
    assert "Dites pourquoi le texte est justifié" in refused.content.decode()
    response = submit(client, offer, justification=WHY)
    assert response.url == url("manage", offer.pk)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SUBMITTED
    assert offer.justification() == WHY
    assert "Nous l’exigeons pour l’année en Antarctique,<br>selon" in client.get(response.url).content.decode()


def test_text_without_errors_needs_no_justification_and_stores_none(client, member, company):
    offer = make_draft(company)
    assert "Pourquoi ce texte est justifié" not in client.get(step_url(offer, "verification")).content.decode()
    submit(client, offer, justification=WHY)
    assert offer.events.get().justification == ""


def test_justification_of_a_returned_offer_is_shown_again_until_the_text_is_corrected(client, member, company):
    offer = make_draft(company, description=FAULTY)
    submit(client, offer, justification=WHY)
    offer.refresh_from_db()
    offer.return_(make_group_member("Modération"), "Ce n’est pas une raison.")
    assert "selon l’arrêté du 1er mars.</textarea>" in client.get(step_url(offer, "verification")).content.decode()
    offer.description = DESCRIPTION
    offer.save()
    submit(client, offer)
    offer.refresh_from_db()
    assert (offer.status, offer.justification()) == (OfferStatus.SUBMITTED, "")
    assert [event.justification for event in offer.events.submissions()] == ["", WHY]


def test_missing_value_cannot_be_justified(client, member, company):
    offer = make_draft(company, description=FAULTY, pay_min=None, pay_max=None)
    page = client.get(step_url(offer, "verification"))
    assert page.context["form"] is None
    assert " disabled" in page.content.decode()
    assert submit(client, offer, justification=WHY).status_code == 422
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT


def test_justification_stays_when_the_offer_has_changed_meanwhile(client, member, company):
    offer = make_draft(company, description=FAULTY)
    response = submit(client, offer, justification=WHY, version="older")
    assert response.status_code == 409
    assert "selon l’arrêté du 1er mars.</textarea>" in response.content.decode()
    assert "entre-temps" in response.content.decode()
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT


def test_too_long_justification_is_refused_and_stays(client, member, company):
    offer = make_draft(company, description=FAULTY)
    response = submit(client, offer, justification="a" * 1_001)
    assert response.status_code == 422
    assert "a" * 1_001 in response.content.decode()
    assert "1000 caractères" in response.content.decode()


def test_forbidden_question_is_sent_with_a_justification(client, member, company):
    offer = make_draft(company)
    Question.replace(offer, [{"text": "Quel est votre âge et êtes-vous enceinte\u00a0?", "required": False}])
    assert submit(client, offer).status_code == 422
    assert submit(client, offer, justification=WHY).status_code == 302
    assert offer.justification() == WHY


def test_change_of_a_published_offer_waits_with_its_justification(client, member, company_of):
    offer = make_offer(
        company=company_of, title="Développeur Java", description=DESCRIPTION, pay_min=45_000, pay_max=55_000
    )
    page = post_edit_form(client, offer, description=FAULTY)
    html = page.content.decode()
    assert page.status_code == 200
    assert "<mark>Vous êtes célibataire</mark>" in html
    assert 'href="#motif"' in html
    assert "Dites pourquoi" not in html
    refused = post_edit_form(client, offer, description=FAULTY, justification="")
    assert "Dites pourquoi le texte est justifié" in refused.content.decode()
    assert post_edit_form(client, offer, description=FAULTY, justification=WHY).status_code == 302
    offer.refresh_from_db()
    assert offer.description == DESCRIPTION.strip()
    assert offer.waiting_since
    assert FAULTY.strip() in offer.revisions.get(status=RevisionStatus.WAITING).changes["description"]
    assert offer.justification() == WHY
    # The corrected change replaces the waiting one, without a justification.
    post_edit_form(client, offer, description=f"{DESCRIPTION} Vous aimez voyager.")
    assert offer.justification() == "" or company_of.trusted
    offer.refresh_from_db()
    assert bool(offer.waiting_since) is not company_of.trusted


@pytest.mark.parametrize("change", [{"title": ""}, {"version_offre": "older"}], ids=["invalid form", "stale page"])
def test_justification_of_a_change_stays_whatever_is_refused(client, member, company, change):
    offer = make_offer(
        company=company, title="Développeur Java", description=DESCRIPTION, pay_min=45_000, pay_max=55_000
    )
    page = post_edit_form(client, offer, description=FAULTY, justification=WHY, **change)
    assert page.status_code == 200
    assert "selon l’arrêté du 1er mars.</textarea>" in page.content.decode()
    assert not offer.revisions.exists()


def test_justification_stays_when_a_value_is_missing_meanwhile(client, member, company):
    offer = make_draft(company, description=FAULTY)
    version = client.get(step_url(offer, "verification")).context["version"]
    offer.pay_min = offer.pay_max = None
    offer.save()
    # First the page is stale, then the text cannot be sent.
    for posted, status in ((version, 409), (offer.updated_at.isoformat(), 422)):
        response = client.post(url("submit", offer.pk), {"version": posted, "justification": WHY})
        html = response.content.decode()
        assert response.status_code == status
        assert "selon l’arrêté du 1er mars.</textarea>" in html
        assert "Complétez d’abord ce qui manque" in html
        assert " disabled" in html


def test_justification_of_a_text_that_was_corrected_meanwhile_stays(client, member, company):
    offer = make_draft(company, description=FAULTY)
    offer.description = DESCRIPTION
    offer.save()
    html = submit(client, offer, justification=WHY, version="older").content.decode()
    assert "selon l’arrêté du 1er mars.</textarea>" in html
    assert "il part sans ce motif" in html


def test_justification_stays_when_a_colleague_has_sent_the_offer(client, member, company):
    offer = make_draft(company, description=FAULTY)
    version = client.get(step_url(offer, "verification")).context["version"]
    offer.submit(member, justification="Un autre motif.")
    response = client.post(url("submit", offer.pk), {"version": version, "justification": WHY})
    html = response.content.decode()
    assert response.status_code == 409
    assert "elle a été soumise à relecture" in html
    assert "selon l’arrêté du 1er mars.</textarea>" in html
    # Nothing was typed: the page of the offer says where it is.
    response = client.post(url("submit", offer.pk), {"version": version, "justification": " "})
    assert response.url == url("manage", offer.pk)


def test_justification_stays_when_the_submission_is_refused(client, member, company, monkeypatch):
    offer = make_draft(company, description=FAULTY)
    submit_or_publish = Offer.submit_or_publish

    def change_first(self, *args, **kwargs):
        Offer.objects.filter(pk=self.pk).update(updated_at=timezone.now())
        submit_or_publish(self, *args, **kwargs)

    monkeypatch.setattr(Offer, "submit_or_publish", change_first)
    response = submit(client, offer, justification=WHY)
    assert response.status_code == 409
    assert "ne peut pas passer à l’état" in response.content.decode()
    assert "selon l’arrêté du 1er mars.</textarea>" in response.content.decode()
