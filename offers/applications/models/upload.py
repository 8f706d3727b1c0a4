from datetime import timedelta

from django.core import signing
from django.db import models
from django.utils import timezone

from jobboard.storage import private_storage
from offers.applications.models.application import cv_path

_signer = signing.Signer(salt="offers.upload")


class KeptUploadQuerySet(models.QuerySet):
    def current(self, at=None):
        return self.filter(created_at__gt=(at or timezone.now()) - KeptUpload.KEPT_FOR)

    def expired(self, at=None):
        """Those that nobody came back for."""
        return self.filter(created_at__lte=(at or timezone.now()) - KeptUpload.KEPT_FOR)

    def with_token(self, token: str):
        """The one that the form which came back speaks of, if it is still there."""
        try:
            return self.current().filter(pk=_signer.unsign(token)).first()
        except (signing.BadSignature, ValueError):
            return None


class KeptUpload(models.Model):
    """A file that came with a form in which something else was wrong, kept until the form comes back.

    No browser sends a file twice by itself. Only the page that was answered has the token.
    """

    KEPT_FOR = timedelta(hours=2)

    file = models.FileField("fichier", storage=private_storage, upload_to=cv_path, max_length=120)
    name = models.CharField("nom d’origine", max_length=100)
    created_at = models.DateTimeField("reçu le", default=timezone.now, db_index=True)

    objects = KeptUploadQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier en attente"
        verbose_name_plural = "fichiers en attente"

    def __str__(self):
        return f"fichier {self.pk}"

    @property
    def token(self) -> str:
        return _signer.sign(self.pk)
