"""Who is written to about a decision: by who asked for the publication, and by who still works for the company."""

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


def make(company, email, role=MemberRole.RECRUITER, **fields):
    return make_member(company, make_user(email=f"{email}@example.org", **fields), role).user


def ask(offer, by, requested_by=None, verb="submit", **fields):
    now = timezone.now()
    values = {"before": "draft", "after": "submitted", "role": "member", "at": now, "by": by}
    if requested_by or fields:
        values |= {"requested_at": now, "requested_by": requested_by, **fields}
    return OfferEvent.objects.create(offer=offer, verb=verb, **values)


def test_who_is_responsible_for_an_offer(company):
    owner = make(company, "owner", MemberRole.OWNER)
    second = make(company, "second", MemberRole.OWNER)
    make(company, "inactive-owner", MemberRole.OWNER, is_active=False)
    recruiter, other = make(company, "recruiter"), make(company, "other")
    inactive = make(company, "inactive", is_active=False)
    stranger = make(make_company(), "stranger", MemberRole.OWNER)
    owners = [owner.email, second.email]
    # Who asked, and whose addresses are written to.
    table = [
        (None, owners),
        (recruiter, [recruiter.email]),
        (other, [other.email]),
        (second, [second.email]),
        (inactive, owners),
        (stranger, owners),
    ]
    for asker, expected in table:
        offer = make_offer(company=company)
        if asker:
            ask(offer, asker, asker)
        # An act that asks for nothing changes nothing.
        ask(offer, other, verb="fill")
        assert responsible_emails(offer) == expected, asker
        # The decision names who had asked at that time.
        decision = ask(offer, stranger, asker, verb="publish")
        ask(offer, recruiter, recruiter)
        assert responsible_emails(offer, decision) == (expected if asker else [recruiter.email]), asker
        assert responsible_emails(offer) == [recruiter.email]


def test_asked_by_telephone_the_owners_are_written_to(company):
    owner = make(company, "owner", MemberRole.OWNER)
    recruiter = make(company, "recruiter")
    offer = make_offer(company=company)
    ask(offer, recruiter, recruiter)
    ask(offer, make_user(is_staff=True), None, request_source="Mme Martin, par téléphone")
    assert responsible_emails(offer) == [owner.email]


def test_without_a_company_or_members_there_is_no_recipient(company):
    make(company, "inactive", MemberRole.OWNER, is_active=False)
    assert responsible_emails(make_offer(company=company)) == []
    assert responsible_emails(make_offer(confidential=True, company=None)) == []
