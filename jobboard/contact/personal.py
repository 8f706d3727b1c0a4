"""Personal data of contact requests."""

from jobboard.contact.models import Lead, retention_periods
from jobboard.privacy.registry import OTHER_PERSON, PersonalDataSource, filter_by_email, register


@register(Lead, "Demandes de contact")
class LeadDataSource(PersonalDataSource):
    fields = [
        *("subject", "name", "company", "email", "phone", "role", "message", "page", "created_at", "status"),
        *("notes", "last_contact_at"),
    ]
    withheld = {"owner": OTHER_PERSON}

    @property
    def retention(self):
        return retention_periods()

    def get_queryset(self, person):
        return filter_by_email(Lead.objects.all(), person)

    def past_retention(self, at):
        return Lead.objects.past_retention(at)
