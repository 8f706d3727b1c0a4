"""Leads as a CSV file that a French spreadsheet opens as it is, and that cannot run anything in it."""

import csv

from django.http import StreamingHttpResponse
from django.utils import timezone

HEADER = [
    *("Reçue le", "Nom", "Entreprise", "E-mail", "Téléphone", "Poste", "Message", "Page d’origine"),
    *("État", "Suivi par", "Dernier contact", "Notes", "À effacer le"),
]


def export(leads) -> StreamingHttpResponse:
    """`leads`, a queryset, row by row: semicolons and a byte order mark, which Excel needs to read UTF-8."""
    name = f"demandes-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _lines(leads.select_related("owner")),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


class _Echo:
    def write(self, line):
        return line


def _lines(leads):
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff" + writer.writerow(HEADER)
    for lead in leads.iterator(chunk_size=500):
        yield writer.writerow([_cell(value) for value in _values(lead)])


def _values(lead):
    return [
        *(_moment(lead.created_at), lead.name, lead.company, lead.email),
        lead.phone.as_international if lead.phone else "",
        *(lead.role, lead.message, lead.page, lead.get_status_display(), lead.owner or ""),
        *(_moment(lead.last_contact_at), lead.notes, lead.retention_date.strftime("%d/%m/%Y")),
    ]


def _moment(moment) -> str:
    return timezone.localtime(moment).strftime("%d/%m/%Y %H:%M") if moment else ""


def _cell(value) -> str:
    """A spreadsheet takes a cell that starts so for a formula; the apostrophe makes it text."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
