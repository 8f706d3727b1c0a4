"""A change to a published offer, proposed by the company and accepted or declined by a moderator."""

from django.db import models
from django.db.models import Q

from offers.revisions import BaseRevision


class Revision(BaseRevision):
    """`changes` is serialized by `offers/models/versions.py`."""

    offer = models.ForeignKey("offers.Offer", models.CASCADE, related_name="revisions", verbose_name="offre")

    class Meta(BaseRevision.Meta):
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
            *BaseRevision.Meta.constraints,
        ]

    def __str__(self):
        return f"{self.offer}\u00a0: {self.get_status_display()}"
