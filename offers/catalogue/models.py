from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from offers.models.offer import Offer


class AudienceQuerySet(models.QuerySet):
    def past_retention(self, at=None):
        """Return the rows past their retention."""
        oldest = timezone.localdate(at or timezone.now()) - timedelta(days=settings.AUDIENCE_RETENTION_DAYS)
        return self.filter(day__lt=oldest)


class Audience(models.Model):
    """Counts of views of an offer and of clicks to apply on the site of the employer, by day. No personal data."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="audience", verbose_name="offre")
    day = models.DateField("jour")
    views = models.PositiveIntegerField("lectures", default=0)
    clicks = models.PositiveIntegerField("clics pour postuler", default=0)

    objects = AudienceQuerySet.as_manager()

    class Meta:
        verbose_name = "audience d’un jour"
        verbose_name_plural = "audience"
        indexes = [models.Index(fields=["day"], name="audience_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "day"],
                name="audience_offer_day_unique",
                violation_error_message="Ce jour de cette offre est déjà compté.",
            ),
            models.CheckConstraint(
                name="audience_counted",
                condition=Q(views__gt=0) | Q(clicks__gt=0),
                violation_error_message="Un jour sans lecture ni clic ne se compte pas.",
            ),
        ]

    def __str__(self):
        return f"{self.offer_id}, {self.day}"
