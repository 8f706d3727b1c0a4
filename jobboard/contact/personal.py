"""Personal data of contact requests."""

from jobboard.contact.models import Lead, Sender, retention_periods
from jobboard.privacy.activities import SECURITY, ProcessingActivity
from jobboard.privacy.processing import declare_data
from jobboard.privacy.registry import OTHER_PERSON, PersonalDataSource, filter_by_email, format_period, register

CONTACT = ProcessingActivity(
    title="Formulaire de contact",
    purposes="Répondre aux messages, et suivre les demandes de recruteurs.",
    legal_basis="Pour un recrutement, mesures précontractuelles prises à la demande de la personne (article 6.1 b du "
    "RGPD) et intérêt légitime à suivre la relation commerciale (article 6.1 f)\u00a0; sinon, intérêt légitime à "
    "répondre à qui écrit (article 6.1 f).",
    people="Recruteurs, candidats, journalistes et toute personne qui écrit.",
)

declare_data(
    SECURITY,
    "Empreintes de réseaux et d’adresses e-mail, pour compter les envois d’un formulaire",
    lambda: format_period(Sender.WINDOW),
)


@register(Lead, "Demandes de contact")
class LeadDataSource(PersonalDataSource):
    activity = CONTACT
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
