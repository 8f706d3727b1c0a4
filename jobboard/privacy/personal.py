"""Personal data of the staff who answered requests of people."""

from jobboard.privacy.activities import ProcessingActivity
from jobboard.privacy.models import PersonalDataRequest
from jobboard.privacy.registry import OWN_ACCOUNT, PersonalDataSource, exempt_model, filter_by_account, register

RIGHTS = ProcessingActivity(
    title="Demandes d’exercice des droits",
    purposes="Répondre aux demandes d’accès et d’effacement, et pouvoir le prouver.",
    legal_basis="Obligation légale (articles 12, 15 et 17 du RGPD\u00a0; article 6.1 c).",
    people="Membres de l’équipe qui ont répondu\u00a0; les personnes qui demandent ne sont pas nommées.",
)


@register(PersonalDataRequest, "Demandes traitées")
class DataRequestActions(PersonalDataSource):
    activity = RIGHTS
    retention = (
        "comme preuve, sans nommer la personne\u00a0; sans le nom du membre de l’équipe dès que son compte est supprimé"
    )
    fields = ["kind", "at"]
    withheld = {"by": OWN_ACCOUNT, "counts": "row counts of another person"}

    def get_queryset(self, person):
        return filter_by_account(PersonalDataRequest.objects.all(), person, "by")

    def erase(self, rows):
        return rows.update(by=None)


exempt_model("privacy.Purge", "row counts and class names of exceptions")
exempt_model("privacy.FileDeletion", "random names of files, and host names")
