"""Every operation on a team by every kind of actor, and the limits, tested on both sides."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.utils import timezone

from offers.companies import team
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.models import Company, Invitation, JoinRequest, Membership
from offers.companies.team import CompanyExists, TeamRefused
from tests.admin.staff import make_superuser
from tests.factories import make_company, make_invitation, make_member, make_offer, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_limits_have_the_documented_values():
    assert (team.MAX_PENDING, team.MAX_PER_DAY, team.MAX_WAITING, team.MAX_OWNED) == (50, 30, 5, 10)
    assert team.RESEND_AFTER.total_seconds() == 15 * 60
    assert team.NEW_REQUEST_AFTER.days == 30


# Owners may do everything; superusers only decide on join requests, as they may add members.
ACTORS = ("an owner", "a recruiter", "an owner of another company", "a user", "a superuser")
OPERATIONS = {
    "invite": lambda rows, by: team.invite(rows.company, by, "z@example.org", "recruiter"),
    "resend": lambda rows, by: team.resend(rows.company, by, rows.invitation.pk),
    "revoke": lambda rows, by: team.revoke(rows.company, by, rows.invitation.pk),
    "accept a request": lambda rows, by: team.decide_join_request(rows.company, by, rows.request.pk, True),
    "decline a request": lambda rows, by: team.decide_join_request(rows.company, by, rows.request.pk, False),
    "change a role": lambda rows, by: team.change_role(rows.company, by, rows.recruiter.pk, MemberRole.OWNER),
    "transfer": lambda rows, by: team.transfer(rows.company, by, rows.recruiter.pk),
    "remove": lambda rows, by: team.remove(rows.company, by, rows.recruiter.pk),
}


def stored_rows() -> list:
    models = (Membership, Invitation, JoinRequest)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operations_are_allowed_by_role(company, owner, operation):
    old = timezone.now() - timedelta(days=2)
    rows = SimpleNamespace(
        company=company,
        recruiter=make_member(company, role=MemberRole.RECRUITER),
        invitation=make_invitation(company, requested_at=old),
        request=JoinRequest.objects.create(company=company, user=make_user()),
    )
    users = [owner, rows.recruiter.user, make_member().user, make_user(), make_superuser()]
    before = stored_rows()
    for name, by in zip(ACTORS, users, strict=True):
        with transaction.atomic():
            try:
                OPERATIONS[operation](rows, by)
                done = True
            except TeamRefused:
                done = False
            expected = name == "an owner" or (name == "a superuser" and "request" in operation)
            assert done == expected, name
            assert (stored_rows() != before) == expected, name
            transaction.set_rollback(True)


def test_rows_of_another_company_are_refused(company, owner):
    other = make_member().company
    member = make_member(other, role=MemberRole.RECRUITER)
    invitation = Invitation.objects.create(company=other, email="a@example.org", requested_at=NOW - timedelta(days=2))
    request = JoinRequest.objects.create(company=other, user=make_user())
    before = stored_rows()
    for operation in (
        lambda: team.resend(company, owner, invitation.pk),
        lambda: team.revoke(company, owner, invitation.pk),
        lambda: team.decide_join_request(company, owner, request.pk, True),
        lambda: team.change_role(company, owner, member.pk, MemberRole.OWNER),
        lambda: team.transfer(company, owner, member.pk),
        lambda: team.remove(company, owner, member.pk),
    ):
        with pytest.raises(TeamRefused):
            operation()
    assert stored_rows() == before


def test_last_owner_cannot_leave_before_a_transfer(company, owner):
    membership, recruiter = company.memberships.get(), make_member(company, role=MemberRole.RECRUITER)
    for operation in (
        lambda: team.remove(company, owner, membership.pk),
        lambda: team.leave(company, owner),
        lambda: team.change_role(company, owner, membership.pk, MemberRole.RECRUITER),
        lambda: team.transfer(company, owner, membership.pk),
    ):
        with pytest.raises(TeamRefused):
            operation()
    team.transfer(company, owner, recruiter.pk)
    assert dict(company.memberships.values_list("user", "role")) == {owner.pk: "recruiter", recruiter.user_id: "owner"}
    team.leave(company, owner)
    with pytest.raises(TeamRefused):
        team.leave(company, owner)


@pytest.mark.parametrize(("minutes", "allowed"), [(14.9, False), (15.1, True)])
def test_invitation_is_resent_only_after_a_quarter_of_an_hour(company, owner, minutes, allowed):
    requested_at = timezone.now() - timedelta(minutes=minutes)
    invitation = Invitation.objects.create(company=company, email="a@example.org", requested_at=requested_at)
    if allowed:
        resent = team.resend(company, owner, invitation.pk)
        assert resent.requested_at > requested_at
    else:
        with pytest.raises(TeamRefused, match="quart d’heure"):
            team.resend(company, owner, invitation.pk)


@pytest.mark.parametrize(("hours", "allowed"), [(23.9, False), (24.1, True)])
def test_invitations_per_day_are_limited(company, owner, hours, allowed, monkeypatch):
    monkeypatch.setattr(team, "MAX_PER_DAY", 2)
    at = timezone.now() - timedelta(hours=hours)
    for index in range(2):
        # Revoked invitations count, because their mails have been sent.
        Invitation.objects.create(company=company, email=f"{index}@example.org", requested_at=at, revoked_at=at)
    Invitation.objects.create(company=make_company(), email="a@example.org")
    if allowed:
        team.invite(company, owner, "z@example.org", "recruiter")
    else:
        with pytest.raises(TeamRefused, match="par jour"):
            team.invite(company, owner, "z@example.org", "recruiter")


def test_pending_invitations_are_limited_and_unique(company, owner, monkeypatch):
    monkeypatch.setattr(team, "MAX_PENDING", 2)
    team.invite(company, owner, "a@example.org", "recruiter")
    team.invite(company, owner, "b@example.org", "recruiter")
    with pytest.raises(TeamRefused, match="attendent déjà"):
        team.invite(company, owner, "c@example.org", "recruiter")
    for taken in ("A@example.org", owner.email.upper()):
        with pytest.raises(TeamRefused, match="déjà"):
            team.invite(company, owner, taken, "recruiter")


@pytest.mark.parametrize(("seconds", "allowed"), [(-5, False), (5, True)])
def test_new_request_is_allowed_thirty_days_after_a_declined_one(company, seconds, allowed):
    user = make_user()
    decided_at = timezone.now() - timedelta(days=30, seconds=seconds)
    JoinRequest.objects.create(company=company, user=user, status=RequestStatus.DECLINED, decided_at=decided_at)
    if allowed:
        team.request_to_join(company, user)
    else:
        with pytest.raises(TeamRefused, match="moins d’un mois"):
            team.request_to_join(company, user)
    # The limit does not apply to another company or another user.
    team.request_to_join(make_company(), user)
    team.request_to_join(company, make_user())


def test_waiting_requests_and_owned_companies_are_limited(monkeypatch):
    monkeypatch.setattr(team, "MAX_WAITING", 2)
    monkeypatch.setattr(team, "MAX_OWNED", 2)
    user = make_user()
    companies = [make_offer().company for _ in range(3)]
    for company in companies[:2]:
        team.request_to_join(company, user)
    with pytest.raises(TeamRefused, match="attendent déjà"):
        team.request_to_join(companies[2], user)
    for name in ("Zinc", "Cobalt"):
        team.create_company(Company(name=name), user)
    with pytest.raises(TeamRefused, match="au plus par personne"):
        team.create_company(Company(name="Nickel"), user)
    make_offer(company=Company.objects.get(name="Zinc"))
    with pytest.raises(CompanyExists):
        team.create_company(Company(name="Zinc SAS"), make_user())


def test_only_an_open_invitation_is_accepted(company):
    now = timezone.now()
    for fields in ({"expires_at": now}, {"revoked_at": now}, {"accepted_at": now}):
        with pytest.raises(TeamRefused, match="plus valable"):
            team.accept(make_invitation(company, **fields), make_user())
    user = make_user()
    request = JoinRequest.objects.create(company=company, user=user)
    membership = team.accept(make_invitation(company, role=MemberRole.OWNER), user)
    request.refresh_from_db()
    assert (membership.role, request.status) == ("owner", "accepted")
    with pytest.raises(TeamRefused, match="déjà membre"):
        team.accept(make_invitation(company), user)
