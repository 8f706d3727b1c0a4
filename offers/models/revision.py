"""A change to a published offer, proposed by the company and accepted or declined by a moderator."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from offers.enums import RevisionStatus


class Revision(models.Model):
    offer = models.ForeignKey("offers.Offer", models.CASCADE, related_name="revisions", verbose_name="offre")
    # The changed fields only, serialized by `offers/models/versions.py`.
    changes = models.JSONField("changements")
    status = models.CharField("état", max_length=10, choices=RevisionStatus, default=RevisionStatus.WAITING)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True, blank=True
    )
    created_at = models.DateTimeField("proposé le")
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)

    class Meta:
        verbose_name = "changement proposé"
        verbose_name_plural = "changements proposés"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer"],
                condition=Q(status="waiting"),
                name="revision_one_waiting",
                violation_error_message="Un changement de cette offre attend déjà une relecture.",
            ),
            models.CheckConstraint(
                name="revision_status_known",
                condition=Q(status__in=RevisionStatus.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="revision_decided_dated",
                condition=Q(status="waiting", decided_at=None) | (~Q(status="waiting") & Q(decided_at__isnull=False)),
                violation_error_message="Une décision a une date.",
            ),
        ]

    def __str__(self):
        return f"{self.offer}\u00a0: {self.get_status_display()}"
