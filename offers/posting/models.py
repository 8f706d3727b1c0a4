"""Drafts by the form that created them, and reminders to recruiters about their published offers."""

import uuid

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Q
from django.urls import reverse

from offers.models.offer import Offer

_signer = signing.Signer(sep=".", salt="offers.posting.freshness")


class NewDraft(models.Model):
    """The draft that a submitted form has created: a form that is submitted twice creates one."""

    key = models.UUIDField("clé d’envoi")
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="+", verbose_name="brouillon", null=True)

    class Meta:
        verbose_name = "brouillon créé"
        verbose_name_plural = "brouillons créés"
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="new_draft_key_unique",
                violation_error_message="Ce brouillon est déjà créé.",
            )
        ]

    def __str__(self):
        return str(self.key)


class ReminderQuerySet(models.QuerySet):
    def with_token(self, token: str):
        """Return the mail of a signed token, or None."""
        try:
            return self.filter(public_id=uuid.UUID(hex=_signer.unsign(token))).select_related("user").first()
        except (signing.BadSignature, ValueError):
            return None


class Reminder(models.Model):
    """A mail that reminds a recruiter of offers. Its signed link authorizes the actions."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders", verbose_name="destinataire"
    )
    created_at = models.DateTimeField("créé le", auto_now_add=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = "relance par e-mail"
        verbose_name_plural = "relances par e-mail"
        constraints = [
            models.UniqueConstraint(
                fields=["public_id"],
                name="reminder_public_id_unique",
                violation_error_message="Cet identifiant est déjà pris.",
            )
        ]

    def __str__(self):
        return f"relance {self.pk}"

    def get_absolute_url(self):
        return reverse("posting:freshness", args=[self.token])

    @property
    def token(self) -> str:
        return _signer.sign(self.public_id.hex)


class Notice(models.Model):
    """A reminder about one offer. The unique constraint keeps concurrent runs from sending it twice."""

    class Kind(models.TextChoices):
        CONFIRM = "confirm", "à confirmer"
        WEEK = "week", "expire dans la semaine"
        DAY = "day", "expire demain"

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="notices", verbose_name="offre")
    kind = models.CharField("sorte", max_length=7, choices=Kind)
    # The date of the last confirmation, or of the expiry of the offer. A new date leads to a new notice.
    since = models.DateTimeField("depuis")
    # The run that created it: of two concurrent runs, each mails its own notices.
    run = models.UUIDField("passage")
    reminders = models.ManyToManyField(Reminder, related_name="notices", verbose_name="relances par e-mail")

    class Meta:
        verbose_name = "relance"
        verbose_name_plural = "relances"
        indexes = [models.Index(fields=["run"], name="notice_run")]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "kind", "since"],
                name="notice_once",
                violation_error_message="Cette relance est déjà partie.",
            ),
            models.CheckConstraint(
                name="notice_kind_known",
                condition=Q(kind__in=["confirm", "week", "day"]),
                violation_error_message="Cette sorte de relance n’existe pas.",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, offre {self.offer_id}"

    @property
    def is_current(self) -> bool:
        """Return whether the offer is still published and was not confirmed or renewed since."""
        offer = self.offer
        since = offer.confirmed_at or offer.published_at if self.kind == self.Kind.CONFIRM else offer.expires_at
        return offer.is_published() and since == self.since
