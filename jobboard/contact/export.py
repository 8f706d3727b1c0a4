"""Contact requests as a CSV file."""

from django.http import StreamingHttpResponse

from jobboard.spreadsheet import csv_response, datetime_cell

HEADER = [
    *("Reçue le", "Sujet", "Nom", "Entreprise", "E-mail", "Téléphone", "Poste", "Message", "Page d’origine"),
    *("État", "Suivi par", "Dernier contact", "Notes", "À effacer le"),
]


def export(leads) -> StreamingHttpResponse:
    """Return a streaming CSV response with one row for each request of the queryset `leads`."""
    rows = leads.select_related("owner").iterator(chunk_size=500)
    return csv_response("demandes", HEADER, map(_values, rows))


def _values(lead):
    return [
        *(datetime_cell(lead.created_at), lead.get_subject_display(), lead.name, lead.company, lead.email),
        lead.phone.as_international if lead.phone else "",
        *(lead.role, lead.message, lead.page, lead.get_status_display(), lead.owner or ""),
        *(datetime_cell(lead.last_contact_at), lead.notes, lead.retention_date.strftime("%d/%m/%Y")),
    ]
