"""Personal data of candidates, and what recruiters did with it."""

from django.conf import settings

from jobboard.privacy.registry import (
    SOMEBODY_ELSE,
    WHO_ASKED,
    ActsOfAccount,
    Part,
    by_address,
    exempt,
    period,
    register,
)
from offers.applications.models import Application, ApplicationEvent, ApplicationNote, CvAccess, KeptUpload


@register(Application, "Candidatures")
class Applications(Part):
    fields = [
        *("offer", "name", "email", "phone", "message", "answers", "keep_for_others"),
        *("cv_name", "cv_state", "cv_reason"),
        *("status", "created_at", "seen_at", "answered_at", "last_contact_at", "steps", "remarks", "opened"),
    ]
    withheld = {"search_text": "name, address and message once more"}

    @property
    def retention(self):
        return f"{period(settings.APPLICATION_RETENTION_DAYS)} après le dernier contact"

    def of(self, person):
        return by_address(Application.objects.select_related("offer"), person)

    def steps(self, row):
        return [str(event) for event in row.events.all()]

    steps.short_description = "étapes"

    def remarks(self, row):
        return [note.text for note in row.notes.all()]

    remarks.short_description = "notes du recruteur"

    def opened(self, row):
        return [str(access) for access in row.cv_accesses.all()]

    opened.short_description = "ouvertures du CV"

    def overdue(self, at):
        return Application.objects.expired(at)


@register(ApplicationEvent, "Décisions sur des candidatures")
class Decisions(ActsOfAccount):
    fields = ["status", "at"]
    withheld = {"by": WHO_ASKED, "application": SOMEBODY_ELSE}


@register(ApplicationNote, "Notes sur des candidatures")
class Notes(ActsOfAccount):
    account = "author"
    fields = ["text", "created_at"]
    withheld = {"author": WHO_ASKED, "application": SOMEBODY_ELSE}


@register(CvAccess, "CV ouverts")
class Accesses(ActsOfAccount):
    account = "user"
    fields = ["at"]
    withheld = {"user": WHO_ASKED, "application": SOMEBODY_ELSE}


@register(KeptUpload, "Fichiers en attente")
class Uploads(Part):
    """Files of forms that have not come back: nothing says whose they are, and soon they are gone."""

    retention = "deux heures"
    fields = ["name", "created_at"]

    def of(self, person):
        return KeptUpload.objects.none()

    def overdue(self, at):
        return KeptUpload.objects.expired(at)


exempt("applications.ApplicationMail", "ce qui part vers qui candidate\u00a0: effacé avec la candidature")
