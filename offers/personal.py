"""Personal data of the users who acted on offers."""

from django.db.models import Q

from jobboard.privacy.registry import OWN_ACCOUNT, ActionLogSource, PersonalDataSource, exempt_model, register
from offers.companies.personal import PUBLICATION
from offers.models import OfferEvent, Revision

for _name in ("Skill", "SkillAlias", "Question"):
    exempt_model(f"offers.{_name}", "words of the site or of an offer, which the public or every recruiter reads")


@register(OfferEvent, "Actes sur des offres")
class OfferEventDataSource(PersonalDataSource):
    """Events stay as proof of publication (Code du travail, L5331-3) with the actor’s role, without the account."""

    activity = PUBLICATION
    retention = "aussi longtemps que l’offre\u00a0; sans le nom dès que le compte est supprimé"
    fields = ["offer", "verb", "at", "role", "reason", "justification", "requested_at"]
    withheld = {"by": OWN_ACCOUNT, "requested_by": OWN_ACCOUNT, "version": "the published text of an offer"}

    def get_queryset(self, person):
        if not person.user:
            return OfferEvent.objects.none()
        return OfferEvent.objects.filter(Q(by=person.user) | Q(requested_by=person.user)).select_related("offer")

    def erase(self, rows):
        """Return the count only: deleting the account sets its foreign keys to NULL."""
        return rows.count()


@register(Revision, "Changements proposés à des offres")
class RevisionActions(ActionLogSource):
    activity = PUBLICATION
    retention = "aussi longtemps que l’offre\u00a0; sans le nom dès que le compte est supprimé"
    fields = ["offer", "status", "created_at"]
    withheld = {"by": OWN_ACCOUNT, "changes": "the text of an offer"}
