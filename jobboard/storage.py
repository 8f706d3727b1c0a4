"""Storage of static files, and of private files, which have no URL: views serve them after a permission check."""

import contextlib
import re
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, storages
from whitenoise.storage import CompressedManifestStaticFilesStorage

# By folder and suffix, what is replaced in a file and by what: in style sheets comments and runs of white space,
# in scripts the comment at the top and those that are lines of their own.
_COMMENTS = {
    "css": (re.compile(rb"(?:\s|/\*.*?\*/)+", re.DOTALL), b" "),
    "js": (re.compile(rb"\A/\*.*?\*/\s*|^\s*//[^\n]*\n", re.DOTALL | re.MULTILINE), b""),
}


def without_comments(name: str, content: File) -> File:
    """Return a static file as it is served: style sheets and scripts of the site have no comments.

    They were up to two fifths of the compressed bytes.
    """
    folder, _, file = name.partition("/")
    if folder not in _COMMENTS or not file.endswith(f".{folder}"):
        return content
    pattern, replacement = _COMMENTS[folder]
    content.seek(0)
    return ContentFile(pattern.sub(replacement, content.read()))


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Static files, with their manifest beside STATIC_ROOT: all files in it are served."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, manifest_storage=FileSystemStorage(Path(settings.STATIC_ROOT).parent), **kwargs)

    def _save(self, name, content):
        return super()._save(name, without_comments(name, content))


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
