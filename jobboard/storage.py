"""Storage of static files, and of private files, which have no URL: views serve them after a permission check."""

import contextlib
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Static files, with their manifest beside STATIC_ROOT: all files in it are served."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, manifest_storage=FileSystemStorage(Path(settings.STATIC_ROOT).parent), **kwargs)


class PrivateStorage(FileSystemStorage):
    """A directory outside MEDIA_ROOT with permissions for the site’s user only. Files that fail to save are deleted."""

    def __init__(self):
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self):
        return settings.PRIVATE_DIR

    @property
    def location(self):
        return str(Path(settings.PRIVATE_DIR).resolve())

    def url(self, name):
        raise ValueError("Private files have no URL.")

    def _save(self, name, content):
        try:
            return super()._save(name, content)
        except OSError:
            # On a full disk the beginning may have been written.
            with contextlib.suppress(OSError):
                self.delete(name)
            raise


def private_storage():
    """Return the private storage. A callable for FileField(storage=…) keeps local paths out of migrations."""
    return storages["private"]
