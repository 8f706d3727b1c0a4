"""Reports of offers by readers (DSA, articles 16 and 17), and their mails."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from jobboard.text.columns import EmailColumn, LineColumn, ProseColumn
from offers.models.offer import Offer
from offers.moderation.enums import ReportDecision, ReportReason


class ReportQuerySet(models.QuerySet):
    def waiting(self):
        """Return the undecided reports."""
        return self.filter(decision="")

    def oldest_first(self):
        return self.order_by("created_at", "pk")

    def with_waiting_on_offer(self):
        """Annotate `waiting_on_offer`: the count of undecided reports of the same offer."""
        waiting = Report.objects.waiting().filter(offer=OuterRef("offer")).order_by().values("offer")
        return self.annotate(waiting_on_offer=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n")), 0))

    def expired(self, at=None):
        """Return the reports past their retention, counted from the decision, or from the report if undecided."""
        limit = (at or timezone.now()) - timedelta(days=settings.REPORT_RETENTION_DAYS)
        return self.alias(since=Coalesce("decided_at", "created_at")).filter(since__lt=limit)


class Report(models.Model):
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="reports", verbose_name="offre")
    reason = models.CharField("motif", max_length=14, choices=ReportReason)
    explanation = ProseColumn("explication", max_length=3_000)
    # Reports may be anonymous; without an e-mail address there is no answer.
    name = LineColumn("nom", max_length=120, blank=True)
    email = EmailColumn("adresse e-mail", blank=True)
    created_at = models.DateTimeField("reçu le", default=timezone.now, editable=False)
    # Unique: a form submitted twice (double click, reload) is one report.
    submission = models.UUIDField("envoi", editable=False)

    decision = models.CharField("décision", max_length=8, choices=ReportDecision, blank=True, editable=False)
    # Sent to the reporter, and to the company if it has to act.
    statement = models.TextField("raisons de la décision", max_length=3_000, blank=True, editable=False)
    decided_at = models.DateTimeField("décidé le", null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        verbose_name="décidé par",
        null=True,
        editable=False,
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "signalement"
        verbose_name_plural = "signalements"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(F("decision"), F("created_at"), F("id"), name="report_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                name="report_reason_known",
                condition=Q(reason__in=ReportReason.values),
                violation_error_message="Ce motif n’existe pas.",
            ),
            models.CheckConstraint(
                name="report_decided_with_reasons",
                condition=Q(decision="", decided_at__isnull=True)
                | (Q(decision__in=ReportDecision.values, decided_at__isnull=False) & ~Q(statement="")),
                violation_error_message="Une décision a une date et des raisons.",
            ),
            models.UniqueConstraint(
                fields=["submission"],
                name="report_submission_unique",
                violation_error_message="Ce signalement a déjà été reçu.",
            ),
        ]

    def __str__(self):
        return f"signalement {self.pk}"
