import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand, CommandError
from django.template.loader import render_to_string

from jobboard.privacy import processing
from jobboard.spreadsheet import csv_text

STYLES = ("css/tokens.css", "css/record.css")
FONT_FACE = re.compile(r"@font-face \{.*?\}\n", re.DOTALL)


class Command(BaseCommand):
    help = (
        "Write the record of processing activities (GDPR, article 30) to a file: .html for reading and printing, .csv "
        "for a spreadsheet. The time limits are those of the settings that the purge uses."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the file to write, ending in .html or .csv")

    def handle(self, *, file, **options):
        writers = {".html": record_as_html, ".csv": record_as_csv}
        if file.suffix.lower() not in writers:
            raise CommandError(f"{file} must end in .html or .csv.")
        try:
            file.write_text(writers[file.suffix.lower()](), encoding="utf-8", newline="")
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{file} written.")


def record_as_html() -> str:
    """Return the record as a page that needs no other file. Without the font of the site, it has that of the system."""
    styles = "\n".join(Path(finders.find(name)).read_text("utf-8") for name in STYLES)
    styles = FONT_FACE.sub("", styles)
    return render_to_string(
        "privacy/record.html", {**processing.record_context(), "site_name": settings.SITE_NAME, "styles": styles}
    )


def record_as_csv() -> str:
    return csv_text(processing.CSV_HEADER, processing.csv_rows())
