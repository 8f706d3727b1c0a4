"""Invitations by owners, and requests to join a company. `offers.companies.team` has the operations."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from jobboard.text.columns import EmailColumn, ProseColumn
from jobboard.text.dates import end_of_day
from jobboard.text.emails import clean_email
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.models import Company, Membership

INVITATION_DAYS = 14
_signer = signing.Signer(salt="offers.invitation")


def invitation_end():
    return end_of_day(timezone.localdate() + timedelta(days=INVITATION_DAYS))


class InvitationQuerySet(models.QuerySet):
    def pending(self):
        """Return the invitations neither accepted nor revoked, including expired ones, which can be sent again."""
        return self.filter(accepted_at=None, revoked_at=None)

    def open(self, at=None):
        """Return the invitations that can be accepted at `at` (default: now).

        The user who sent it must be an owner still: an invitation ends with the right to invite, however it was lost.
        """
        inviters = Membership.objects.filter(
            company=OuterRef("company"), user=OuterRef("invited_by"), user__is_active=True, role=MemberRole.OWNER
        )
        return self.pending().filter(Exists(inviters), expires_at__gt=at or timezone.now())

    def with_is_open(self, at=None):
        """Annotate `is_open`: whether the invitation can be accepted."""
        return self.annotate(is_open=Exists(Invitation.objects.open(at).filter(pk=OuterRef("pk"))))

    def by_token(self, token: str):
        try:
            return self.filter(key=uuid.UUID(_signer.unsign(token)))
        except (signing.BadSignature, ValueError):
            return self.none()


class Invitation(models.Model):
    """An invitation to a company, sent to an e-mail address; any account that opens its link may accept it."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="invitations", verbose_name="entreprise")
    email = EmailColumn("adresse e-mail")
    role = models.CharField("rôle", max_length=10, choices=MemberRole, default=MemberRole.RECRUITER)
    # The link in the mail contains it with a signature, so that the database alone is not enough to forge one.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="invitations_sent",
        verbose_name="invitée par",
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    requested_at = models.DateTimeField("envoi demandé le", default=timezone.now)
    expires_at = models.DateTimeField("expire le", default=invitation_end)
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="invitations_accepted",
        verbose_name="acceptée par",
        null=True,
        blank=True,
        editable=False,
    )
    revoked_at = models.DateTimeField("annulée le", null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        verbose_name_plural = "invitations"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                F("company"),
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_pending_unique",
                violation_error_message="Cette adresse est déjà invitée.",
            ),
            models.CheckConstraint(
                name="invitation_role_known",
                condition=Q(role__in=MemberRole.values),
                violation_error_message="Ce rôle n’existe pas.",
            ),
            models.CheckConstraint(
                name="invitation_ended_once",
                condition=Q(accepted_at=None) | Q(revoked_at=None),
                violation_error_message="Une invitation est acceptée ou annulée, pas les deux.",
            ),
        ]

    def __str__(self):
        return f"{self.email} – {self.company}"

    def save(self, *args, **kwargs):
        self.email = clean_email(self.email).lower()
        super().save(*args, **kwargs)

    @property
    def token(self) -> str:
        return _signer.sign(self.key.hex)


class JoinRequest(models.Model):
    """A request of a user to join a company, decided by an owner, or by the staff if there is none."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="join_requests", verbose_name="entreprise")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="join_requests", verbose_name="personne"
    )
    message = ProseColumn("message", max_length=1_000, blank=True)
    status = models.CharField("état", max_length=10, choices=RequestStatus, default=RequestStatus.WAITING)
    created_at = models.DateTimeField("envoyée le", auto_now_add=True)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        verbose_name="décidée par",
        null=True,
        blank=True,
        editable=False,
    )

    class Meta:
        verbose_name = "demande d’accès"
        verbose_name_plural = "demandes d’accès"
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "user"],
                condition=Q(status="waiting"),
                name="join_request_waiting_unique",
                violation_error_message="Votre demande est déjà en attente.",
            ),
            models.CheckConstraint(
                name="join_request_decided_dated",
                condition=Q(status="waiting", decided_at=None)
                | Q(status__in=["accepted", "declined"], decided_at__isnull=False),
                violation_error_message="Une demande acceptée ou refusée a une date de décision, et elle seule.",
            ),
        ]

    def __str__(self):
        return f"{self.user} – {self.company}"
