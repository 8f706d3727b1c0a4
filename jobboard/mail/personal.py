"""Personal data of the outbox: addresses that are in no other row."""

from django.conf import settings

from jobboard.mail.models import RECIPIENT_RETENTION, OutboxMessage
from jobboard.privacy.activities import ProcessingActivity
from jobboard.privacy.registry import PersonalDataSource, filter_by_email, format_period, register

MAIL = ProcessingActivity(
    title="Envoi des e-mails du site",
    purposes="Envoyer chaque e-mail une fois, et réessayer quand le serveur ne répond pas.",
    legal_basis="Celle du traitement qui envoie l’e-mail.",
    people="Personnes à qui le site écrit\u00a0: candidats, abonnés aux alertes, recruteurs, équipe.",
)


@register(OutboxMessage, "E-mails du site")
class OutboxMessageDataSource(PersonalDataSource):
    activity = MAIL
    fields = ["label", "recipient", "created_at"]
    withheld = {"context": "primary keys of rows"}

    @property
    def retention(self):
        with_address, without = map(format_period, (RECIPIENT_RETENTION, settings.OUTBOX_RETENTION_DAYS))
        return f"{with_address} au plus avec une adresse, {without} sans elle"

    def get_queryset(self, person):
        return filter_by_email(OutboxMessage.objects.all(), person, "recipient")

    def label(self, row):
        return row.label

    label.short_description = "sujet"

    def past_retention(self, at):
        return OutboxMessage.objects.expired(at)
