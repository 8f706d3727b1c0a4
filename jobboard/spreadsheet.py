"""Rows as a CSV file that a French spreadsheet opens as it is, and that cannot run anything in it."""

import csv
from collections.abc import Iterable

from django.http import StreamingHttpResponse
from django.utils import timezone


def csv_response(name: str, header: list[str], rows: Iterable[list]) -> StreamingHttpResponse:
    """`rows` one by one, as `name` and the date: semicolons and a byte order mark, which Excel needs to read UTF-8."""
    return StreamingHttpResponse(
        _lines(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.csv"',
            "Cache-Control": "no-store",
        },
    )


def moment_cell(moment) -> str:
    return timezone.localtime(moment).strftime("%d/%m/%Y %H:%M") if moment else ""


class _Echo:
    def write(self, line):
        return line


def _lines(header, rows):
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff" + writer.writerow(header)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value) -> str:
    """A spreadsheet takes a cell that starts so for a formula; the apostrophe makes it text."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
