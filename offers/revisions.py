"""Changes of published content that a moderator accepts or declines: the fields of offers and companies share."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from offers.enums import RevisionStatus

# Characters of the reason of a decision on an offer or on a change, which the company reads.
REASON_LENGTH = 4_000
# Characters of a justification: why a text is right although the wording check found errors.
JUSTIFICATION_LENGTH = 1_000


class RevisionQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(status=RevisionStatus.WAITING)


class BaseRevision(models.Model):
    # The changed fields only.
    changes = models.JSONField("changements")
    status = models.CharField("état", max_length=10, choices=RevisionStatus, default=RevisionStatus.WAITING)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True, blank=True
    )
    created_at = models.DateTimeField("proposé le", default=timezone.now)
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_status_known",
                condition=Q(status__in=RevisionStatus.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="%(class)s_decided_dated",
                condition=Q(status="waiting", decided_at=None) | (~Q(status="waiting") & Q(decided_at__isnull=False)),
                violation_error_message="Une décision a une date.",
            ),
        ]
