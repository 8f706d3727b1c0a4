"""What the site knows of a person, as a file to give them."""

import json
import tempfile
import zipfile
from pathlib import PurePosixPath

from django.core.serializers.json import DjangoJSONEncoder

from jobboard.privacy import registry as personal

SPOOL_BYTES = 5_000_000


def archive(person: personal.Person):
    """An open ZIP file, at its beginning: donnees.json, and each file under the title of what it belongs to."""
    file = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - the answer closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        text = json.dumps(personal.export(person), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        out.writestr("donnees.json", text)
        for part in personal.parts():
            for number, stored in enumerate(part.files(part.of(person)), 1):
                name = f"{part.title}/{number}{PurePosixPath(stored.name).suffix}"
                try:
                    with stored.open("rb") as source:
                        out.writestr(name, source.read())
                except FileNotFoundError:
                    # The row says that there was one; that it is gone is part of what is known.
                    out.writestr(f"{name}.absent.txt", "Ce fichier n’existe plus.\n")
    file.seek(0)
    return file
