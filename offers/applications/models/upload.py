from datetime import timedelta

from django.core import signing
from django.db import models
from django.utils import timezone

from jobboard.storage import private_storage
from offers.applications.models.application import cv_path

_signer = signing.Signer(salt="offers.upload")


class PendingUploadQuerySet(models.QuerySet):
    def current(self, at=None):
        return self.filter(created_at__gt=(at or timezone.now()) - PendingUpload.LIFETIME)

    def expired(self, at=None):
        """Return the uploads whose form was not submitted again in time."""
        return self.filter(created_at__lte=(at or timezone.now()) - PendingUpload.LIFETIME)

    def with_token(self, token: str):
        """Return the current upload of a signed token, or None."""
        try:
            return self.current().filter(pk=_signer.unsign(token)).first()
        except (signing.BadSignature, ValueError):
            return None


class PendingUpload(models.Model):
    """The CV of an invalid application form, stored until the form is submitted again.

    Browsers do not send a file again by themselves. The token of the upload is in the response to that form only.
    """

    LIFETIME = timedelta(hours=2)

    file = models.FileField("fichier", storage=private_storage, upload_to=cv_path, max_length=120)
    name = models.CharField("nom d’origine", max_length=100)
    created_at = models.DateTimeField("reçu le", default=timezone.now, db_index=True)

    objects = PendingUploadQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier en attente"
        verbose_name_plural = "fichiers en attente"

    def __str__(self):
        return f"fichier {self.pk}"

    @property
    def token(self) -> str:
        return _signer.sign(self.pk)
