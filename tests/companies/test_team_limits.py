"""Every operation on a team by every kind of actor, and its limits, one before and after each."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from offers.companies import team
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.models import Company, Invitation, JoinRequest, Membership
from offers.companies.team import CompanyExists, TeamRefused
from tests.factories import make_company, make_member, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def company():
    company = make_company()
    make_member(company)
    return company


@pytest.fixture
def owner(company):
    return company.memberships.get().user


def test_the_limits():
    assert (team.MAX_PENDING, team.MAX_PER_DAY, team.MAX_WAITING, team.MAX_OWNED) == (50, 30, 5, 10)
    assert team.RESEND_AFTER.total_seconds() == 15 * 60
    assert team.NEW_REQUEST_AFTER.days == 30


# What each actor may do; a superuser decides on requests, since they may add members.
ACTORS = ("an owner", "a recruiter", "an owner of another company", "a user", "a superuser")
OPERATIONS = {
    "invite": lambda it, by: team.invite(it.company, by, "z@example.org", "recruiter"),
    "resend": lambda it, by: team.resend(it.company, by, it.invitation.pk),
    "revoke": lambda it, by: team.revoke(it.company, by, it.invitation.pk),
    "accept a request": lambda it, by: team.decide_join_request(it.company, by, it.request.pk, True),
    "decline a request": lambda it, by: team.decide_join_request(it.company, by, it.request.pk, False),
    "change a role": lambda it, by: team.change_role(it.company, by, it.recruiter.pk, MemberRole.OWNER),
    "transfer": lambda it, by: team.transfer(it.company, by, it.recruiter.pk),
    "remove": lambda it, by: team.remove(it.company, by, it.recruiter.pk),
}


def rows():
    models = (Membership, Invitation, JoinRequest)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_by_every_actor(company, owner, operation):
    class Its:
        pass

    its, old = Its(), timezone.now() - timedelta(days=2)
    its.company, its.recruiter = company, make_member(company, role=MemberRole.RECRUITER)
    its.invitation = Invitation.objects.create(company=company, email="a@example.org", requested_at=old)
    its.request = JoinRequest.objects.create(company=company, user=make_user())
    users = [owner, its.recruiter.user, make_member().user, make_user(), make_user(is_staff=True, is_superuser=True)]
    before = rows()
    for name, by in zip(ACTORS, users, strict=True):
        with transaction.atomic():
            try:
                OPERATIONS[operation](its, by)
                done = True
            except TeamRefused:
                done = False
            expected = name == "an owner" or (name == "a superuser" and "request" in operation)
            assert done == expected, name
            assert (rows() != before) == expected, name
            transaction.set_rollback(True)


def test_what_belongs_to_another_company_is_not_reached(company, owner):
    other = make_member().company
    member = make_member(other, role=MemberRole.RECRUITER)
    invitation = Invitation.objects.create(company=other, email="a@example.org", requested_at=NOW - timedelta(days=2))
    request = JoinRequest.objects.create(company=other, user=make_user())
    before = rows()
    for act in (
        lambda: team.resend(company, owner, invitation.pk),
        lambda: team.revoke(company, owner, invitation.pk),
        lambda: team.decide_join_request(company, owner, request.pk, True),
        lambda: team.change_role(company, owner, member.pk, MemberRole.OWNER),
        lambda: team.transfer(company, owner, member.pk),
        lambda: team.remove(company, owner, member.pk),
    ):
        with pytest.raises(TeamRefused):
            act()
    assert rows() == before


def test_the_last_owner_stays(company, owner):
    mine, recruiter = company.memberships.get(), make_member(company, role=MemberRole.RECRUITER)
    for act in (
        lambda: team.remove(company, owner, mine.pk),
        lambda: team.leave(company, owner),
        lambda: team.change_role(company, owner, mine.pk, MemberRole.RECRUITER),
        lambda: team.transfer(company, owner, mine.pk),
    ):
        with pytest.raises(TeamRefused):
            act()
    team.transfer(company, owner, recruiter.pk)
    assert dict(company.memberships.values_list("user", "role")) == {owner.pk: "recruiter", recruiter.user_id: "owner"}
    team.leave(company, owner)
    with pytest.raises(TeamRefused):
        team.leave(company, owner)


@pytest.mark.parametrize(("minutes", "allowed"), [(14.9, False), (15.1, True)])
def test_an_invitation_is_sent_again_after_a_quarter_of_an_hour(company, owner, minutes, allowed):
    requested_at = timezone.now() - timedelta(minutes=minutes)
    invitation = Invitation.objects.create(company=company, email="a@example.org", requested_at=requested_at)
    if allowed:
        again = team.resend(company, owner, invitation.pk)
        assert again.requested_at > requested_at
    else:
        with pytest.raises(TeamRefused, match="quart d’heure"):
            team.resend(company, owner, invitation.pk)


@pytest.mark.parametrize(("hours", "allowed"), [(23.9, False), (24.1, True)])
def test_so_many_invitations_a_day(company, owner, hours, allowed, monkeypatch):
    monkeypatch.setattr(team, "MAX_PER_DAY", 2)
    at = timezone.now() - timedelta(hours=hours)
    for number in range(2):
        # Revoked ones count: their mails have left.
        Invitation.objects.create(company=company, email=f"{number}@example.org", requested_at=at, revoked_at=at)
    Invitation.objects.create(company=make_company(), email="a@example.org")
    if allowed:
        team.invite(company, owner, "z@example.org", "recruiter")
    else:
        with pytest.raises(TeamRefused, match="par jour"):
            team.invite(company, owner, "z@example.org", "recruiter")


def test_so_many_invitations_pending(company, owner, monkeypatch):
    monkeypatch.setattr(team, "MAX_PENDING", 2)
    team.invite(company, owner, "a@example.org", "recruiter")
    team.invite(company, owner, "b@example.org", "recruiter")
    with pytest.raises(TeamRefused, match="attendent déjà"):
        team.invite(company, owner, "c@example.org", "recruiter")
    for taken in ("A@example.org", owner.email.upper()):
        with pytest.raises(TeamRefused, match="déjà"):
            team.invite(company, owner, taken, "recruiter")


@pytest.mark.parametrize(("seconds", "allowed"), [(-5, False), (5, True)])
def test_who_was_declined_asks_again_after_thirty_days(company, seconds, allowed):
    user = make_user()
    decided_at = timezone.now() - timedelta(days=30, seconds=seconds)
    JoinRequest.objects.create(company=company, user=user, status=RequestStatus.DECLINED, decided_at=decided_at)
    if allowed:
        team.request_to_join(company, user)
    else:
        with pytest.raises(TeamRefused, match="moins d’un mois"):
            team.request_to_join(company, user)
    # Another company, and another user, are not concerned.
    team.request_to_join(make_company(), user)
    team.request_to_join(company, make_user())


def test_so_many_requests_and_companies(monkeypatch):
    monkeypatch.setattr(team, "MAX_WAITING", 2)
    monkeypatch.setattr(team, "MAX_OWNED", 2)
    user = make_user()
    for _ in range(2):
        team.request_to_join(make_company(), user)
    with pytest.raises(TeamRefused, match="attendent déjà"):
        team.request_to_join(make_company(), user)
    for name in ("Zinc", "Cobalt"):
        team.create_company(Company(name=name), user)
    with pytest.raises(TeamRefused, match="au plus par personne"):
        team.create_company(Company(name="Nickel"), user)
    with pytest.raises(CompanyExists):
        team.create_company(Company(name="Zinc SAS"), make_user())


def test_an_invitation_is_accepted_while_it_is_open(company):
    def make(**fields):
        return Invitation.objects.create(company=company, email=f"{len(fields)}{id(fields)}@example.org", **fields)

    now = timezone.now()
    for fields in ({"expires_at": now}, {"revoked_at": now}, {"accepted_at": now}):
        with pytest.raises(TeamRefused, match="plus valable"):
            team.accept(make(**fields), make_user())
    user = make_user()
    request = JoinRequest.objects.create(company=company, user=user)
    membership = team.accept(make(role=MemberRole.OWNER), user)
    request.refresh_from_db()
    assert (membership.role, request.status) == ("owner", "accepted")
    with pytest.raises(TeamRefused, match="déjà membre"):
        team.accept(make(), user)
