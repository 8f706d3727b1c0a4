"""The two mails of a contact request: a notification to the team, an acknowledgement to the sender."""

from django.conf import settings
from django.urls import reverse

from jobboard.contact.models import Lead
from jobboard.mail.kinds import Mail, absolute_url, mail_kind


@mail_kind("contact.notification", "demande de contact, à l’équipe")
def notification(lead: int) -> Mail | None:
    instance = Lead.objects.filter(pk=lead).first()
    if instance is None:
        return None
    admin_url = absolute_url(reverse("admin:contact_lead_change", args=[lead]))
    return Mail(
        "contact/mail/notification",
        {"lead": instance, "admin_url": admin_url},
        to=settings.TEAM_EMAILS,
        reply_to=[instance.email],
    )


@mail_kind("contact.acknowledgement", "demande de contact, accusé de réception")
def acknowledgement(lead: int) -> Mail | None:
    instance = Lead.objects.filter(pk=lead).first()
    return instance and Mail(
        "contact/mail/acknowledgement",
        {"is_from_recruiter": instance.is_from_recruiter},
        to=[instance.email],
        reply_to=settings.TEAM_EMAILS[:1],
        headers={"Auto-Submitted": "auto-replied"},
    )
