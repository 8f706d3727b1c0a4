"""An invitation ends with the right of its sender to invite, however it was lost."""

import pytest
from django.test import Client
from django.urls import reverse

from offers.companies import team
from offers.companies.enums import MemberRole
from offers.companies.models import Company, Invitation, Membership
from offers.companies.team import TeamRefused
from tests.companies.test_team import deliver_mails, logged_in_client
from tests.factories import make_company, make_invitation, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return make_company(name="Ateliers")


@pytest.fixture
def owner(company):
    return make_member(company).user


@pytest.fixture
def sender(company, owner):
    return make_member(company)


def deactivate(user):
    user.is_active = False
    user.save()


# Each takes the company, another owner, and the membership of the sender.
LOSSES = {
    "removed by another owner": lambda company, owner, sender: team.remove(company, owner, sender.pk),
    "demoted by another owner": lambda company, owner, sender: team.change_role(
        company, owner, sender.pk, MemberRole.RECRUITER
    ),
    "demoted themselves": lambda company, owner, sender: team.change_role(
        company, sender.user, sender.pk, MemberRole.RECRUITER
    ),
    "transferred the role": lambda company, owner, sender: team.transfer(
        company, sender.user, make_member(company, role=MemberRole.RECRUITER).pk
    ),
    "left": lambda company, owner, sender: team.leave(company, sender.user),
    "membership deleted in the admin": lambda company, owner, sender: sender.delete(),
    "memberships deleted by SQL": lambda company, owner, sender: Membership.objects.filter(pk=sender.pk).delete(),
    "role changed by SQL": lambda company, owner, sender: Membership.objects.filter(pk=sender.pk).update(
        role=MemberRole.RECRUITER
    ),
    "account deactivated": lambda company, owner, sender: deactivate(sender.user),
    "account deleted": lambda company, owner, sender: sender.user.delete(),
}
# After these, the sender has the right still.
CHANGES = {
    "another owner left": lambda company, owner, sender: team.leave(company, owner),
    "another owner demoted": lambda company, owner, sender: team.change_role(
        company, sender.user, company.memberships.get(user=owner).pk, MemberRole.RECRUITER
    ),
    "a recruiter removed": lambda company, owner, sender: team.remove(
        company, owner, make_member(company, role=MemberRole.RECRUITER).pk
    ),
    "removed from another company": lambda company, owner, sender: make_member(user=sender.user).delete(),
    "made owner again": lambda company, owner, sender: team.change_role(company, owner, sender.pk, MemberRole.OWNER),
}


def link(invitation) -> str:
    return reverse("companies:invitation", args=[invitation.token])


@pytest.mark.parametrize("role", MemberRole.values)
@pytest.mark.parametrize("loss", LOSSES)
def test_invitation_ends_with_the_right_to_invite(company, owner, sender, loss, role):
    invitation = team.invite(company, sender.user, "zoe@example.org", role)
    assert Client().get(link(invitation)).status_code == 200
    LOSSES[loss](company, owner, sender)
    # The mail that waited is not sent.
    assert [message.to for message in deliver_mails() if message.to == ["zoe@example.org"]] == []
    zoe = make_user()
    assert Client().get(link(invitation)).status_code == 410
    assert logged_in_client(zoe).post(link(invitation)).status_code == 410
    with pytest.raises(TeamRefused, match="plus valable"):
        team.accept(invitation, zoe)
    assert not company.memberships.filter(user=zoe).exists()
    assert "plus valable" in Client().get(link(invitation)).content.decode()


@pytest.mark.parametrize("change", CHANGES)
def test_invitation_outlives_other_changes_of_the_team(company, owner, sender, change):
    invitation = team.invite(company, sender.user, "zoe@example.org", "recruiter")
    CHANGES[change](company, owner, sender)
    zoe = make_user()
    logged_in_client(zoe).post(link(invitation))
    assert company.memberships.get(user=zoe).role == MemberRole.RECRUITER


def test_another_owner_sees_that_it_has_ended_and_sends_it_again(company, owner, sender, clock_of_invitations):
    invitation = team.invite(company, sender.user, "zoe@example.org", "recruiter")
    team.remove(company, owner, sender.pk)
    client = logged_in_client(owner)
    page = reverse("companies:invitations", args=[company.slug])
    assert "Plus valable" in client.get(page).content.decode()
    clock_of_invitations(invitation)
    client.post(reverse("companies:invitation_resend", args=[company.slug, invitation.pk]))
    invitation.refresh_from_db()
    assert invitation.invited_by == owner
    assert "Plus valable" not in client.get(page).content.decode()
    assert Client().get(link(invitation)).status_code == 200


@pytest.fixture
def clock_of_invitations():
    """Return a function that dates an invitation back, so that it can be sent again."""

    def date_back(invitation):
        at = invitation.requested_at - team.RESEND_AFTER * 2
        Invitation.objects.filter(pk=invitation.pk).update(requested_at=at)

    return date_back


def test_invitation_of_a_removed_company_is_not_found(company, owner):
    invitation = team.invite(company, owner, "zoe@example.org", "recruiter")
    stale = Invitation.objects.select_related("company").get(pk=invitation.pk)
    company.delete()
    zoe = make_user()
    assert Client().get(link(invitation)).status_code == 404
    assert logged_in_client(zoe).post(link(invitation)).status_code == 404
    # The company was deleted after the view had loaded the invitation.
    with pytest.raises(TeamRefused, match="plus inscrite"):
        team.accept(stale, zoe)
    assert deliver_mails() == []
    assert not Membership.objects.filter(user=zoe).exists()


@pytest.mark.parametrize("operation", [team.invite, team.resend, team.revoke, team.remove, team.leave])
def test_operations_on_a_removed_company_are_refused(company, owner, operation):
    stale = Company.objects.get(pk=company.pk)
    company.delete()
    arguments = {
        team.invite: (owner, "zoe@example.org", "recruiter"),
        team.leave: (owner,),
    }.get(operation, (owner, 1))
    with pytest.raises(TeamRefused, match="plus inscrite"):
        operation(stale, *arguments)


def test_invitation_without_a_sender_is_not_open(company, owner):
    invitation = make_invitation(company, invited_by=None)
    assert Client().get(link(invitation)).status_code == 410
