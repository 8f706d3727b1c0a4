"""What offers know of people: for whom somebody recruits, who applied to what, and what was done about it."""

from django.conf import settings

from jobboard.personal import Part, by_account, by_address, exempt, period, register
from offers.models import Application, ApplicationEvent, ApplicationNote, CvAccess, KeptUpload, Membership


@register(Membership, "Entreprises")
class Memberships(Part):
    retention = "aussi longtemps que le compte ou l’entreprise existe"
    fields = ["company"]

    def of(self, person):
        return by_account(Membership.objects.select_related("company"), person)


@register(Application, "Candidatures")
class Applications(Part):
    fields = [
        *("offer", "name", "email", "phone", "message", "answers", "keep_for_others", "cv_name", "cv_state"),
        *("status", "created_at", "seen_at", "answered_at", "last_contact_at", "steps", "remarks", "opened"),
    ]

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


class OfMember(Part):
    """What a recruiter did about somebody’s application: it stays there, without the recruiter’s name."""

    retention = "aussi longtemps que la candidature\u00a0; sans le nom dès que le compte est supprimé"
    account = "by"

    def of(self, person):
        return by_account(self.model.objects.all(), person, self.account)

    def erase(self, rows):
        return rows.update(**{self.account: None})


@register(ApplicationEvent, "Décisions sur des candidatures")
class Decisions(OfMember):
    fields = ["status", "at"]


@register(ApplicationNote, "Notes sur des candidatures")
class Notes(OfMember):
    account = "author"
    fields = ["text", "created_at"]


@register(CvAccess, "CV ouverts")
class Accesses(OfMember):
    account = "user"
    fields = ["at"]


@register(KeptUpload, "Fichiers en attente")
class Uploads(Part):
    """Files of forms that have not come back: nothing says whose they are, and soon they are gone."""

    retention = "deux heures"
    fields = ["name", "created_at"]

    def of(self, person):
        return KeptUpload.objects.none()

    def overdue(self, at):
        return KeptUpload.objects.expired(at)


exempt("offers.ApplicationMail", "ce qui part vers qui candidate\u00a0: effacé avec la candidature")
