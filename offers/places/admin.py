import re

from django.contrib import admin

from jobboard.admin_forms.links import offers_link
from jobboard.admin_forms.read_only import ReadOnlyAdminMixin
from jobboard.text.numbers import thousands
from offers.places.gazetteer import gazetteer
from offers.places.models import Place


@admin.register(Place)
class PlaceAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Communes are loaded from the official file."""

    list_display = ["name", "department", "region", "inhabitants", "zone"]
    list_filter = ["zone", "region"]
    search_fields = ["key"]
    search_help_text = "Début du nom, ou code postal."
    fields = [
        *("name", "insee_code", "codes", "department", "region", "inhabitants", "zone"),
        *(("latitude", "longitude"), "offer_count"),
    ]
    readonly_fields = ["codes", "inhabitants", "offer_count"]

    def has_delete_permission(self, request, obj=None):
        return False

    def get_search_results(self, request, queryset, search_term):
        """Search like the town field of the site: start of a name, “Lyon (69)”, or a postal code."""
        match = re.fullmatch(r"(.+?)\s*\((\w{2,3})\)\s*", search_term)
        if match:
            search_term, department = match.groups()
            queryset = queryset.filter(department=department.upper())
        if text := search_term.strip():
            queryset = queryset.filter(pk__in=gazetteer().pks_starting_with(text))
        return queryset, False

    @admin.display(description="habitants", ordering="population")
    def inhabitants(self, place):
        return thousands(place.population)

    @admin.display(description="codes postaux")
    def codes(self, place):
        return ", ".join(code.code for code in place.postal_codes.all())

    @admin.display(description="offres")
    def offer_count(self, place):
        return offers_link(place.offers.count(), place__id__exact=place.pk)
