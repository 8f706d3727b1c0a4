"""Personal data of those who acted on offers."""

from django.db.models import Q

from jobboard.privacy.registry import WHO_ASKED, ActsOfAccount, Part, exempt, register
from offers.models import OfferEvent, Revision

for _name in ("Skill", "SkillAlias", "Question"):
    exempt(f"offers.{_name}", "words of the site or of an offer, which the public or every recruiter reads")


@register(OfferEvent, "Actes sur des offres")
class OfferActs(Part):
    """The publisher answers for what is online (L5331-3): the act stays, with its quality, without the person."""

    retention = "aussi longtemps que l’offre\u00a0; sans le nom dès que le compte est supprimé"
    fields = ["offer", "verb", "at", "role", "reason", "asked_at"]
    withheld = {"by": WHO_ASKED, "asked_by": WHO_ASKED, "version": "what the public read"}

    def of(self, person):
        if not person.user:
            return OfferEvent.objects.none()
        return OfferEvent.objects.filter(Q(by=person.user) | Q(asked_by=person.user)).select_related("offer")

    def erase(self, rows):
        """The account takes its links with it as it is deleted, so that whoever else acted keeps theirs."""
        return rows.count()


@register(Revision, "Changements proposés à des offres")
class Proposals(ActsOfAccount):
    retention = "aussi longtemps que l’offre\u00a0; sans le nom dès que le compte est supprimé"
    fields = ["offer", "status", "created_at"]
    withheld = {"by": WHO_ASKED, "changes": "the text of an offer"}
