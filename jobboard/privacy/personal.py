"""What this room knows of people: who of the team answered a request."""

from jobboard.privacy.models import Answer
from jobboard.privacy.registry import WHO_ASKED, Part, by_account, exempt, register


@register(Answer, "Demandes traitées")
class Answers(Part):
    retention = "pour preuve, sans le nom de qui a demandé\u00a0; sans celui de l’équipe dès que le compte est supprimé"
    fields = ["kind", "at"]
    withheld = {"by": WHO_ASKED, "counts": "numbers of rows of somebody else"}

    def of(self, person):
        return by_account(Answer.objects.all(), person, "by")

    def erase(self, rows):
        return rows.update(by=None)


exempt("privacy.Purge", "numbers of rows, and kinds of errors")
