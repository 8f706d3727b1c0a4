"""Changes of published offers by recruiters."""

import pytest

from offers.enums import OfferStatus, RevisionStatus
from tests.factories import make_offer, make_skill
from tests.posting.forms import DESCRIPTION, post_edit_form, step_url, url

pytestmark = pytest.mark.django_db


def test_material_change_waits_for_review(client, member, company):
    java = make_skill("Java")
    offer = make_offer(company=company, title="Avant", description=DESCRIPTION, pay_min=45_000, pay_max=55_000)
    assert client.get(step_url(offer, "poste")).url == url("edit", offer.pk)
    response = post_edit_form(client, offer, title="Après", others="java", external_reference="R-7")
    assert response.url == url("manage", offer.pk)
    offer.refresh_from_db()
    assert (offer.title, offer.external_reference, offer.skills.count()) == ("Avant", "R-7", 0)
    assert sorted(offer.revisions.get(status=RevisionStatus.WAITING).changes) == ["skills", "title"]
    assert "attend une relecture" in client.get(response.url).content.decode()
    # The form shows the waiting change.
    page = client.get(url("edit", offer.pk))
    assert page.context["forms"][0]["title"].value() == "Après"
    assert page.context["forms"][2]["chosen"].value() == [java.slug]


def test_change_by_a_trusted_company_is_applied_without_review(client, member, company):
    company.trusted = True
    company.save()
    offer = make_offer(company=company, title="Avant", description=DESCRIPTION, pay_min=45_000, pay_max=55_000)
    post_edit_form(client, offer, title="Après")
    offer.refresh_from_db()
    assert (offer.title, offer.status) == ("Après", OfferStatus.PUBLISHED)


def test_invalid_change_is_refused_and_redisplayed(client, member, company):
    offer = make_offer(company=company, title="Avant", description=DESCRIPTION, pay_min=45_000, pay_max=55_000)
    response = post_edit_form(client, offer, title="DÉVELOPPEUR CONFIRMÉ")
    assert response.status_code == 200
    assert "Intitulé en capitales" in response.content.decode()
    assert 'value="DÉVELOPPEUR CONFIRMÉ"' in response.content.decode()
    response = post_edit_form(client, offer, place="Nulle-Part", title="")
    assert {"place"} == set(response.context["forms"][1].errors)
    assert {"title"} == set(response.context["forms"][0].errors)
    assert not offer.revisions.exists()


def test_change_of_a_stale_version_is_refused_until_confirmed(client, member, company):
    offer = make_offer(company=company, title="Avant", description=DESCRIPTION, pay_min=45_000, pay_max=55_000)
    page = client.get(url("edit", offer.pk))
    offer.renew(member)
    response = post_edit_form(client, offer, title="Après", version_offre=page.context["version"])
    assert "entre-temps" in response.content.decode()
    assert not offer.revisions.exists()
    assert post_edit_form(client, offer, title="Après", version_offre=response.context["version"]).status_code == 302
