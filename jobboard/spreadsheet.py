"""CSV exports for French spreadsheet programs, protected against formula injection."""

import csv
import re
from collections.abc import Iterable

from django.http import StreamingHttpResponse
from django.utils import timezone

# With the full-width signs, which some spreadsheets take for formulas too.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# A telephone: text for Excel and Calc because of its spaces, and digits only.
_PHONE = re.compile(r"\+[0-9]{1,3} [0-9]+(?:[ .-][0-9]+)*")


def csv_response(name: str, header: list[str], rows: Iterable[list]) -> StreamingHttpResponse:
    """Return a streamed CSV file named `name` and today’s date, with semicolons, and the BOM that Excel needs."""
    return StreamingHttpResponse(
        _lines(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.csv"',
            "Cache-Control": "no-store",
        },
    )


def csv_text(header: list[str], rows: Iterable[list]) -> str:
    """Return the content of the file that `csv_response` streams, as text."""
    return "".join(_lines(header, rows))


def datetime_cell(value) -> str:
    """Return a datetime in local time as “24/11/2026 14:30”, or "" for None."""
    return timezone.localtime(value).strftime("%d/%m/%Y %H:%M") if value else ""


class _Echo:
    def write(self, line):
        return line


def _lines(header, rows):
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff" + writer.writerow(header)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value) -> str:
    """Return `value` as text, with an apostrophe before characters that start a formula."""
    text = str(value)
    if isinstance(value, int | float) or _PHONE.fullmatch(text):
        return text
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
