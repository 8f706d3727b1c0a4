"""Create companies, and manage their members, invitations and join requests, with permission checks.

Each function locks the company's row, so that concurrent calls are serialized: a company with members always has an
owner, an invitation is accepted once, and permissions are checked against the current state. Mails are queued in the
same transaction.
"""

import difflib
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from jobboard.contact.models import Sender
from jobboard.mail.outbox import queue_mail
from jobboard.text.emails import clean_email
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.models import Company, Invitation, JoinRequest, Membership
from offers.companies.models.company import lock_companies, name_key
from offers.companies.models.joining import invitation_end

# Limits of pending and daily invitations per company, against spam.
MAX_PENDING = 50
MAX_PER_DAY = 30
RESEND_AFTER = timedelta(minutes=15)
# Delay before a new request after a refusal, and limits of waiting requests and owned companies per user.
NEW_REQUEST_AFTER = timedelta(days=30)
MAX_WAITING = 5
MAX_OWNED = 10
# Questions per hour that could tell whether a company is registered: registrations and requests to join.
MAX_PROBES = 10
MAX_PROBES_OF_NETWORK = 30


class TeamRefused(Exception):
    """The operation is not possible or not allowed. The message is in French, for users."""


class CompanyExists(TeamRefused):
    """`company` is registered already; the user can request to join it."""

    def __init__(self, company: Company):
        super().__init__("Cette entreprise est déjà inscrite.")
        self.company = company


def _lock_company(company_id: int) -> Company:
    company = Company.objects.select_for_update().filter(pk=company_id).first()
    if company is None:
        raise TeamRefused("Cette entreprise n’est plus inscrite.")
    return company


def _require_owner(company: Company, user) -> Membership:
    membership = company.memberships.filter(user=user, role=MemberRole.OWNER).first()
    if membership is None:
        raise TeamRefused("Seule une personne propriétaire de l’entreprise peut le faire.")
    return membership


def _require_other_owner(membership: Membership) -> None:
    others = Membership.objects.filter(company=membership.company_id, role=MemberRole.OWNER).exclude(pk=membership.pk)
    if membership.is_owner and not others.exists():
        raise TeamRefused(
            "Une entreprise garde au moins une personne propriétaire\u00a0: transmettez d’abord ce rôle à quelqu’un."
        )


def _get_membership(company: Company, pk: int) -> Membership:
    membership = company.memberships.filter(pk=pk).select_related("user").first()
    if membership is None:
        raise TeamRefused("Cette personne ne fait plus partie de l’entreprise.")
    return membership


# Creation -----------------------------------------------------------------------------------------------


def find_similar(name: str, siret: str, companies) -> Company | None:
    """Return the company with this SIRET, else the one with the most similar name (at least 90 %), or None.

    `companies` is the queryset to search.
    """
    if siret and (company := companies.filter(siret=siret).first()):
        return company
    key = name_key(name)
    if not key:
        return None
    companies = companies.order_by("pk").only("name", "slug", "name_key", "siret")
    candidates = companies.filter(name_key__startswith=key[:4])
    scored = [(difflib.SequenceMatcher(None, key, company.name_key).ratio(), company) for company in candidates[:200]]
    exact = companies.filter(name_key=key).first()
    best = max(scored, key=lambda pair: pair[0], default=(0, None))
    return exact or (best[1] if best[0] >= 0.9 else None)


def known_companies(user):
    """Return the companies that `user` may know to be registered: those with a public page, and their own."""
    return Company.objects.filter(Q(pk__in=Company.objects.public()) | Q(pk__in=Company.objects.for_member(user)))


def count_probe(user, network: str) -> None:
    """Count a question about registered companies, or raise RateLimitExceeded."""
    Sender.objects.count_message(str(user.pk), purpose="company.account", limit=MAX_PROBES)
    Sender.objects.count_message(network, purpose="company.network", limit=MAX_PROBES_OF_NETWORK)


