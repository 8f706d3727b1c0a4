"""What offers know of people: for whom somebody recruits."""

from jobboard.personal import Part, by_account, register
from offers.models import Membership


@register(Membership, "Entreprises")
class Memberships(Part):
    retention = "aussi longtemps que le compte ou l’entreprise existe"
    fields = ["company"]

    def of(self, person):
        return by_account(Membership.objects.select_related("company"), person)
