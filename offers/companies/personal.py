"""Personal data of company members, invitations and join requests."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from jobboard.privacy.registry import (
    SOMEBODY_ELSE,
    WHO_ASKED,
    ActsOfAccount,
    ErasureRefused,
    Part,
    by_account,
    exempt,
    register,
)
from offers.companies.enums import MemberRole
from offers.companies.models import Company, CompanyEvent, Invitation, JoinRequest, Membership
from offers.visibility import published_condition

# Who never answered an invitation is soon forgotten; who did is a member.
KEPT_DAYS = 30

exempt(
    "companies.Company",
    "a company and its logo; who verified it is an act of the team that an erased account leaves",
)


@register(Membership, "Entreprises")
class Memberships(Part):
    retention = "aussi longtemps que le compte ou l’entreprise existe"
    fields = ["company", "role", "created_at"]
    withheld = {"user": WHO_ASKED}

    def of(self, person):
        return by_account(Membership.objects.select_related("company"), person)

    def obstacles(self, person):
        """A company that others work for, or that has offers online, is not left without an owner."""
        return [
            f"Vous êtes la seule personne propriétaire de «\u00a0{company}\u00a0»\u00a0: transmettez d’abord ce rôle, "
            "ou retirez ses offres si vous y êtes sans collègue."
            for company in _left_without_an_owner(self.of(person))
        ]

    def erase(self, rows):
        with transaction.atomic():
            # Whoever else leaves the company meanwhile waits here: of its two last owners, one is told.
            companies = Company.objects.filter(pk__in=rows.order_by().values("company"))
            list(companies.select_for_update().order_by("pk").values_list("pk"))
            if _left_without_an_owner(rows):
                raise ErasureRefused(["Une entreprise n’aurait plus de propriétaire. Rechargez la page."])
            return super().erase(rows)


def _left_without_an_owner(rows) -> list[Company]:
    """The companies that need an owner and whose only one is among these memberships."""
    mine = list(rows.filter(role=MemberRole.OWNER).select_related("company"))
    companies = [membership.company_id for membership in mine]
    others = Membership.objects.filter(company__in=companies).exclude(pk__in=[membership.pk for membership in mine])
    owned = set(others.filter(role=MemberRole.OWNER).values_list("company", flat=True))
    needed = {
        *others.values_list("company", flat=True),
        *Company.objects.filter(published_condition(prefix="offers__"), pk__in=companies).values_list("pk", flat=True),
    }
    return [membership.company for membership in mine if membership.company_id in needed - owned]


@register(Invitation, "Invitations dans une entreprise")
class Invitations(Part):
    retention = f"{KEPT_DAYS} jours après la date où elles expirent"
    fields = ["company", "email", "role", "created_at", "expires_at", "accepted_at", "revoked_at"]
    withheld = {"invited_by": SOMEBODY_ELSE, "accepted_by": WHO_ASKED}

    def of(self, person):
        found = Q(pk=None)
        if person.email:
            found |= Q(email__iexact=person.email)
        if person.user:
            found |= Q(accepted_by=person.user)
        return Invitation.objects.filter(found).select_related("company")

    def overdue(self, at):
        return Invitation.objects.filter(expires_at__lte=at - timedelta(days=KEPT_DAYS))


@register(JoinRequest, "Demandes d’accès à une entreprise")
class JoinRequests(Part):
    retention = "un an après la réponse"
    fields = ["company", "message", "status", "created_at", "decided_at"]
    withheld = {"user": WHO_ASKED, "decided_by": SOMEBODY_ELSE}

    def of(self, person):
        return by_account(JoinRequest.objects.select_related("company"), person)

    def overdue(self, at):
        return JoinRequest.objects.filter(decided_at__lte=at - timedelta(days=365))


@register(CompanyEvent, "Décisions sur des entreprises")
class CompanyDecisions(ActsOfAccount):
    retention = "aussi longtemps que l’entreprise\u00a0; sans le nom dès que le compte est supprimé"
    fields = ["company", "change", "at"]
    withheld = {"by": WHO_ASKED}
