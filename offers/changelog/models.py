from django.db import models
from django.db.models.functions import Now


class ChangeLogEntry(models.Model):
    """One entry of the log that database triggers write (`triggers`): read by the index and by the page cache."""

    class Kind(models.TextChoices):
        """What changed. `object_id` is the pk of the object that the kind names, where it names one."""

        # The row or the skills of an offer.
        OFFER = "offer"
        # Which offers are published: `object_id` is that of an offer, of a role, of a company.
        PUBLISHED = "published"
        ROLE_OFFERS = "role_offers"
        COMPANY_OFFERS = "company_offers"
        # A company and a commune stand for all their offers.
        COMPANY = "company"
        PLACE = "place"
        # The page of a role.
        ROLE = "role"
        # The name, the summary or the status of a role, which lists show and searches use.
        ROLES = "roles"
        SKILL = "skill"
        # Another name that searches use: a title of a role, a skill, an alias, a synonym.
        NAME = "name"
        # The log has a gap: every index has to be compared with the database, no cached page holds.
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
