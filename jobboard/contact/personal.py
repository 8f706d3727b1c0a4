"""What this room knows of people."""

from jobboard.contact.models import Lead, retention_period
from jobboard.privacy.registry import SOMEBODY_ELSE, Part, by_address, register


@register(Lead, "Demandes de contact")
class Leads(Part):
    fields = [
        *("name", "company", "email", "phone", "role", "message", "page", "created_at", "status"),
        *("notes", "last_contact_at"),
    ]
    withheld = {"owner": SOMEBODY_ELSE, "mail_error": "the kind of an error"}

    @property
    def retention(self):
        return f"{retention_period()} après le dernier contact"

    def of(self, person):
        return by_address(Lead.objects.all(), person)

    def overdue(self, at):
        return Lead.objects.past_retention(at)
