"""Log of the decisions of curators about companies, and of their names. Rows are never updated."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from offers.companies.enums import CompanyChange
from offers.companies.models import Company
from offers.enums import ActorRole


class CompanyEvent(models.Model):
    company = models.ForeignKey(Company, models.CASCADE, related_name="events", verbose_name="entreprise")
    change = models.CharField("décision", max_length=10, choices=CompanyChange)
    at = models.DateTimeField("le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True, blank=True
    )
    role = models.CharField("en qualité de", max_length=10, choices=ActorRole)
    # The former name of a renamed company.
    former_name = models.CharField("ancien nom", max_length=120, blank=True)

    class Meta:
        verbose_name = "événement d’une entreprise"
        verbose_name_plural = "historique des entreprises"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["company", "-at"], name="company_event_history")]
        constraints = [
            models.CheckConstraint(
                name="company_event_change_known",
                condition=Q(change__in=CompanyChange.values),
                violation_error_message="Cette décision n’existe pas.",
            ),
            models.CheckConstraint(
                name="company_event_role_known",
                condition=Q(role__in=ActorRole.values),
                violation_error_message="Cette qualité n’existe pas.",
            ),
        ]

    def __str__(self):
        name = f" (auparavant «\u00a0{self.former_name}\u00a0»)" if self.former_name else ""
        return f"{self.get_change_display()}{name}"
