"""The history of an offer: verb, actor, datetime, reason and publication request. Events are never updated."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from jobboard.text.columns import ProseColumn
from offers.companies.models import Company
from offers.enums import ActorRole, OfferStatus
from offers.models.transitions import TRANSITIONS
from offers.revisions import JUSTIFICATION_LENGTH, REASON_LENGTH

# Labels of the verbs in the past tense.
_PAST = {
    "submit": "soumise à relecture",
    "publish": "publiée",
    "return_": "renvoyée pour correction",
    "renew": "renouvelée",
    "confirm": "confirmée",
    "fill": "marquée pourvue",
    "withdraw": "retirée",
    "reopen": "reprise en brouillon",
    "expire": "arrivée à expiration",
    "remove": "supprimée du site",
    "restore": "rétablie en brouillon",
    "propose": "changée sous réserve de relecture",
    "amend": "modifiée en ligne",
    "accept": "mise à jour",
    "decline": "maintenue sans le changement proposé",
}


class OfferEventQuerySet(models.QuerySet):
    def publication_requests(self):
        """Return the events that record a request for publication by the company."""
        return self.filter(requested_at__isnull=False)

    def submissions(self):
        """Return the events that put an offer, or a change of it, before a moderator."""
        return self.filter(verb__in=("submit", "propose"))


class OfferEvent(models.Model):
    offer = models.ForeignKey("offers.Offer", models.CASCADE, related_name="events", verbose_name="offre")
    verb = models.CharField("acte", max_length=10, choices=_PAST)
    before = models.CharField("de l’état", max_length=10, choices=OfferStatus)
    after = models.CharField("à l’état", max_length=10, choices=OfferStatus)
    at = models.DateTimeField("le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True, blank=True
    )
    role = models.CharField("en qualité de", max_length=10, choices=ActorRole)
    on_behalf_of = models.ForeignKey(
        Company, models.SET_NULL, related_name="+", verbose_name="pour le compte de", null=True, blank=True
    )
    reason = models.TextField("motif", max_length=REASON_LENGTH, blank=True)
    # Why the text is right although the wording check found errors: of the recruiter, or of the curator who published.
    justification = ProseColumn("pourquoi le texte est justifié", max_length=JUSTIFICATION_LENGTH, blank=True)
    # Code du travail, L5331-3: the publisher is liable for an offer unless the employer requested its publication.
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        verbose_name="publication demandée par",
        null=True,
        blank=True,
    )
    requested_at = models.DateTimeField("publication demandée le", null=True, blank=True)
    request_source = models.CharField("demande reçue de", max_length=200, blank=True)
    # The new public version if the event has changed it (`offers/models/versions.py`).
    version = models.JSONField("version publiée", null=True, blank=True)

    objects = OfferEventQuerySet.as_manager()

    class Meta:
        verbose_name = "événement d’une offre"
        verbose_name_plural = "historique des offres"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["offer", "-at", "-id"], name="offer_event_history")]
        constraints = [
            models.CheckConstraint(
                name="offer_event_verb_known",
                condition=Q(verb__in=list(TRANSITIONS)),
                violation_error_message="Cet acte n’existe pas.",
            ),
            models.CheckConstraint(
                name="offer_event_role_known",
                condition=Q(role__in=ActorRole.values),
                violation_error_message="Cette qualité n’existe pas.",
            ),
        ]

    def __str__(self):
        return f"{self.past_tense}, par {self.get_role_display()}"

    @property
    def past_tense(self) -> str:
        """Return the verb in the past tense: “publiée”."""
        return self.get_verb_display()