def create_company(company: Company, user, allow_similar: bool = False) -> Company:
    """Save `company` with `user` as its owner. Raises CompanyExists, or TeamRefused.

    `allow_similar`: the user has confirmed that it is not the existing company with a similar name. Only companies that
    the user may know are named: otherwise the company is created, and its owners and the team learn about the similar
    one.
    """
    with transaction.atomic():
        lock_companies()
        known = find_similar(company.name, company.siret, known_companies(user))
        if known and (not allow_similar or (company.siret and known.siret == company.siret)):
            raise CompanyExists(known)
        if Company.objects.owned_by(user).count() >= MAX_OWNED:
            raise TeamRefused(f"{MAX_OWNED}\u00a0entreprises au plus par personne\u00a0: écrivez-nous.")
        company.set_unguessable_slug()
        company.save()
        Membership.objects.create(company=company, user=user, role=MemberRole.OWNER)
        similar = find_similar(company.name, company.siret, Company.objects.exclude(pk=company.pk))
        if similar:
            for recipients in ("owners", "team"):
                queue_mail(f"companies.similar_{recipients}", company.pk, company=company.pk, similar=similar.pk)
    return company


# Invitations ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(company: Company, by, email: str, role: str) -> Invitation:
    """Send an invitation. The result does not reveal whether the e-mail address has an account."""
    company = _lock_company(company.pk)
    _require_owner(company, by)
    email = clean_email(email).lower()
    if company.memberships.filter(user__email__iexact=email).exists():
        raise TeamRefused("Cette personne est déjà membre de l’entreprise.")
    pending = company.invitations.pending()
    if pending.filter(email=email).exists():
        raise TeamRefused("Cette adresse est déjà invitée\u00a0: l’invitation peut être envoyée à nouveau plus bas.")
    _check_daily_limit(company)
    if pending.count() >= MAX_PENDING:
        raise TeamRefused(f"{MAX_PENDING}\u00a0invitations attendent déjà une réponse.")
    invitation = Invitation.objects.create(company=company, email=email, role=role, invited_by=by)
    _queue_invitation(invitation)
    return invitation


def _check_daily_limit(company: Company) -> None:
    since = timezone.now() - timedelta(days=1)
    if company.invitations.filter(requested_at__gt=since).count() >= MAX_PER_DAY:
        raise TeamRefused(f"{MAX_PER_DAY}\u00a0invitations par jour au plus\u00a0: les suivantes partiront demain.")


@transaction.atomic
def resend(company: Company, by, pk: int) -> Invitation:
    """Send an invitation again with the same link, in the name of `by`, and extend its expiry date."""
    company = _lock_company(company.pk)
    _require_owner(company, by)
    invitation = _get_pending_invitation(company, pk)
    now = timezone.now()
    if invitation.requested_at > now - RESEND_AFTER:
        raise TeamRefused("Cette invitation vient de partir\u00a0: laissez-lui un quart d’heure.")
    _check_daily_limit(company)
    invitation.invited_by, invitation.requested_at, invitation.expires_at = by, now, invitation_end()
    invitation.save(update_fields=["invited_by", "requested_at", "expires_at"])
    _queue_invitation(invitation)
    return invitation


def _queue_invitation(invitation: Invitation) -> None:
    key = f"{invitation.pk}-{invitation.requested_at:%Y%m%d%H%M%S%f}"
    queue_mail("companies.invitation", key, invitation=invitation.pk)


@transaction.atomic
def revoke(company: Company, by, pk: int) -> Invitation:
    company = _lock_company(company.pk)
    _require_owner(company, by)
    invitation = _get_pending_invitation(company, pk)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


def _get_pending_invitation(company: Company, pk: int) -> Invitation:
    invitation = company.invitations.pending().filter(pk=pk).first()
    if invitation is None:
        raise TeamRefused("Cette invitation vient d’être acceptée ou annulée.")
    return invitation


@transaction.atomic
def accept(invitation: Invitation, user) -> Membership:
    """Accept an invitation as `user`, whose e-mail address may differ from the invited one.

    The link proves access to the invited address. The owners are notified of the account.
    """
    company = _lock_company(invitation.company_id)
    now = timezone.now()
    invitation = company.invitations.open(now).filter(pk=invitation.pk).first()
    if invitation is None:
        raise TeamRefused("Cette invitation n’est plus valable.")
    if company.memberships.filter(user=user).exists():
        raise TeamRefused("Vous êtes déjà membre de cette entreprise.")
    membership = Membership.objects.create(company=company, user=user, role=invitation.role)
    invitation.accepted_at, invitation.accepted_by = now, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    # A waiting request of the same user is accepted with the invitation.
    company.join_requests.filter(user=user, status=RequestStatus.WAITING).update(
        status=RequestStatus.ACCEPTED, decided_at=now, decided_by=invitation.invited_by
    )
    queue_mail("companies.invitation_accepted", invitation.pk, invitation=invitation.pk)
    return membership


