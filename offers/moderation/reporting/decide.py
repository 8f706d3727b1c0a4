"""Decide on the reports of an offer, with its transition and the mails, in one transaction."""

from django.db import transaction
from django.utils import timezone

from offers.models import Offer
from offers.moderation.enums import ReportDecision
from offers.moderation.mails import queue_report_mail
from offers.moderation.models import Report


class AlreadyDecided(Exception):
    """Another moderator has decided on these reports meanwhile."""


def decide(offer: Offer, decision: ReportDecision, by, statement: str) -> int:
    """Decide on all waiting reports of `offer`, and return their count. The company gets one mail, without names.

    Raise AlreadyDecided if no report waits, TransitionRefused if the offer does not allow the transition.
    """
    with transaction.atomic():
        # Lock the rows: a concurrent decision waits here, then reads no waiting report.
        reports = list(Report.objects.waiting().filter(offer=offer).select_for_update().order_by("pk"))
        if not reports:
            raise AlreadyDecided
        if decision == ReportDecision.CORRECT:
            offer.return_(by, statement)
        elif decision == ReportDecision.REMOVE:
            offer.remove(by, statement)
        for report in reports:
            report.decision, report.statement = decision, statement
            report.decided_at, report.decided_by = timezone.now(), by
            report.save(update_fields=["decision", "statement", "decided_at", "decided_by"])
            queue_report_mail("decision", report)
        if decision == ReportDecision.NONE:
            # The transitions above queue their own mail to the company.
            queue_report_mail("cleared", reports[0])
    return len(reports)
