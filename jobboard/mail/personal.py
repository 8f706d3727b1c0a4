"""Personal data of the outbox: addresses that are in no other row."""

from django.conf import settings

from jobboard.mail.models import OutboxMessage
from jobboard.privacy.registry import PersonalDataSource, filter_by_email, format_period, register


@register(OutboxMessage, "E-mails du site")
class OutboxMessageDataSource(PersonalDataSource):
    fields = ["label", "recipient", "created_at"]
    withheld = {"context": "primary keys of rows"}

    @property
    def retention(self):
        return f"un jour au plus avec une adresse, {format_period(settings.OUTBOX_RETENTION_DAYS)} sans elle"

    def get_queryset(self, person):
        return filter_by_email(OutboxMessage.objects.all(), person, "recipient")

    def label(self, row):
        return row.label

    label.short_description = "sujet"

    def past_retention(self, at):
        return OutboxMessage.objects.expired(at)
