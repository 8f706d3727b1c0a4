"""Concurrent edits of a draft: conflicts of versions and repeated requests."""

import pytest

from offers.enums import OfferStatus
from offers.models import Offer
from tests.factories import make_offer
from tests.posting.forms import DESCRIPTION, initial_data, make_draft, post_step, step_data, step_url, url

pytestmark = pytest.mark.django_db


def test_stale_version_of_a_step_is_refused_until_confirmed(client, member, company):
    offer = make_draft(company)
    first, second = client.get(step_url(offer, "poste")), client.get(step_url(offer, "poste"))
    client.post(step_url(offer, "poste"), step_data(first, title="Développeur Kotlin"))
    response = client.post(step_url(offer, "poste"), step_data(second, title="Développeur Scala"))
    offer.refresh_from_db()
    assert offer.title == "Développeur Kotlin"
    html = response.content.decode()
    assert "entre-temps" in html
    assert "Développeur Kotlin" in html
    assert 'value="Développeur Scala"' in html
    # The response has the new version, so that a second post overwrites it.
    assert client.post(step_url(offer, "poste"), step_data(response)).status_code == 302
    offer.refresh_from_db()
    assert offer.title == "Développeur Scala"


def test_concurrent_edits_of_different_steps_are_both_saved(client, member, company):
    offer = make_draft(company)
    first, second = client.get(step_url(offer, "poste")), client.get(step_url(offer, "annonce"))
    client.post(step_url(offer, "poste"), step_data(first, title="Développeur Kotlin"))
    assert client.post(step_url(offer, "annonce"), step_data(second, highlights="Un produit à nous")).status_code == 302
    offer.refresh_from_db()
    assert (offer.title, offer.highlights) == ("Développeur Kotlin", "Un produit à nous")


@pytest.mark.parametrize("slug", ["poste", "conditions", "annonce", "candidatures"])
def test_repeated_post_of_a_step_is_accepted_and_changes_nothing(client, member, company, slug):
    offer = make_draft(company)
    data = step_data(
        client.get(step_url(offer, slug)), title="Autre", remote="3", highlights="Un", question_1="Pourquoi\u00a0?"
    )
    rows = []
    for _ in range(2):
        assert client.post(step_url(offer, slug), data).status_code == 302
        values = Offer.objects.values().get()
        rows.append(({**values, "updated_at": None, "version": None}, list(offer.questions.values("position", "text"))))
    assert rows[0] == rows[1]


def test_submission_of_a_stale_version_shows_the_check_again(client, member, company):
    offer = make_draft(company)
    version = client.get(step_url(offer, "verification")).context["version"]
    post_step(client, step_url(offer, "poste"), title="Autre chose")
    response = client.post(url("submit", offer.pk), {"version": version})
    assert response.status_code == 409
    assert "relisez-la avant l’envoi" in response.content.decode()
    assert response.context["version"] != version
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT


def test_step_stays_when_a_colleague_has_sent_the_offer(client, member, company):
    offer = make_draft(company)
    path = step_url(offer, "annonce")
    data = step_data(client.get(path), description="Une longue description qui a pris une heure.")
    offer.submit(member)
    response = client.post(path, data)
    html = response.content.decode()
    assert response.status_code == 409
    assert "elle a été soumise à relecture" in html
    assert "Une longue description qui a pris une heure.</textarea>" in html
    offer.refresh_from_db()
    assert "une heure" not in offer.description


def test_edited_offer_stays_when_a_colleague_has_withdrawn_it(client, member, company):
    offer = make_offer(
        company=company, title="Développeur Java", description=DESCRIPTION, pay_min=45_000, pay_max=55_000
    )
    page = client.get(url("edit", offer.pk))
    data = {"version_offre": page.context["version"]}
    for form in page.context["forms"]:
        data |= initial_data(form)
    offer.withdraw(member)
    response = client.post(url("edit", offer.pk), {**data, "description": f"{DESCRIPTION} Une phrase de plus."})
    html = response.content.decode()
    assert response.status_code == 409
    assert "elle a été retirée" in html
    assert "Une phrase de plus.</textarea>" in html
    offer.refresh_from_db()
    assert "Une phrase de plus" not in offer.description
