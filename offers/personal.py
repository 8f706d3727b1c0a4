"""What offers know of people: who works for a company or was asked to, who applied, who waits for new offers."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from jobboard.personal import (
    SOMEBODY_ELSE,
    WHO_ASKED,
    ErasureRefused,
    Part,
    by_account,
    by_address,
    exempt,
    period,
    register,
)
from offers.enums import MemberRole
from offers.models import (
    Alert,
    AlertDelivery,
    Application,
    ApplicationEvent,
    ApplicationNote,
    Company,
    CompanyEvent,
    CvAccess,
    Invitation,
    JoinRequest,
    KeptUpload,
    Membership,
    Offer,
    OfferEvent,
    Report,
    Revision,
)

# Who never answered an invitation is soon forgotten; who did is a member.
KEPT_DAYS = 30

exempt("offers.Company", "a company and its logo; who verified it is an act of the team that an erased account leaves")
for _name in ("Place", "Skill", "SkillAlias", "Question", "ReturnReason"):
    exempt(f"offers.{_name}", "words of the site or of an offer, which the public or every recruiter reads")


@register(Membership, "Entreprises")
class Memberships(Part):
    retention = "aussi longtemps que le compte ou l’entreprise existe"
    fields = ["company", "role", "created_at"]
    withheld = {"user": WHO_ASKED}

    def of(self, person):
        return by_account(Membership.objects.select_related("company"), person)

    def obstacles(self, person):
        """A company that others work for, or that has offers online, is not left without an owner."""
        return [
            f"Vous êtes la seule personne propriétaire de «\u00a0{company}\u00a0»\u00a0: transmettez d’abord ce rôle, "
            "ou retirez ses offres si vous y êtes sans collègue."
            for company in _left_without_an_owner(self.of(person))
        ]

    def erase(self, rows):
        with transaction.atomic():
            # Whoever else leaves the company meanwhile waits here: of its two last owners, one is told.
            companies = Company.objects.filter(pk__in=rows.order_by().values("company"))
            list(companies.select_for_update().order_by("pk").values_list("pk"))
            if _left_without_an_owner(rows):
                raise ErasureRefused(["Une entreprise n’aurait plus de propriétaire. Rechargez la page."])
            return super().erase(rows)


def _left_without_an_owner(rows) -> list[Company]:
    """The companies that need an owner and whose only one is among these memberships."""
    mine = list(rows.filter(role=MemberRole.OWNER).select_related("company"))
    companies = [membership.company_id for membership in mine]
    others = Membership.objects.filter(company__in=companies).exclude(pk__in=[membership.pk for membership in mine])
    owned = set(others.filter(role=MemberRole.OWNER).values_list("company", flat=True))
    needed = {
        *others.values_list("company", flat=True),
        *Offer.objects.published().filter(company__in=companies).order_by().values_list("company", flat=True),
    }
    return [membership.company for membership in mine if membership.company_id in needed - owned]


@register(Invitation, "Invitations dans une entreprise")
class Invitations(Part):
    retention = f"{KEPT_DAYS} jours après la date où elles expirent"
    fields = ["company", "email", "role", "created_at", "expires_at", "accepted_at", "revoked_at"]
    withheld = {"invited_by": SOMEBODY_ELSE, "accepted_by": WHO_ASKED}

    def of(self, person):
        found = Q(pk=None)
        if person.email:
            found |= Q(email__iexact=person.email)
        if person.user:
            found |= Q(accepted_by=person.user)
        return Invitation.objects.filter(found).select_related("company")

    def overdue(self, at):
        return Invitation.objects.filter(expires_at__lte=at - timedelta(days=KEPT_DAYS))


@register(JoinRequest, "Demandes d’accès à une entreprise")
class JoinRequests(Part):
    retention = "un an après la réponse"
    fields = ["company", "message", "status", "created_at", "decided_at"]
    withheld = {"user": WHO_ASKED, "decided_by": SOMEBODY_ELSE}

    def of(self, person):
        return by_account(JoinRequest.objects.select_related("company"), person)

    def overdue(self, at):
        return JoinRequest.objects.filter(decided_at__lte=at - timedelta(days=365))


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
    withheld = {"by": WHO_ASKED, "application": SOMEBODY_ELSE}


@register(ApplicationNote, "Notes sur des candidatures")
class Notes(OfMember):
    account = "author"
    fields = ["text", "created_at"]
    withheld = {"author": WHO_ASKED, "application": SOMEBODY_ELSE}


@register(CvAccess, "CV ouverts")
class Accesses(OfMember):
    account = "user"
    fields = ["at"]
    withheld = {"user": WHO_ASKED, "application": SOMEBODY_ELSE}


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
class Proposals(OfMember):
    retention = "aussi longtemps que l’offre\u00a0; sans le nom dès que le compte est supprimé"
    fields = ["offer", "status", "created_at"]
    withheld = {"by": WHO_ASKED, "changes": "the text of an offer"}


@register(CompanyEvent, "Décisions sur des entreprises")
class CompanyDecisions(OfMember):
    retention = "aussi longtemps que l’entreprise\u00a0; sans le nom dès que le compte est supprimé"
    fields = ["company", "change", "at"]
    withheld = {"by": WHO_ASKED}


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


@register(Alert, "Alertes")
class Alerts(Part):
    @property
    def retention(self):
        days = f"{settings.ALERT_UNCONFIRMED_DAYS}\u00a0jours"
        return f"{days} après leur arrêt, ou après la demande si personne ne la confirme"

    fields = [
        *("email", "label", "query", "frequency", "created_at", "confirmed_at", "paused_at", "unsubscribed_at"),
        "last_sent_at",
    ]

    def of(self, person):
        return by_address(Alert.objects.all(), person)

    def overdue(self, at):
        return Alert.objects.expired(at)


@register(AlertDelivery, "Offres envoyées par les alertes")
class AlertDeliveries(Part):
    retention = "aussi longtemps que l’alerte, ou que la page de l’offre"
    fields = ["alert", "offer", "mailed_at"]

    def of(self, person):
        return by_address(AlertDelivery.objects.select_related("alert", "offer"), person, "alert__email")

    def overdue(self, at):
        return AlertDelivery.objects.expired(at)


@register(Report, "Signalements d’offres")
class Reports(Part):
    fields = ["offer", "reason", "explanation", "name", "email", "created_at", "decision", "statement", "decided_at"]
    withheld = {"decided_by": SOMEBODY_ELSE}

    @property
    def retention(self):
        return f"{period(settings.REPORT_RETENTION_DAYS)} après la décision"

    def of(self, person):
        return by_address(Report.objects.select_related("offer"), person)

    def overdue(self, at):
        return Report.objects.expired(at)


exempt("offers.ReportMail", "ce qui part au sujet d’un signalement\u00a0: effacé avec lui")
exempt("offers.FreshnessMail", "une relance à une personne d’une entreprise\u00a0: effacée avec son compte")
