"""Export of the personal data of a person as a ZIP file."""

import json
import tempfile
import zipfile
from pathlib import PurePosixPath

from django.core.serializers.json import DjangoJSONEncoder

from jobboard.privacy import registry

SPOOL_BYTES = 5_000_000


def build_archive(person: registry.Person):
    """Return an open ZIP file, positioned at its start: `donnees.json`, and uploaded files in a folder per source."""
    file = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        text = json.dumps(registry.export(person), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        out.writestr("donnees.json", text)
        for source in registry.sources():
            for index, stored in enumerate(source.files(source.get_queryset(person)), 1):
                name = f"{source.title}/{index}{PurePosixPath(stored.name).suffix}"
                try:
                    with stored.open("rb") as opened:
                        out.writestr(name, opened.read())
                except FileNotFoundError:
                    # The row still names the file: the export must show that it is missing.
                    out.writestr(f"{name}.absent.txt", "Ce fichier n’existe plus.\n")
    file.seek(0)
    return file
