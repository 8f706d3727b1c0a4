"""The filter of the inbox and its CSV export."""

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.http import StreamingHttpResponse

from jobboard.spreadsheet import csv_response, datetime_cell
from jobboard.text.keys import search_key
from offers.applications.enums import ApplicationStatus
from offers.applications.models import Application
from offers.models import Offer

HEADER = [
    *("Reçue le", "Offre", "Nom", "E-mail", "Téléphone", "État", "Vue le", "Première réponse", "Message", "Réponses"),
    *("À garder pour d’autres offres", "Dernier contact", "Gardée jusqu’au"),
]


def _offers(request):
    """Return the offers with applications that the user of `request` may read."""
    readable = Application.objects.readable_by(request.user).filter(offer=OuterRef("pk"))
    return Offer.objects.filter(Exists(readable)).only("title").order_by("title", "pk")


class InboxFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search", label="Nom, adresse, message", max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    etat = django_filters.MultipleChoiceFilter(
        field_name="status", label="État", choices=ApplicationStatus, widget=forms.CheckboxSelectMultiple
    )
    offre = django_filters.ModelChoiceFilter(
        field_name="offer", label="Offre", queryset=_offers, empty_label="Toutes les offres"
    )

    class Meta:
        model = Application
        fields = []

    def __init__(self, *args, for_offer=False, **kwargs):
        super().__init__(*args, **kwargs)
        if for_offer:
            del self.filters["offre"]

    def search(self, applications, name, value):
        """Require each word in the name, the e-mail address or the message, without regard to case and accents."""
        for word in value.split()[:8]:
            applications = applications.filter(search_text__contains=search_key(word))
        return applications


def export_csv(applications) -> StreamingHttpResponse:
    """Stream a queryset of applications as CSV."""
    rows = applications.select_related("offer").iterator(chunk_size=500)
    return csv_response("candidatures", HEADER, map(_values, rows))


def _values(application):
    until = application.retained_until
    answers = "\n".join(f"{line['question']} {line['answer']}" for line in application.answers)
    return [
        *(datetime_cell(application.created_at), application.offer.title, application.name, application.email),
        application.phone.as_international if application.phone else "",
        *(application.get_status_display(), datetime_cell(application.seen_at), datetime_cell(application.answered_at)),
        *(application.message, answers, "oui" if application.keep_for_others else "non"),
        *(datetime_cell(application.last_contact_at), f"{until:%d/%m/%Y}" if until else ""),
    ]
