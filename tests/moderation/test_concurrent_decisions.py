"""Two moderators who decide on the same offer, or on the same change of a company, at the same time."""

import pytest
from django.test import Client
from django.urls import reverse

from jobboard.mail.models import OutboxMessage
from offers.companies.models import Company, CompanyRevision
from offers.enums import OfferStatus, RevisionStatus
from offers.models import Offer, OfferEvent
from tests.admin.staff import make_superuser
from tests.factories import make_company, make_offer
from tests.threads import needs_postgresql, run_in_threads

pytestmark = [needs_postgresql, pytest.mark.django_db(transaction=True)]


def log_in() -> Client:
    client = Client()
    client.force_login(make_superuser())
    return client


@pytest.mark.parametrize("decisions", [("approve", "return"), ("approve", "approve"), ("return", "remove")])
def test_one_of_two_decisions_on_an_offer_is_taken(decisions):
    offer = make_offer(status=OfferStatus.SUBMITTED)
    url = reverse("admin:offers_offer_review", args=[offer.pk])

    def decide(client, decision):
        data = {"decision": f"{decision}:{offer.pk}", f"seen-{offer.pk}": offer.updated_at.isoformat()}
        return client.post(url, data | {f"reason-{offer.pk}": "Un motif."}).status_code

    clients = [log_in(), log_in()]
    statuses = run_in_threads(*[lambda pair=pair: decide(*pair) for pair in zip(clients, decisions, strict=True)])
    # The moderator who is late gets the page again, with the reason.
    assert sorted(statuses) == [200, 302]
    assert OfferEvent.objects.count() == 1
    assert OutboxMessage.objects.filter(kind="moderation.decision").count() == 1
    assert not Offer.objects.waiting().exists()


def test_one_of_two_decisions_on_a_change_of_a_company_is_taken():
    company = make_company(name="Avant")
    revision = company.revisions.create(changes={"name": "Après"})
    one, other = (CompanyRevision.objects.get(pk=revision.pk) for _ in range(2))
    taken = run_in_threads(one.accept, lambda: other.decline("Non."))
    assert sorted(taken) == [False, True]
    revision.refresh_from_db()
    expected = ("Après", RevisionStatus.APPLIED, "") if taken[0] else ("Avant", RevisionStatus.DECLINED, "Non.")
    assert (Company.objects.get().name, revision.status, revision.reason) == expected
    assert OutboxMessage.objects.filter(kind="companies.revision_decided").count() == 1
