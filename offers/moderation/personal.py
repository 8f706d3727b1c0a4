"""Personal data of reports."""

from django.conf import settings

from jobboard.privacy.registry import SOMEBODY_ELSE, Part, by_address, exempt, period, register
from offers.moderation.models import Report


@register(Report, "Signalements d’offres")
class Reports(Part):
    fields = ["offer", "reason", "explanation", "name", "email", "created_at", "decision", "statement", "decided_at"]
    withheld = {"decided_by": SOMEBODY_ELSE}

    @property
    def retention(self):
        return f"{period(settings.REPORT_RETENTION_DAYS)} après la décision"

    def of(self, person):
        return by_address(Report.objects.select_related("offer"), person)

    def overdue(self, at):
        return Report.objects.expired(at)


exempt("moderation.ReportMail", "ce qui part au sujet d’un signalement\u00a0: effacé avec lui")
exempt("moderation.ReturnReason", "words of the site, which every moderator reads")
