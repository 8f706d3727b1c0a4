"""Who works for a company: the verbs, and who may do them.

Each holds the company's row for as long as it takes, so that of two people acting at once the second one sees what the
first has done: a company with members always has an owner, an invitation is accepted once, and whoever has just lost a
right cannot use it any more. Mails leave through the task queue, whose row is written with what they tell.
"""

import difflib
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.models import Company, Invitation, JoinRequest, Membership
from offers.companies.models.company import name_key
from offers.companies.models.joining import invitation_end

# Mails that one company may have sent to strangers.
MOST_PENDING = 50
MOST_A_DAY = 30
RESEND_AFTER = timedelta(minutes=15)
# How long somebody who was declined waits before asking again, and how many requests may wait at once.
ASK_AGAIN_AFTER = timedelta(days=30)
MOST_WAITING = 5
MOST_OWNED = 10


class TeamRefused(Exception):
    """What was asked for cannot be done (any more); the message says why, in French."""


class AlreadyThere(TeamRefused):
    """The company is registered; `company` may be asked for a place."""

    def __init__(self, company: Company):
        super().__init__("Cette entreprise est déjà inscrite.")
        self.company = company


def _hold(company_id: int) -> Company:
    return Company.objects.select_for_update().get(pk=company_id)


def _owner(company: Company, user) -> Membership:
    membership = company.memberships.filter(user=user, role=MemberRole.OWNER).first()
    if membership is None:
        raise TeamRefused("Seule une personne propriétaire de l’entreprise peut le faire.")
    return membership


def _keeps_an_owner(membership: Membership) -> None:
    others = Membership.objects.filter(company=membership.company_id, role=MemberRole.OWNER).exclude(pk=membership.pk)
    if membership.is_owner and not others.exists():
        raise TeamRefused(
            "Une entreprise garde au moins une personne propriétaire\u00a0: transmettez d’abord ce rôle à quelqu’un."
        )


def _member(company: Company, pk: int) -> Membership:
    membership = company.memberships.filter(pk=pk).select_related("user").first()
    if membership is None:
        raise TeamRefused("Cette personne ne fait plus partie de l’entreprise.")
    return membership


def _tell(event: str, *pks: int) -> None:
    name = "-".join(["team", event, *map(str, pks)])
    async_task("offers.companies.tasks.send_team_mail", event, *pks, task_name=name)


# A company comes to be -----------------------------------------------------------------------------------------------


def like(name: str, siret: str = "") -> Company | None:
    """The company that has this number, or one of nearly this name. It says nothing about people."""
    if siret and (company := Company.objects.filter(siret=siret).first()):
        return company
    key = name_key(name)
    if not key:
        return None
    near = Company.objects.filter(name_key__startswith=key[:4]).order_by("pk").only("name", "slug", "name_key", "siret")
    scored = [(difflib.SequenceMatcher(None, key, company.name_key).ratio(), company) for company in near[:200]]
    exact = Company.objects.filter(name_key=key).only("name", "slug", "name_key", "siret").first()
    best = max(scored, key=lambda pair: pair[0], default=(0, None))
    return exact or (best[1] if best[0] >= 0.9 else None)


def found(company: Company, user, another: bool = False) -> Company:
    """Register `company`, owned by `user`. `another` says that one of nearly its name is known to be another one."""
    with transaction.atomic():
        twin = like(company.name, company.siret)
        if twin and (not another or (company.siret and twin.siret == company.siret)):
            raise AlreadyThere(twin)
        if Company.objects.owned_by(user).count() >= MOST_OWNED:
            raise TeamRefused(f"{MOST_OWNED}\u00a0entreprises au plus par personne\u00a0: écrivez-nous.")
        try:
            with transaction.atomic():
                company.save()
        except IntegrityError:
            # Somebody else, at the same moment: the same number, or the same address on the site.
            twin = like(company.name, company.siret)
            if twin is None:
                raise
            raise AlreadyThere(twin) from None
        Membership.objects.create(company=company, user=user, role=MemberRole.OWNER)
    return company


# Invitations ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(company: Company, by, email: str, role: str) -> Invitation:
    """Send an invitation. What it says to `by` is the same whether or not the address has an account."""
    company = _hold(company.pk)
    _owner(company, by)
    email = email.strip().lower()
    if company.memberships.filter(user__email__iexact=email).exists():
        raise TeamRefused("Cette personne est déjà membre de l’entreprise.")
    pending = company.invitations.pending()
    if pending.filter(email=email).exists():
        raise TeamRefused("Cette adresse est déjà invitée\u00a0: l’invitation peut être envoyée à nouveau plus bas.")
    _count_mail(company)
    if pending.count() >= MOST_PENDING:
        raise TeamRefused(f"{MOST_PENDING}\u00a0invitations attendent déjà une réponse.")
    invitation = Invitation.objects.create(company=company, email=email, role=role, invited_by=by)
    _tell("invitation", invitation.pk)
    return invitation


def _count_mail(company: Company) -> None:
    day = timezone.now() - timedelta(days=1)
    if company.invitations.filter(asked_at__gt=day).count() >= MOST_A_DAY:
        raise TeamRefused(f"{MOST_A_DAY}\u00a0invitations par jour au plus\u00a0: les suivantes partiront demain.")


