"""The mails about the members of a company."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse

from jobboard.mail.kinds import Mail, absolute_url, mail_kind
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.models import Company, CompanyEvent, CompanyRevision, Invitation, JoinRequest
from offers.enums import RevisionStatus


@mail_kind("companies.invitation", "équipe, invitation")
def invitation(invitation: int) -> Mail | None:
    instance = Invitation.objects.open().select_related("company", "invited_by").filter(pk=invitation).first()
    if instance is None:
        return None
    url = reverse("companies:invitation", args=[instance.token])
    return _mail("invitation", [instance.email], url, invitation=instance, company=instance.company)


@mail_kind("companies.invitation_accepted", "équipe, invitation acceptée")
def invitation_accepted(invitation: int) -> Mail | None:
    queryset = Invitation.objects.filter(pk=invitation, accepted_by__isnull=False)
    row = queryset.select_related("company", "accepted_by").first()
    if row is None:
        return None
    owners = [address for address in _owners(row.company) if address != row.accepted_by.email]
    url = reverse("companies:members", args=[row.company.slug])
    return _mail("invitation_accepted", owners, url, invitation=row, company=row.company, person=row.accepted_by)


@mail_kind("companies.join_request", "équipe, demande d’accès")
def join_request(join_request: int) -> Mail | None:
    queryset = JoinRequest.objects.filter(pk=join_request, status=RequestStatus.WAITING)
    row = queryset.select_related("company", "user").first()
    if row is None:
        return None
    owners = _owners(row.company)
    if owners:
        url = reverse("companies:members", args=[row.company.slug])
    else:
        url = reverse("admin:companies_company_change", args=[row.company_id])
    to = owners or settings.TEAM_EMAILS
    return _mail("join_request", to, url, join_request=row, company=row.company, person=row.user)


@mail_kind("companies.join_decided", "équipe, réponse à une demande d’accès")
def join_decided(join_request: int) -> Mail | None:
    queryset = JoinRequest.objects.filter(pk=join_request).exclude(status=RequestStatus.WAITING)
    row = queryset.select_related("company", "user").first()
    if row is None:
        return None
    accepted = row.status == RequestStatus.ACCEPTED
    return _mail("join_decided", [row.user.email], reverse("posting:dashboard"), company=row.company, accepted=accepted)


@mail_kind("companies.removed", "équipe, accès retiré")
def removed(company: int, user: int) -> Mail | None:
    instance, member = Company.objects.filter(pk=company).first(), get_user_model().objects.filter(pk=user).first()
    if instance is None or member is None or instance.memberships.filter(user=member).exists():
        return None
    return _mail("removed", [member.email], f"{reverse('contact:form')}?sujet=compte", company=instance)


@mail_kind("companies.similar_owners", "entreprise proche inscrite, aux propriétaires")
def similar_owners(company: int, similar: int) -> Mail | None:
    pair = Company.objects.in_bulk([company, similar])
    if len(pair) < 2:
        return None
    url = reverse("companies:invitations", args=[pair[similar].slug])
    return _mail("similar_owners", _owners(pair[similar]), url, company=pair[similar], newcomer=pair[company])


@mail_kind("companies.similar_team", "entreprise proche inscrite, à l’équipe")
def similar_team(company: int, similar: int) -> Mail | None:
    pair = Company.objects.in_bulk([company, similar])
    if len(pair) < 2:
        return None
    url = reverse("admin:companies_company_change", args=[company])
    other = absolute_url(reverse("admin:companies_company_change", args=[similar]))
    context = {"company": pair[similar], "newcomer": pair[company], "other_url": other}
    return _mail("similar_team", settings.TEAM_EMAILS, url, **context)


@mail_kind("companies.revision_decided", "entreprise, décision sur un changement")
def revision_decided(revision: int) -> Mail | None:
    instance = CompanyRevision.objects.select_related("company", "by").filter(pk=revision).first()
    if instance is None or instance.decided_at is None:
        return None
    to = [instance.by.email] if instance.by else _owners(instance.company)
    url = reverse("posting:company", args=[instance.company.slug])
    accepted = instance.status == RevisionStatus.APPLIED
    return _mail("revision_decided", to, url, company=instance.company, accepted=accepted, reason=instance.reason)


@mail_kind("companies.renamed", "entreprise renommée, à l’équipe")
def renamed(event: int) -> Mail | None:
    instance = CompanyEvent.objects.select_related("company").filter(pk=event).first()
    if instance is None:
        return None
    url = reverse("admin:companies_company_change", args=[instance.company_id])
    return _mail("renamed", settings.TEAM_EMAILS, url, renaming=instance, company=instance.company)


def _owners(company) -> list[str]:
    owners = company.memberships.filter(role=MemberRole.OWNER, user__is_active=True)
    return list(owners.order_by("pk").values_list("user__email", flat=True))


def _mail(event: str, to: list[str], path: str, **context) -> Mail:
    return Mail(f"companies/mail/{event}", {**context, "url": absolute_url(path)}, to=to)
