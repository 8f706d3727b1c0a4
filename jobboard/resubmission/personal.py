"""Personal data of interrupted forms."""

from jobboard.privacy.activities import ProcessingActivity
from jobboard.privacy.registry import PersonalDataSource, format_period, register
from jobboard.resubmission.models import MAX_AGE, SavedForm

RESUMPTION = ProcessingActivity(
    title="Reprise des saisies interrompues",
    purposes="Rendre à la personne ce qu’elle a saisi quand sa session ou son formulaire a expiré.",
    legal_basis="Intérêt légitime à ne rien perdre de ce qui est saisi (article 6.1 f du RGPD).",
    people="Personnes qui envoient un formulaire.",
)


@register(SavedForm, "Saisies interrompues")
class SavedFormDataSource(PersonalDataSource):
    activity = RESUMPTION
    retention = f"{format_period(MAX_AGE)}, chiffrées, pour être reprises\u00a0; effacées dans la nuit"
    fields = ["expires_at"]
    not_exported = ("textes et fichiers du formulaire",)
    withheld = {"payload": "encrypted with a token that only the browser of the person has"}

    def get_queryset(self, person):
        return SavedForm.objects.none()

    def past_retention(self, at):
        return SavedForm.objects.expired(at)
