from datetime import timedelta

from django.db import models
from django.utils import timezone

# From an expired session to the page that submits the form again.
MAX_AGE = timedelta(hours=1)


def expiry():
    return timezone.now() + MAX_AGE


class SavedFormQuerySet(models.QuerySet):
    def current(self, at=None):
        return self.filter(expires_at__gt=at or timezone.now())

    def expired(self, at=None):
        return self.filter(expires_at__lte=at or timezone.now())


class SavedForm(models.Model):
    """A submitted form that the site refused before its view saw it, with its files, encrypted."""

    key = models.CharField("empreinte", max_length=64)
    payload = models.BinaryField("saisie chiffrée")
    expires_at = models.DateTimeField("jusqu’à", default=expiry, db_index=True)

    objects = SavedFormQuerySet.as_manager()

    class Meta:
        verbose_name = "saisie interrompue"
        verbose_name_plural = "saisies interrompues"
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="saved_form_key_unique", violation_error_message="Cette saisie existe déjà."
            )
        ]

    def __str__(self):
        return self.key[:8]
