"""Concurrent operations on a team: the lock on the company, and unique constraints."""

import contextlib
import threading

import pytest

from offers.companies import team
from offers.companies.enums import MemberRole
from offers.companies.models import Company
from tests.companies.forms import SIRET
from tests.factories import make_company, make_invitation, make_member, make_user
from tests.threads import needs_postgresql, run_in_threads

pytestmark = [needs_postgresql, pytest.mark.django_db(transaction=True)]


def run_concurrently(*operations) -> list[bool]:
    """Run the operations at the same time; return whether each was refused."""
    outcomes = run_in_threads(*operations, refusal=team.TeamRefused)
    return [isinstance(outcome, team.TeamRefused) for outcome in outcomes]


def make_company_with_two_owners():
    company = make_company()
    return company, make_member(company).user, make_member(company).user


def delay_owner_check(monkeypatch, both):
    """Make each thread wait, after it has counted the owners, for the other one, which may be waiting for the lock."""
    counted = threading.Barrier(2)
    check = team._require_other_owner

    def wait(membership):
        check(membership)
        with contextlib.suppress(threading.BrokenBarrierError):
            counted.wait(timeout=2 if both else 0.3)

    monkeypatch.setattr(team, "_require_other_owner", wait)


def test_one_of_two_owners_leaving_concurrently_is_refused(monkeypatch):
    company, one, other = make_company_with_two_owners()
    delay_owner_check(monkeypatch, both=False)
    outcomes = run_concurrently(lambda: team.leave(company, one), lambda: team.leave(company, other))
    assert company.memberships.filter(role=MemberRole.OWNER).count() == 1
    assert sorted(outcomes) == [False, True]


def test_without_the_lock_both_owners_leave(monkeypatch):
    company, one, other = make_company_with_two_owners()
    monkeypatch.setattr(team, "_lock_company", lambda pk: Company.objects.get(pk=pk))
    delay_owner_check(monkeypatch, both=True)
    assert run_concurrently(lambda: team.leave(company, one), lambda: team.leave(company, other)) == [False, False]
    assert not company.memberships.exists()


def test_concurrent_acceptance_of_an_invitation_adds_one_member():
    company = make_company()
    invitation = make_invitation(company)
    users = [make_user() for _ in range(6)]
    outcomes = run_concurrently(*[lambda user=user: team.accept(invitation, user) for user in users])
    assert outcomes.count(False) == 1
    assert company.memberships.count() == 2


@pytest.mark.parametrize("change", ["remove", "demote", "delete the company"])
def test_invitation_accepted_while_its_sender_loses_the_right_is_before_or_after(change):
    company, one, other = make_company_with_two_owners()
    invitation = make_invitation(company, invited_by=one)
    membership = company.memberships.get(user=one)
    lose_right = {
        "remove": lambda: team.remove(company, other, membership.pk),
        "demote": lambda: team.change_role(company, other, membership.pk, MemberRole.RECRUITER),
        "delete the company": company.delete,
    }[change]
    accepted, _ = run_concurrently(lambda: team.accept(invitation, make_user()), lose_right)
    # Whichever came first; afterwards the invitation has ended.
    assert accepted in {True, False}
    with pytest.raises(team.TeamRefused):
        team.accept(invitation, make_user())


def test_one_of_two_companies_with_one_siret_verified_concurrently_gets_the_badge():
    curator = make_user(is_staff=True)
    companies = [make_company(siret=SIRET) for _ in range(6)]
    operations = [lambda company=company: company.verify(curator) for company in companies]
    outcomes = run_in_threads(*operations, refusal=team.TeamRefused)
    assert sorted(outcomes) == [False] * 5 + [True]
    assert Company.objects.filter(verified_at__isnull=False).count() == 1
