from django.db import models
from django.db.models.functions import Now


class Change(models.Model):
    """A line of the log that database triggers write of all that pages show: see offers.changelog.log."""

    class Kind(models.TextChoices):
        """What changed. A company and a place stand for all their offers."""

        OFFER = "offer"
        COMPANY = "company"
        PLACE = "place"
        # A name that people may search by: of a role, a skill, or a synonym.
        WORDS = "words"
        # Something else that pages show.
        PAGE = "page"
        # The log itself has a gap: every index has to be compared with the database.
        ALL = "all"

    kind = models.CharField(max_length=7, choices=Kind)
    object_id = models.BigIntegerField()
    # The number of the PostgreSQL transaction that wrote the line.
    xid = models.BigIntegerField(default=0, db_default=0)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "changement"
        verbose_name_plural = "changements"
        indexes = [
            models.Index(fields=["xid", "id"], name="change_xid"),
            models.Index(fields=["at"], name="change_at"),
        ]

    def __str__(self):
        return f"{self.kind} {self.object_id}"
