"""The recipients of a decision: the requester of the publication if still a member, else the owners."""

import pytest
from django.utils import timezone

from offers.companies.enums import MemberRole
from offers.models import OfferEvent
from offers.moderation.mails import responsible_emails
from tests.factories import make_company, make_member, make_offer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return make_company()


def make_colleague(company, name, role=MemberRole.RECRUITER, **fields):
    return make_member(company, make_user(email=f"{name}@example.org", **fields), role).user


def create_event(offer, by, requested_by=None, verb="submit", **fields):
    now = timezone.now()
    values = {"before": "draft", "after": "submitted", "role": "member", "at": now, "by": by}
    if requested_by or fields:
        values |= {"requested_at": now, "requested_by": requested_by, **fields}
    return OfferEvent.objects.create(offer=offer, verb=verb, **values)


def test_recipients_are_the_active_requester_or_the_owners(company):
    owner = make_colleague(company, "owner", MemberRole.OWNER)
    second = make_colleague(company, "second", MemberRole.OWNER)
    make_colleague(company, "inactive-owner", MemberRole.OWNER, is_active=False)
    recruiter, other = make_colleague(company, "recruiter"), make_colleague(company, "other")
    inactive = make_colleague(company, "inactive", is_active=False)
    stranger = make_colleague(make_company(), "stranger", MemberRole.OWNER)
    owners = [owner.email, second.email]
    # (requester, expected recipients)
    table = [
        (None, owners),
        (recruiter, [recruiter.email]),
        (other, [other.email]),
        (second, [second.email]),
        (inactive, owners),
        (stranger, owners),
    ]
    for requester, expected in table:
        offer = make_offer(company=company)
        if requester:
            create_event(offer, requester, requester)
        # An event without a request does not change the recipients.
        create_event(offer, other, verb="fill")
        assert responsible_emails(offer) == expected, requester
        # The event of the decision has the requester of that time.
        decision = create_event(offer, stranger, requester, verb="publish")
        create_event(offer, recruiter, recruiter)
        assert responsible_emails(offer, decision) == (expected if requester else [recruiter.email]), requester
        assert responsible_emails(offer) == [recruiter.email]


def test_request_by_telephone_is_answered_to_the_owners(company):
    owner = make_colleague(company, "owner", MemberRole.OWNER)
    recruiter = make_colleague(company, "recruiter")
    offer = make_offer(company=company)
    create_event(offer, recruiter, recruiter)
    create_event(offer, make_user(is_staff=True), None, request_source="Mme Martin, par téléphone")
    assert responsible_emails(offer) == [owner.email]


def test_offer_without_company_or_active_members_has_no_recipients(company):
    make_colleague(company, "inactive", MemberRole.OWNER, is_active=False)
    assert responsible_emails(make_offer(company=company)) == []
    assert responsible_emails(make_offer(confidential=True, company=None)) == []