# Join requests -------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_to_join(company: Company, user, message: str = "") -> JoinRequest:
    """Create a join request. The owners are notified, or the staff if the company has none."""
    company = _lock_company(company.pk)
    if company.memberships.filter(user=user).exists():
        raise TeamRefused("Vous êtes déjà membre de cette entreprise.")
    requests = JoinRequest.objects.filter(user=user)
    if requests.filter(company=company, status=RequestStatus.WAITING).exists():
        raise TeamRefused("Votre demande est déjà en attente.")
    if requests.filter(
        company=company, status=RequestStatus.DECLINED, decided_at__gt=timezone.now() - NEW_REQUEST_AFTER
    ).exists():
        raise TeamRefused("Votre demande a été refusée il y a moins d’un mois.")
    # Requests to companies without a public page do not count: the refusal would tell that they are registered.
    waiting = requests.filter(status=RequestStatus.WAITING, company__in=Company.objects.public())
    if waiting.count() >= MAX_WAITING:
        raise TeamRefused(f"{MAX_WAITING}\u00a0de vos demandes attendent déjà une réponse.")
    join_request = JoinRequest.objects.create(company=company, user=user, message=message)
    queue_mail("companies.join_request", join_request.pk, join_request=join_request.pk)
    return join_request


@transaction.atomic
def decide_join_request(company: Company, by, pk: int, accepted: bool) -> JoinRequest:
    """Accept or decline a join request, as an owner or as staff with the permission to add members."""
    company = _lock_company(company.pk)
    if not by.has_perm("companies.add_membership"):
        _require_owner(company, by)
    request = company.join_requests.filter(pk=pk).select_related("user").first()
    if request is None or request.status != RequestStatus.WAITING:
        raise TeamRefused("Quelqu’un vient de répondre à cette demande.")
    request.status = RequestStatus.ACCEPTED if accepted else RequestStatus.DECLINED
    request.decided_at, request.decided_by = timezone.now(), by
    request.save(update_fields=["status", "decided_at", "decided_by"])
    if accepted:
        Membership.objects.get_or_create(company=company, user=request.user)
    queue_mail("companies.join_decided", request.pk, join_request=request.pk)
    return request


# Members -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def change_role(company: Company, by, pk: int, role: str) -> Membership:
    company = _lock_company(company.pk)
    _require_owner(company, by)
    membership = _get_membership(company, pk)
    if role != MemberRole.OWNER:
        _require_other_owner(membership)
    membership.role = MemberRole(role)
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def transfer(company: Company, by, pk: int) -> Membership:
    """Make another member the owner, and `by` a recruiter, whose pending invitations end."""
    company = _lock_company(company.pk)
    former_owner = _require_owner(company, by)
    new_owner = _get_membership(company, pk)
    if new_owner.pk == former_owner.pk:
        raise TeamRefused("Le rôle se transmet à quelqu’un d’autre.")
    new_owner.role, former_owner.role = MemberRole.OWNER, MemberRole.RECRUITER
    new_owner.save(update_fields=["role"])
    former_owner.save(update_fields=["role"])
    return new_owner


@transaction.atomic
def remove(company: Company, by, pk: int) -> Membership:
    company = _lock_company(company.pk)
    _require_owner(company, by)
    membership = _get_membership(company, pk)
    _require_other_owner(membership)
    membership.delete()
    if membership.user_id != by.pk:
        queue_mail("companies.removed", pk, company=company.pk, user=membership.user_id)
    return membership


@transaction.atomic
def leave(company: Company, user) -> None:
    company = _lock_company(company.pk)
    membership = company.memberships.filter(user=user).first()
    if membership is None:
        raise TeamRefused("Vous ne faites plus partie de cette entreprise.")
    _require_other_owner(membership)
    membership.delete()
