"""Files that no address leads to: a view that has checked who asks hands them out, nothing else."""

import contextlib
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages


class PrivateStorage(FileSystemStorage):
    """A folder outside of what is served, readable by the site alone. A file is there as a whole or not at all."""

    def __init__(self):
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self):
        return settings.PRIVATE_DIR

    @property
    def location(self):
        return str(Path(settings.PRIVATE_DIR).resolve())

    def url(self, name):
        raise ValueError("This file is private: it has no address.")

    def _save(self, name, content):
        try:
            return super()._save(name, content)
        except OSError:
            # A disk that is full has taken the beginning.
            with contextlib.suppress(OSError):
                self.delete(name)
            raise


def private_storage():
    """For FileField(storage=…), which then writes no folder of this machine into a migration."""
    return storages["private"]
