"""The mails about who works for a company. A task may run twice: what has left is stamped, or bears the same number."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from jobboard.text.lines import in_one_line
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.models import Company, Invitation, JoinRequest


class MailNotSent(Exception):
    """Only the kind of error: its own text repeats addresses, and the queue keeps it for people to read."""


def send(event: str, *pks: int) -> None:
    """Send the mail `event`; nothing where it has left already, or what it tells is no longer so."""
    {
        "invitation": _invitation,
        "invitation_accepted": _invitation_accepted,
        "join_request": _join_request,
        "join_decided": _join_decided,
        "removed": _removed,
    }[event](*pks)


def _invitation(pk):
    invitation = Invitation.objects.open().select_related("company", "invited_by").filter(pk=pk).first()
    if invitation is None or (invitation.sent_at and invitation.sent_at >= invitation.asked_at):
        return
    url = reverse("companies:invitation", args=[invitation.token])
    number = f"{pk}-{int(invitation.asked_at.timestamp())}"
    _send("invitation", number, [invitation.email], {"invitation": invitation, "company": invitation.company}, url)
    Invitation.objects.filter(pk=pk).update(sent_at=timezone.now())


def _invitation_accepted(pk):
    found = Invitation.objects.filter(pk=pk, owners_told_at=None, accepted_by__isnull=False)
    invitation = found.select_related("company", "accepted_by").first()
    if invitation is None:
        return
    company = invitation.company
    owners = [address for address in _owners(company) if address != invitation.accepted_by.email]
    if owners:
        url = reverse("companies:members", args=[company.slug])
        context = {"invitation": invitation, "company": company, "person": invitation.accepted_by}
        _send("invitation_accepted", pk, owners, context, url)
    found.update(owners_told_at=timezone.now())


def _join_request(pk):
    found = JoinRequest.objects.filter(pk=pk, owners_told_at=None, status=RequestStatus.WAITING)
    request = found.select_related("company", "user").first()
    if request is None:
        return
    owners = _owners(request.company)
    if owners:
        url = reverse("companies:members", args=[request.company.slug])
    else:
        url = reverse("admin:companies_company_change", args=[request.company_id])
    context = {"join_request": request, "company": request.company, "person": request.user}
    _send("join_request", pk, owners or settings.TEAM_EMAILS, context, url)
    found.update(owners_told_at=timezone.now())


def _join_decided(pk):
    found = JoinRequest.objects.filter(pk=pk, person_told_at=None).exclude(status=RequestStatus.WAITING)
    request = found.select_related("company", "user").first()
    if request is None:
        return
    accepted = request.status == RequestStatus.ACCEPTED
    context = {"company": request.company, "accepted": accepted}
    _send("join_decided", pk, [request.user.email], context, reverse("posting:dashboard"))
    found.update(person_told_at=timezone.now())


def _removed(company, user):
    company, user = Company.objects.filter(pk=company).first(), get_user_model().objects.filter(pk=user).first()
    if company and user and not company.memberships.filter(user=user).exists():
        _send("removed", f"{company.pk}-{user.pk}", [user.email], {"company": company}, reverse("contact:form"))


def _owners(company) -> list[str]:
    owners = company.memberships.filter(role=MemberRole.OWNER, user__is_active=True)
    return list(owners.order_by("pk").values_list("user__email", flat=True))


def _send(event, number, to, context, url):
    context |= {"site_name": settings.SITE_NAME, "url": settings.SITE_URL + url}
    message = EmailMessage(
        subject=in_one_line(render_to_string(f"companies/mail/{event}_subject.txt", context)),
        body=render_to_string(f"companies/mail/{event}_body.txt", context),
        to=to,
        headers={
            "Message-ID": f"<team-{event}-{number}@{urlsplit(settings.SITE_URL).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotSent(f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()) from None
