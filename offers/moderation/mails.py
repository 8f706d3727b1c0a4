"""Mails about decisions on offers, to their company; about reports of offers; and to moderators about their backlog."""

from django.conf import settings
from django.urls import reverse

from jobboard.mail.kinds import Mail, absolute_url, mail_kind
from jobboard.mail.outbox import queue_mail
from offers.companies.enums import MemberRole
from offers.enums import OfferStatus
from offers.models import OfferEvent
from offers.moderation.backlog import read_backlog
from offers.moderation.models import Report
from offers.moderation.notices import KIND, moderators

# The template of each verb.
EVENTS = {
    "publish": "published",
    "return_": "returned",
    "remove": "removed",
    "accept": "accepted",
    "decline": "declined",
}


@mail_kind("moderation.decision", "offre, décision de la modération")
def decision(event: int) -> Mail | None:
    instance = (
        OfferEvent.objects.filter(pk=event, verb__in=EVENTS).select_related("offer__company", "requested_by").first()
    )
    if instance is None:
        return None
    offer = instance.offer
    # A published offer can be returned for what was never submitted, such as a report.
    is_answer = instance.before == OfferStatus.SUBMITTED or instance.verb in ("accept", "decline")
    submission = offer.events.submissions().filter(pk__lt=instance.pk).first() if is_answer else None
    page = offer.get_absolute_url() if offer.was_published() and not offer.is_gone() else reverse("posting:dashboard")
    return Mail(
        f"moderation/mail/offer_{EVENTS[instance.verb]}",
        {
            "offer": offer,
            "event": instance,
            "url": absolute_url(page),
            "justification": submission.justification if submission else "",
        },
        to=responsible_emails(offer, instance),
        # Recipients contest a decision by answering the mail.
        reply_to=settings.TEAM_EMAILS[:1],
    )


def responsible_emails(offer, event=None) -> list[str]:
    """Return the e-mail address of the member who requested the publication, or else those of the owners."""
    company = offer.company
    if company is None:
        return []
    members = company.memberships.filter(user__is_active=True).order_by("pk")
    request_event = event if event and event.requested_at else offer.events.publication_requests().first()
    requesters = (
        members.filter(user=request_event.requested_by)
        if request_event and request_event.requested_by
        else members.none()
    )
    recipients = requesters or members.filter(role=MemberRole.OWNER)
    return list(recipients.values_list("user__email", flat=True))


# To moderators


@mail_kind(KIND, "modération, ce qui attend")
def moderation_reminder(user: int | None) -> Mail | None:
    """Render the backlog when the mail is sent; cancel the mail if it is empty, or if the user is no moderator now."""
    items = read_backlog() if settings.MODERATION_MAILS != "off" else []
    if not items:
        return None
    lines = [(f"{each.count}\u00a0{each.label}", absolute_url(each.url)) for each in items]
    to = settings.TEAM_EMAILS if user is None else list(moderators().filter(pk=user).values_list("email", flat=True))
    return Mail("moderation/mail/reminder", {"lines": lines, "count": sum(each.count for each in items)}, to=to)


# Reports


def queue_report_mail(event: str, report: Report) -> None:
    """Queue a mail about a report. Idempotent. Call it in the transaction that changes the report."""
    if event in {"receipt", "decision"} and not report.email:
        return
    queue_mail(f"moderation.report_{event}", report.pk, report=report.pk)


@mail_kind("moderation.report_receipt", "signalement, accusé de réception")
def report_receipt(report: int) -> Mail | None:
    return _to_reporter("receipt", report)


@mail_kind("moderation.report_arrival", "signalement, annonce à l’équipe")
def report_arrival(report: int) -> Mail | None:
    instance = _report(report)
    return instance and _report_mail("arrival", instance, settings.TEAM_EMAILS)


@mail_kind("moderation.report_decision", "signalement, décision")
def report_decision(report: int) -> Mail | None:
    return _to_reporter("decision", report)


@mail_kind("moderation.report_cleared", "signalement, rien à corriger, à l’entreprise")
def report_cleared(report: int) -> Mail | None:
    instance = _report(report)
    return instance and _report_mail("cleared", instance, responsible_emails(instance.offer))


def _report(pk: int) -> Report | None:
    return Report.objects.select_related("offer__company").filter(pk=pk).first()


def _to_reporter(event: str, pk: int) -> Mail | None:
    instance = _report(pk)
    return _report_mail(event, instance, [instance.email]) if instance and instance.email else None


def _report_mail(event: str, report: Report, to: list[str]) -> Mail:
    context = {
        "report": report,
        "offer": report.offer,
        "site_email": settings.SITE_IDENTITY["email"],
        "offer_url": absolute_url(report.offer.get_absolute_url()),
        "admin_url": absolute_url(reverse("admin:moderation_report_change", args=[report.pk])),
    }
    return Mail(f"moderation/mail/report_{event}", context, to=to, reply_to=settings.TEAM_EMAILS[:1])
