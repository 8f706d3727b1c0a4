"""Personal data of reports."""

from django.conf import settings

from jobboard.privacy.registry import (
    OTHER_PERSON,
    PersonalDataSource,
    exempt_model,
    filter_by_email,
    format_period,
    register,
)
from offers.moderation.models import Report


@register(Report, "Signalements d’offres")
class ReportDataSource(PersonalDataSource):
    fields = ["offer", "reason", "explanation", "name", "email", "created_at", "decision", "statement", "decided_at"]
    withheld = {"decided_by": OTHER_PERSON}

    @property
    def retention(self):
        return f"{format_period(settings.REPORT_RETENTION_DAYS)} après la décision"

    def get_queryset(self, person):
        return filter_by_email(Report.objects.select_related("offer"), person)

    def past_retention(self, at):
        return Report.objects.expired(at)


exempt_model("moderation.ReturnReason", "words of the site, which every moderator reads")
