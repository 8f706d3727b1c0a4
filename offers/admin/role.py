from django.contrib import admin

from careers.admin import RoleAdmin
from careers.models import Role
from offers.visibility import published_offer_count

admin.site.unregister(Role)


@admin.register(Role)
class RoleWithOffersAdmin(RoleAdmin):
    """The admin of role profiles with their number of published offers."""

    list_display = ["name", "french_name", "status", "median", "offers", "updated_on"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(offer_count=published_offer_count("role"))

    @admin.display(description="offres en ligne", ordering="offer_count")
    def offers(self, role):
        return role.offer_count
