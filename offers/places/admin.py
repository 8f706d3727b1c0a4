import re

from django.contrib import admin

from jobboard.admin_forms.links import offers_link
from jobboard.text.numbers import thousands
from offers.places.gazetteer import gazetteer
from offers.places.models import Place


@admin.register(Place)
class PlaceAdmin(admin.ModelAdmin):
    """To search and to read: communes come from the official file."""

    list_display = ["name", "department", "region", "inhabitants", "zone"]
    list_filter = ["zone", "region"]
    search_fields = ["key"]
    search_help_text = "Début du nom, ou code postal."
    fields = [
        "name", "insee_code", "codes", "department", "region", "inhabitants", "zone", ("latitude", "longitude"), "live",
    ]  # fmt: skip
    readonly_fields = ["codes", "inhabitants", "live"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_search_results(self, request, queryset, search_term):
        """As the town field of the site reads it: a name’s beginning, “Lyon (69)”, a postal code."""
        named = re.fullmatch(r"(.+?)\s*\((\w{2,3})\)\s*", search_term)
        if named:
            search_term, department = named.groups()
            queryset = queryset.filter(department=department.upper())
        if text := search_term.strip():
            queryset = queryset.filter(pk__in=gazetteer().numbers_starting_with(text))
        return queryset, False

    @admin.display(description="habitants", ordering="population")
    def inhabitants(self, place):
        return thousands(place.population)

    @admin.display(description="codes postaux")
    def codes(self, place):
        return ", ".join(code.code for code in place.postal_codes.all())

    @admin.display(description="offres")
    def live(self, place):
        return offers_link(place.offers.count(), place__id__exact=place.pk)
