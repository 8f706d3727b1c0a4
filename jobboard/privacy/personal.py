"""What this room knows of people: who of the team answered a request."""

from jobboard.personal import Part, by_account, register
from jobboard.privacy.models import Answer


@register(Answer, "Demandes traitées")
class Answers(Part):
    retention = "pour preuve, sans le nom de qui a demandé\u00a0; sans celui de l’équipe dès que le compte est supprimé"
    fields = ["kind", "at"]

    def of(self, person):
        return by_account(Answer.objects.all(), person, "by")

    def erase(self, rows):
        return rows.update(by=None)
