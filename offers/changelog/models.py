from django.db import models
from django.db.models.functions import Now


class ChangeLogEntry(models.Model):
    """An entry of the change log, written by database triggers and read by search indexers and the page cache."""

    class Kind(models.TextChoices):
        """Kind of a change. `object_id` is the pk of the object of this kind, or 0."""

        # The row or the skills of an offer have changed.
        OFFER = "offer"
        # The set of published offers has changed: all of them, or those of a role or of a company.
        PUBLISHED = "published"
        ROLE_OFFERS = "role_offers"
        COMPANY_OFFERS = "company_offers"
        # Affects all offers of the company or commune.
        COMPANY = "company"
        PLACE = "place"
        # Affects the page of a role.
        ROLE = "role"
        # Name, summary or status of a role, which lists and searches use.
        ROLES = "roles"
        SKILL = "skill"
        # A name that searches use: title of a role, skill, alias or synonym.
        NAME = "name"
        # The log has a gap: indexes must be compared with the database, and all cached pages are stale.
        ALL = "all"

    kind = models.CharField(max_length=16, choices=Kind)
    object_id = models.BigIntegerField()
    # The id of the PostgreSQL transaction that wrote the entry.
    xid = models.BigIntegerField(default=0, db_default=0)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "changement"
        verbose_name_plural = "changements"
        indexes = [
            models.Index(fields=["xid", "id"], name="changelog_xid"),
            models.Index(fields=["at"], name="changelog_at"),
        ]

    def __str__(self):
        return f"{self.kind} {self.object_id}"
