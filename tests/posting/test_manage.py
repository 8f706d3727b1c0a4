"""The management of an offer by its company: corrections, copies, buttons, and no access for other companies."""

import pytest

from offers.enums import OfferStatus
from offers.models import Offer
from tests.admin.staff import make_superuser
from tests.factories import make_company, make_offer, make_skill
from tests.posting.forms import make_draft, step_url, url

pytestmark = pytest.mark.django_db


def test_returned_offer_shows_the_reason_and_is_submitted_again(client, member, company):
    offer = make_draft(company)
    offer.submit(member)
    moderator = make_superuser()
    offer.return_(moderator, "Précisez les missions.")
    for path in (step_url(offer, "poste"), step_url(offer, "verification"), url("manage", offer.pk)):
        assert "Précisez les missions." in client.get(path).content.decode()
    page = client.get(step_url(offer, "verification"))
    client.post(url("submit", offer.pk), {"version": page.context["version"]})
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SUBMITTED


def test_duplicate_is_a_draft_with_the_same_content(client, member, company):
    offer = make_offer(
        company=company, skills=[make_skill("Java")], external_reference="R-7", pay_min=40_000, pay_max=50_000
    )
    offer.questions.create(position=1, text="Pourquoi\u00a0?", required=True)
    response = client.post(url("duplicate", offer.pk))
    copy = Offer.objects.exclude(pk=offer.pk).get()
    assert response.url == step_url(copy, "poste")
    assert (copy.title, copy.status, copy.external_reference, copy.published_at) == (offer.title, "draft", "", None)
    assert [skill.name for skill in copy.skills.all()] == ["Java"]
    assert copy.questions.get().required


def test_fill_and_renew_need_a_post_and_withdrawal_is_confirmed_first(client, member, company):
    filled, withdrawn, renewed = (make_offer(company=company) for _ in range(3))
    expires_at = renewed.expires_at
    assert client.get(url("fill", filled.pk)).status_code == 405
    client.post(url("fill", filled.pk))
    assert "Retirer cette offre" in client.get(url("withdraw", withdrawn.pk)).content.decode()
    client.post(url("withdraw", withdrawn.pk))
    client.post(url("renew", renewed.pk))
    for offer in (filled, withdrawn, renewed):
        offer.refresh_from_db()
    assert (filled.status, withdrawn.status, renewed.status) == (
        OfferStatus.FILLED,
        OfferStatus.WITHDRAWN,
        OfferStatus.PUBLISHED,
    )
    assert renewed.expires_at > expires_at
    # A closed offer can be reopened; a transition that is not allowed shows a message.
    assert client.post(url("reopen", filled.pk)).url == step_url(filled, "poste")
    response = client.post(url("fill", withdrawn.pk), follow=True)
    assert "ne peut pas passer" in response.content.decode()
    assert client.get(url("withdraw", withdrawn.pk)).url == url("manage", withdrawn.pk)
    assert client.get(step_url(withdrawn, "poste")).url == url("manage", withdrawn.pk)


def test_draft_without_a_place_can_be_withdrawn_and_reopened(member, company):
    offer = Offer.objects.create(title="CTO", contract="cdi", company=company)
    offer.withdraw(member)
    offer.reopen(member)
    assert offer.status == OfferStatus.DRAFT


def test_pages_of_another_company_are_not_found(client, member, company):
    foreign = make_draft(make_company())
    names = ("manage", "preview", "submit", "edit", "duplicate", "fill", "renew", "reopen", "withdraw")
    for path in (
        *(url(name, foreign.pk) for name in names),
        step_url(foreign, "poste"),
        step_url(foreign, "verification"),
    ):
        assert {client.get(path).status_code, client.post(path).status_code} <= {404, 405}
        assert 404 in {client.get(path).status_code, client.post(path).status_code}
    assert Offer.objects.get() == foreign
