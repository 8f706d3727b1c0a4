"""Personal data of candidates, and the actions of recruiters on it."""

from jobboard.privacy.activities import ProcessingActivity
from jobboard.privacy.registry import (
    OTHER_PERSON,
    OWN_ACCOUNT,
    ActionLogSource,
    PersonalDataSource,
    exempt_model,
    filter_by_email,
    format_period,
    register,
)
from jobboard.text.dates import long_date
from offers.applications.models import Application, ApplicationEvent, ApplicationNote, CvAccess, PendingUpload
from offers.applications.models.retention import UNTIL_FILLED, retention_rule

exempt_model("applications.ApplicationConsent", "exported and deleted with its application")

APPLICATIONS = ProcessingActivity(
    title="Candidatures",
    purposes="Transmettre une candidature à l’entreprise qui recrute, et tenir la personne au courant. Rien n’est noté "
    "ni trié par une machine.",
    legal_basis="Mesures précontractuelles prises à la demande de la personne (article 6.1 b du RGPD)\u00a0; "
    "consentement pour d’autres offres (article 6.1 a).",
    people="Candidates et candidats\u00a0; recruteurs, pour ce qu’ils ont fait d’une candidature.",
    recipients=("les membres de l’entreprise qui recrute, responsable de ce qu’elle en fait",),
)


@register(Application, "Candidatures")
class ApplicationDataSource(PersonalDataSource):
    activity = APPLICATIONS
    fields = [
        *("offer", "name", "email", "phone", "message", "answers", "keep_for_others", "consents"),
        *("cv_name", "cv_state", "cv_reason"),
        *("status", "created_at", "seen_at", "answered_at", "decided_at", "last_contact_at", "retained_until"),
        *("steps", "remarks", "opened"),
    ]
    withheld = {"search_text": "name, e-mail address and message once more"}

    @property
    def retention(self):
        return retention_rule()

    def get_queryset(self, person):
        return filter_by_email(Application.objects.select_related("offer"), person)

    def consents(self, row):
        return [str(consent) for consent in row.consents.all()]

    consents.short_description = "accords de conservation"

    def retained_until(self, row):
        return long_date(row.retained_until) or UNTIL_FILLED

    retained_until.short_description = "gardée jusqu’au"

    def steps(self, row):
        return [str(event) for event in row.events.all()]

    steps.short_description = "étapes"

    def remarks(self, row):
        return [note.text for note in row.notes.all()]

    remarks.short_description = "notes du recruteur"

    def opened(self, row):
        return [str(access) for access in row.cv_accesses.all()]

    opened.short_description = "ouvertures du CV"

    def past_retention(self, at):
        return Application.objects.due_for_deletion(at)


@register(ApplicationEvent, "Décisions sur des candidatures")
class ApplicationEventActions(ActionLogSource):
    activity = APPLICATIONS
    fields = ["status", "at", "message"]
    withheld = {"by": OWN_ACCOUNT, "application": OTHER_PERSON}


@register(ApplicationNote, "Notes sur des candidatures")
class ApplicationNoteActions(ActionLogSource):
    activity = APPLICATIONS
    actor_field = "author"
    fields = ["text", "created_at"]
    withheld = {"author": OWN_ACCOUNT, "application": OTHER_PERSON}


@register(CvAccess, "CV ouverts")
class CvAccessActions(ActionLogSource):
    activity = APPLICATIONS
    actor_field = "user"
    fields = ["at"]
    withheld = {"user": OWN_ACCOUNT, "application": OTHER_PERSON}


@register(PendingUpload, "Fichiers en attente")
class PendingUploadDataSource(PersonalDataSource):
    """Files of forms that were not submitted again: no column names their owner, and they are soon deleted."""

    activity = APPLICATIONS
    retention = format_period(PendingUpload.LIFETIME)
    fields = ["name", "created_at"]

    def get_queryset(self, person):
        return PendingUpload.objects.none()

    def past_retention(self, at):
        return PendingUpload.objects.expired(at)
