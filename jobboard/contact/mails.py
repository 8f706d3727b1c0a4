"""The two mails of a lead: to the team, and to whoever sent it."""

from django.conf import settings
from django.urls import reverse

from jobboard.contact.models import Lead
from jobboard.mail.kinds import Mail, absolute_url, mail_kind


@mail_kind("contact.notification", "demande de recruteur, à l’équipe")
def notification(lead: int) -> Mail | None:
    found = Lead.objects.filter(pk=lead).first()
    if found is None:
        return None
    admin_url = absolute_url(reverse("admin:contact_lead_change", args=[lead]))
    return Mail(
        "contact/mail/notification",
        {"lead": found, "admin_url": admin_url},
        to=settings.TEAM_EMAILS,
        reply_to=[found.email],
    )


@mail_kind("contact.acknowledgement", "demande de recruteur, accusé de réception")
def acknowledgement(lead: int) -> Mail | None:
    found = Lead.objects.filter(pk=lead).first()
    return found and Mail(
        "contact/mail/acknowledgement",
        to=[found.email],
        reply_to=settings.TEAM_EMAILS[:1],
        headers={"Auto-Submitted": "auto-replied"},
    )
