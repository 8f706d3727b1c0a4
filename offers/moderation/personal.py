"""Personal data of reports."""

from django.conf import settings

from jobboard.privacy.activities import ProcessingActivity
from jobboard.privacy.registry import (
    OTHER_PERSON,
    PersonalDataSource,
    exempt_model,
    filter_by_email,
    format_period,
    register,
)
from offers.moderation.models import Report

REPORTS = ProcessingActivity(
    title="Signalements d’offres",
    purposes="Traiter les signalements de contenus illicites, et informer de la décision.",
    legal_basis="Obligation légale (règlement (UE) 2022/2065, articles 16 et 17\u00a0; article 6.1 c du RGPD).",
    people="Personnes qui signalent une offre.",
    recipients=("l’entreprise concernée, pour la décision et sans le nom de la personne",),
)


@register(Report, "Signalements d’offres")
class ReportDataSource(PersonalDataSource):
    activity = REPORTS
    fields = ["offer", "reason", "explanation", "name", "email", "created_at", "decision", "statement", "decided_at"]
    withheld = {"decided_by": OTHER_PERSON}

    @property
    def retention(self):
        return f"{format_period(settings.REPORT_RETENTION_DAYS)} après la décision"

    def get_queryset(self, person):
        return filter_by_email(Report.objects.select_related("offer"), person)

    def past_retention(self, at):
        return Report.objects.expired(at)


exempt_model("moderation.ReturnReason", "texts of the site, without personal data")
