"""Export of the personal data of a person as a ZIP file."""

import json
import tempfile
import zipfile
from pathlib import PurePosixPath

from django.core.serializers.json import DjangoJSONEncoder

from jobboard.privacy import registry

# Larger archives are written to disk.
SPOOL_BYTES = 5_000_000


def build_archive(person: registry.Person):
    """Return an open ZIP file, positioned at its start: `donnees.json`, and one directory of files per source."""
    file = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(registry.export(person), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        archive.writestr("donnees.json", text)
        for source in registry.sources():
            for index, field_file in enumerate(source.files(source.get_queryset(person)), 1):
                name = f"{source.title}/{index}{PurePosixPath(field_file.name).suffix}"
                try:
                    with field_file.open("rb") as content:
                        archive.writestr(name, content.read())
                except FileNotFoundError:
                    # The row refers to the file, so the export must show that it is missing.
                    archive.writestr(f"{name}.absent.txt", "Ce fichier n’existe plus.\n")
    file.seek(0)
    return file