@transaction.atomic
def resend(company: Company, by, pk: int) -> Invitation:
    """Send an invitation again, and give it its whole time again; the link stays the same."""
    company = _hold(company.pk)
    _owner(company, by)
    invitation = _pending(company, pk)
    now = timezone.now()
    if invitation.asked_at > now - RESEND_AFTER:
        raise TeamRefused("Cette invitation vient de partir\u00a0: laissez-lui un quart d’heure.")
    _count_mail(company)
    invitation.asked_at, invitation.expires_at = now, invitation_end()
    invitation.save(update_fields=["asked_at", "expires_at"])
    _tell("invitation", invitation.pk)
    return invitation


@transaction.atomic
def revoke(company: Company, by, pk: int) -> Invitation:
    company = _hold(company.pk)
    _owner(company, by)
    invitation = _pending(company, pk)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


def _pending(company: Company, pk: int) -> Invitation:
    invitation = company.invitations.pending().filter(pk=pk).first()
    if invitation is None:
        raise TeamRefused("Cette invitation vient d’être acceptée ou annulée.")
    return invitation


@transaction.atomic
def accept(invitation: Invitation, user) -> Membership:
    """Join by an invitation, with whatever account its reader has: the link went to the address, and that is the proof.

    People are invited at addresses they do not sign in with. So the owners are told who has come, by which address.
    """
    company = _hold(invitation.company_id)
    invitation = company.invitations.get(pk=invitation.pk)
    now = timezone.now()
    if not invitation.is_open(now):
        raise TeamRefused("Cette invitation n’est plus valable.")
    if company.memberships.filter(user=user).exists():
        raise TeamRefused("Vous êtes déjà membre de cette entreprise.")
    membership = Membership.objects.create(company=company, user=user, role=invitation.role)
    invitation.accepted_at, invitation.accepted_by = now, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    # Asked as well as invited: there is nothing left to decide.
    company.join_requests.filter(user=user, status=RequestStatus.WAITING).update(
        status=RequestStatus.ACCEPTED, decided_at=now, decided_by=invitation.invited_by
    )
    _tell("invitation_accepted", invitation.pk)
    return membership


# Requests ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(company: Company, user, message: str = "") -> JoinRequest:
    """Ask for a place. Its owners are told, or the team of the site where it has none."""
    company = _hold(company.pk)
    if company.memberships.filter(user=user).exists():
        raise TeamRefused("Vous êtes déjà membre de cette entreprise.")
    mine = JoinRequest.objects.filter(user=user)
    if mine.filter(company=company, status=RequestStatus.WAITING).exists():
        raise TeamRefused("Votre demande est déjà en attente.")
    if mine.filter(
        company=company, status=RequestStatus.DECLINED, decided_at__gt=timezone.now() - ASK_AGAIN_AFTER
    ).exists():
        raise TeamRefused("Votre demande a été refusée il y a moins d’un mois.")
    if mine.filter(status=RequestStatus.WAITING).count() >= MOST_WAITING:
        raise TeamRefused(f"{MOST_WAITING}\u00a0de vos demandes attendent déjà une réponse.")
    request = JoinRequest.objects.create(company=company, user=user, message=message)
    _tell("join_request", request.pk)
    return request


@transaction.atomic
def decide(company: Company, by, pk: int, accepted: bool) -> JoinRequest:
    """Answer a request: an owner does, or staff who may manage members."""
    company = _hold(company.pk)
    if not by.has_perm("companies.add_membership"):
        _owner(company, by)
    request = company.join_requests.filter(pk=pk).select_related("user").first()
    if request is None or request.status != RequestStatus.WAITING:
        raise TeamRefused("Quelqu’un vient de répondre à cette demande.")
    request.status = RequestStatus.ACCEPTED if accepted else RequestStatus.DECLINED
    request.decided_at, request.decided_by = timezone.now(), by
    request.save(update_fields=["status", "decided_at", "decided_by"])
    if accepted:
        Membership.objects.get_or_create(company=company, user=request.user)
    _tell("join_decided", request.pk)
    return request


# Members -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def change_role(company: Company, by, pk: int, role: str) -> Membership:
    company = _hold(company.pk)
    _owner(company, by)
    membership = _member(company, pk)
    if role != MemberRole.OWNER:
        _keeps_an_owner(membership)
    membership.role = MemberRole(role)
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def transfer(company: Company, by, pk: int) -> Membership:
    """Make somebody else an owner in one's own place."""
    company = _hold(company.pk)
    mine = _owner(company, by)
    heir = _member(company, pk)
    if heir.pk == mine.pk:
        raise TeamRefused("Le rôle se transmet à quelqu’un d’autre.")
    heir.role, mine.role = MemberRole.OWNER, MemberRole.RECRUITER
    heir.save(update_fields=["role"])
    mine.save(update_fields=["role"])
    return heir


@transaction.atomic
def remove(company: Company, by, pk: int) -> Membership:
    company = _hold(company.pk)
    _owner(company, by)
    membership = _member(company, pk)
    _keeps_an_owner(membership)
    membership.delete()
    if membership.user_id != by.pk:
        _tell("removed", company.pk, membership.user_id)
    return membership


@transaction.atomic
def leave(company: Company, user) -> None:
    company = _hold(company.pk)
    membership = company.memberships.filter(user=user).first()
    if membership is None:
        raise TeamRefused("Vous ne faites plus partie de cette entreprise.")
    _keeps_an_owner(membership)
    membership.delete()
