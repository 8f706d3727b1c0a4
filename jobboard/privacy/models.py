from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Purge(models.Model):
    """A run of the purge of personal data past its retention period, with counts only and nothing about people."""

    started_at = models.DateTimeField("commencée le", default=timezone.now)
    finished_at = models.DateTimeField("terminée le", null=True)
    # {title of the source: count of rows or files}
    done = models.JSONField("effacé", default=dict)
    # {title of the source: class name of the exception}
    failed = models.JSONField("en échec", default=dict)

    class Meta:
        verbose_name = "purge"
        verbose_name_plural = "purges"
        ordering = ["-started_at", "-pk"]

    def __str__(self):
        return f"{timezone.localtime(self.started_at):%d/%m/%Y %H:%M}"

    @property
    def total(self) -> int:
        return sum(self.done.values())


class PersonalDataRequest(models.Model):
    """A request of a person for export or erasure, answered by the staff. It stores row counts, not the person."""

    class Kind(models.TextChoices):
        EXPORT = "export", "données remises"
        ERASURE = "erasure", "données effacées"

    kind = models.CharField("suite donnée", max_length=10, choices=Kind)
    at = models.DateTimeField("le", default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True, blank=True
    )
    # {title of the source: count of rows}
    counts = models.JSONField("lignes", default=dict)

    class Meta:
        verbose_name = "demande d’une personne"
        verbose_name_plural = "demandes de personnes"
        ordering = ["-at", "-pk"]
        permissions = [("answer_person", "Peut remettre et effacer les données d’une personne")]
        constraints = [
            models.CheckConstraint(
                name="answer_kind_known",
                condition=Q(kind__in=["export", "erasure"]),
                violation_error_message="Cette suite n’existe pas.",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {timezone.localtime(self.at):%d/%m/%Y %H:%M}"

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class FileDeletionQuerySet(models.QuerySet):
    def failing(self):
        """Return the deletions that were tried without success."""
        return self.filter(attempts__gt=0)


class FileDeletion(models.Model):
    """A file whose row has been erased, until the file is deleted too. Its name is random and identifies no person."""

    storage = models.CharField("stockage", max_length=20)
    name = models.CharField("fichier", max_length=200)
    requested_at = models.DateTimeField("demandé le", default=timezone.now, editable=False)
    # Null once the attempts are used up.
    due_at = models.DateTimeField("prochain essai", null=True, editable=False)
    attempts = models.PositiveSmallIntegerField("essais", default=0, editable=False)
    error = models.CharField("dernière erreur", max_length=200, blank=True, editable=False)

    objects = FileDeletionQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier à effacer"
        verbose_name_plural = "fichiers à effacer"
        ordering = ["-requested_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at"], name="file_deletion_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self):
        return self.name
