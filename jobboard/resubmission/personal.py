"""Personal data of interrupted forms."""

from jobboard.privacy.registry import PersonalDataSource, register
from jobboard.resubmission.models import SavedForm


@register(SavedForm, "Saisies interrompues")
class SavedFormDataSource(PersonalDataSource):
    retention = "une heure, chiffrées, pour être reprises\u00a0; effacées dans la nuit"
    fields = ["expires_at"]
    withheld = {"payload": "encrypted with a token that only the browser of the person has"}

    def get_queryset(self, person):
        return SavedForm.objects.none()

    def past_retention(self, at):
        return SavedForm.objects.expired(at)
