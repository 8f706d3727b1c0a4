"""Personal data of company members, invitations and join requests."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from jobboard.accounts.personal import ACCOUNTS
from jobboard.privacy.activities import ProcessingActivity
from jobboard.privacy.registry import (
    OTHER_PERSON,
    OWN_ACCOUNT,
    ActionLogSource,
    ErasureRefused,
    PersonalDataSource,
    exempt_model,
    filter_by_account,
    format_period,
    register,
)
from offers.companies.enums import MemberRole
from offers.companies.models import Company, CompanyEvent, CompanyRevision, Invitation, JoinRequest, Membership
from offers.visibility import published_condition

# Unanswered invitations are deleted soon; accepted ones are memberships.
INVITATION_RETENTION_DAYS = 30
# After the answer.
JOIN_REQUEST_RETENTION_DAYS = 365

PUBLICATION = ProcessingActivity(
    title="Publication des offres et des pages d’entreprises",
    purposes="Savoir qui a demandé, modifié et relu chaque publication.",
    legal_basis="Obligation légale (Code du travail, articles L5331-3 et L5334-1\u00a0; article 6.1 c du RGPD).",
    people="Recruteurs, membres de l’équipe.",
)

exempt_model(
    "companies.Company",
    "a company and its logo; `verified_by` is set to NULL with the account",
)


@register(Membership, "Entreprises")
class MembershipDataSource(PersonalDataSource):
    activity = ACCOUNTS
    retention = "aussi longtemps que le compte ou l’entreprise existe"
    fields = ["company", "role", "created_at"]
    withheld = {"user": OWN_ACCOUNT}

    def get_queryset(self, person):
        return filter_by_account(Membership.objects.select_related("company"), person)

    def erasure_blockers(self, person):
        """Block the erasure of the only owner of a company that has other members or published offers."""
        return [
            f"Vous êtes la seule personne propriétaire de «\u00a0{company}\u00a0»\u00a0: transmettez d’abord ce rôle, "
            "ou retirez ses offres si vous y êtes sans collègue."
            for company in _left_without_owner(self.get_queryset(person))
        ]

    def erase(self, rows):
        with transaction.atomic():
            # Lock the companies: of the two last owners leaving at once, the second is refused.
            companies = Company.objects.filter(pk__in=rows.order_by().values("company"))
            list(companies.select_for_update().order_by("pk").values_list("pk"))
            if _left_without_owner(rows):
                raise ErasureRefused(["Une entreprise n’aurait plus de propriétaire. Rechargez la page."])
            return super().erase(rows)


def _left_without_owner(rows) -> list[Company]:
    """Return the companies that need an owner and whose only owners are among the memberships `rows`."""
    owner_memberships = list(rows.filter(role=MemberRole.OWNER).select_related("company"))
    companies = [membership.company_id for membership in owner_memberships]
    others = Membership.objects.filter(company__in=companies).exclude(
        pk__in=[membership.pk for membership in owner_memberships]
    )
    owned = set(others.filter(role=MemberRole.OWNER).values_list("company", flat=True))
    needed = {
        *others.values_list("company", flat=True),
        *Company.objects.filter(published_condition(prefix="offers__"), pk__in=companies).values_list("pk", flat=True),
    }
    return [membership.company for membership in owner_memberships if membership.company_id in needed - owned]


@register(Invitation, "Invitations dans une entreprise")
class InvitationDataSource(PersonalDataSource):
    activity = ACCOUNTS
    retention = f"{format_period(INVITATION_RETENTION_DAYS)} après la date où elles expirent"
    fields = ["company", "email", "role", "created_at", "expires_at", "accepted_at", "revoked_at"]
    withheld = {"invited_by": OTHER_PERSON, "accepted_by": OWN_ACCOUNT}

    def get_queryset(self, person):
        condition = Q(pk=None)
        if person.email:
            condition |= Q(email__iexact=person.email)
        if person.user:
            condition |= Q(accepted_by=person.user)
        return Invitation.objects.filter(condition).select_related("company")

    def past_retention(self, at):
        return Invitation.objects.filter(expires_at__lte=at - timedelta(days=INVITATION_RETENTION_DAYS))


@register(JoinRequest, "Demandes d’accès à une entreprise")
class JoinRequestDataSource(PersonalDataSource):
    activity = ACCOUNTS
    retention = f"{format_period(JOIN_REQUEST_RETENTION_DAYS)} après la réponse"
    fields = ["company", "message", "status", "created_at", "decided_at"]
    withheld = {"user": OWN_ACCOUNT, "decided_by": OTHER_PERSON}

    def get_queryset(self, person):
        return filter_by_account(JoinRequest.objects.select_related("company"), person)

    def past_retention(self, at):
        return JoinRequest.objects.filter(decided_at__lte=at - timedelta(days=JOIN_REQUEST_RETENTION_DAYS))


@register(CompanyEvent, "Décisions sur des entreprises")
class CompanyEventActions(ActionLogSource):
    activity = PUBLICATION
    retention = "aussi longtemps que l’entreprise\u00a0; sans le nom dès que le compte est supprimé"
    fields = ["company", "change", "at"]
    withheld = {"by": OWN_ACCOUNT, "former_name": "the name of a company"}


@register(CompanyRevision, "Changements proposés à des entreprises")
class CompanyRevisionActions(ActionLogSource):
    activity = PUBLICATION
    retention = "aussi longtemps que l’entreprise\u00a0; sans le nom dès que le compte est supprimé"
    fields = ["company", "status", "created_at", "justification", "reason"]
    withheld = {"by": OWN_ACCOUNT, "changes": "the public texts of a company"}
