"""A moderator decides on what was reported: the offer, the reports and their mails, all of it or nothing."""

from django.db import transaction
from django.utils import timezone

from offers.models import Offer
from offers.moderation.enums import ReportDecision
from offers.moderation.mails import queue_report_mail
from offers.moderation.models import Report


class AlreadyDecided(Exception):
    """Somebody else has decided on these reports in the meantime."""


def decide(offer: Offer, decision: ReportDecision, by, statement: str) -> int:
    """Decide on all reports of `offer` that wait; how many. The company hears of it once, and never by whom.

    Raises AlreadyDecided where none waits, TransitionRefused where the offer does not allow it.
    """
    with transaction.atomic():
        # Whoever decides at the same time waits here, then finds nothing left.
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
            # The verbs above write to the company themselves.
            queue_report_mail("cleared", reports[0])
    return len(reports)
