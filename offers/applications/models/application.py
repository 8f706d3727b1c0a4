"""Applications of candidates to offers. All of it is personal data, with the retention periods of `retention.py`."""

import secrets
import uuid

from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.outbox import queue_mail
from jobboard.mail.retry import retry_delay
from jobboard.storage import private_storage
from jobboard.text.columns import EmailColumn, LineColumn, PhoneColumn, ProseColumn
from jobboard.text.keys import search_key
from offers.applications.enums import ApplicationStatus, CvState
from offers.applications.models import retention
from offers.models.event import OfferEvent
from offers.models.offer import Offer

# The statuses that may follow each status. Every transition method of Application checks this table.
APPLICATION_TRANSITIONS = {
    ApplicationStatus.RECEIVED: {"seen", "discussion", "declined", "hired", "withdrawn"},
    ApplicationStatus.SEEN: {"discussion", "declined", "hired", "withdrawn"},
    ApplicationStatus.DISCUSSION: {"declined", "hired", "withdrawn"},
    # The refusal has been mailed already: the recruiter has to write again.
    ApplicationStatus.DECLINED: {"discussion", "hired", "withdrawn"},
    ApplicationStatus.HIRED: {"discussion", "withdrawn"},
    ApplicationStatus.WITHDRAWN: set(),
}
_ANSWERED = {ApplicationStatus.DISCUSSION, ApplicationStatus.DECLINED, ApplicationStatus.HIRED}
# A list, so that the migration has a stable order.
DECIDED = [ApplicationStatus.DECLINED, ApplicationStatus.HIRED, ApplicationStatus.WITHDRAWN]
_token_signer = signing.Signer(sep=".", salt="offers.application")


def cv_path(instance, filename) -> str:
    """Return a random path; the 256 folders keep each directory small."""
    name = secrets.token_hex(16)
    return f"cv/{name[:2]}/{name}.pdf"


class ApplicationRefused(Exception):
    """The current status does not allow the change; another request may just have changed it."""


class ApplicationQuerySet(models.QuerySet):
    def for_member(self, user):
        """Return the applications to the companies of `user`. All tenant filters use this method."""
        return self.filter(offer__company__memberships__user=user)

    def readable_by(self, user):
        """Return the applications that `user` may read: all with the permission, else those of the own companies."""
        return self if user.has_perm("applications.view_application") else self.for_member(user)

    def manageable_by(self, user):
        """Return the applications that `user` may answer: all with the permission, else those of the own companies."""
        return self if user.has_perm("applications.change_application") else self.for_member(user)

    def newest_first(self):
        return self.order_by("-created_at", "-pk")

    def of(self, email: str):
        """Return the applications of an e-mail address, ignoring case."""
        # Fold both sides in the database, as the index does: `iexact` uses no index on PostgreSQL.
        return self.alias(folded_email=Lower("email")).filter(folded_email=Lower(Value(email)))

    def for_candidate(self):
        """Select the rows that `OfferSummary` needs: the offer, and the version of it that was published last."""
        published = OfferEvent.objects.filter(offer=OuterRef("offer"), version__isnull=False).order_by("-at", "-pk")
        return self.select_related("offer__company", "offer__place").annotate(
            published_version=Subquery(published.values("version")[:1])
        )

    def with_token(self, token: str):
        """Return the application of a signed token, or None."""
        try:
            return self.filter(public_id=uuid.UUID(hex=_token_signer.unsign(token))).first()
        except (signing.BadSignature, ValueError):
            return None

    def cv_due(self, at=None):
        """Return the applications whose CV check is due."""
        return self.filter(cv_due_at__lte=at or timezone.now())

    def cv_failing(self):
        """Return the applications whose CV check has failed, for a reason that is not in the file."""
        return self.filter(cv_state=CvState.WAITING).exclude(cv="").exclude(cv_error="", cv_due_at__isnull=False)

    def due_for_deletion(self, at=None):
        """Return the applications past their retention: `Application.retained_until` was before the day of `at`."""
        parts = [
            Application.objects.filter(condition).order_by().values("pk") for condition in retention.due_conditions(at)
        ]
        # A union lets each condition use its index, which OR does not, across two tables.
        return self.filter(pk__in=parts[0].union(*parts[1:], all=True))


class Application(models.Model):
    # About three days, with the delays of `retry_delay`.
    CV_ATTEMPTS = 18

    # In links instead of the pk, which would reveal how many applications there are.
    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    # An offer with applications cannot be deleted.
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="applications", verbose_name="offre")
    name = LineColumn("nom", max_length=120)
    email = EmailColumn("adresse e-mail")
    phone = PhoneColumn("téléphone", blank=True)
    message = ProseColumn("message", max_length=5_000)
    # [{"question": …, "answer": …}]: a copy of the question, which may be edited or deleted later.
    answers = models.JSONField("réponses", default=list, blank=True)
    # Folded text for the search of the inbox: the databases ignore case differently, and do not ignore accents.
    search_text = models.TextField("texte cherché", editable=False, default="")
    # The consent of the candidate; ApplicationConsent records its changes.
    keep_for_others = models.BooleanField("gardée pour d’autres offres", default=False)

    cv = models.FileField("CV", storage=private_storage, upload_to=cv_path, max_length=120, blank=True)
    cv_name = models.CharField("nom du fichier", max_length=100, blank=True)
    cv_state = models.CharField("état du CV", max_length=10, choices=CvState, default=CvState.WAITING)
    cv_reason = models.CharField("remarque sur le CV", max_length=200, blank=True)
    cv_due_at = models.DateTimeField("prochaine vérification", null=True, editable=False)
    # Of a check without a result: for the operator, since it says nothing about the file.
    cv_error = models.CharField("échec de la vérification", max_length=200, blank=True, editable=False)
    cv_attempts = models.PositiveSmallIntegerField("vérifications", default=0, editable=False)

    status = models.CharField(
        "état", max_length=10, choices=ApplicationStatus, default=ApplicationStatus.RECEIVED, editable=False
    )
    created_at = models.DateTimeField("reçue le", default=timezone.now, editable=False)
    seen_at = models.DateTimeField("vue le", null=True, editable=False)
    # The first status after “seen”: the usual time to answer is computed from it.
    answered_at = models.DateTimeField("première réponse le", null=True, editable=False)
    # The current decision, of the company or by the candidate who withdraws. Its retention period starts here.
    decided_at = models.DateTimeField("décidée le", null=True, editable=False)
    last_contact_at = models.DateTimeField("dernier contact", default=timezone.now, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "candidature"
        verbose_name_plural = "candidatures"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(F("offer"), F("created_at").desc(), F("id").desc(), name="application_offer_newest"),
            models.Index(Lower("email"), name="application_email"),
            # One for each condition of `retention.due_conditions`.
            models.Index(
                fields=["decided_at"],
                name="application_decided",
                condition=Q(keep_for_others=False, decided_at__isnull=False),
            ),
            models.Index(
                fields=["offer"],
                name="application_undecided",
                condition=Q(keep_for_others=False, decided_at__isnull=True),
            ),
            models.Index(fields=["last_contact_at"], name="application_kept", condition=Q(keep_for_others=True)),
            models.Index(fields=["cv_due_at"], name="application_cv_due", condition=Q(cv_due_at__isnull=False)),
            # Few rows: those whose check is due or has failed.
            models.Index(fields=["created_at"], name="application_cv_waiting", condition=Q(cv_state="waiting")),
            models.Index(fields=["answered_at"], name="application_answered", condition=Q(answered_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                "offer",
                Lower("email"),
                name="application_once_per_offer",
                violation_error_message="Une candidature à cette offre porte déjà cette adresse.",
            ),
            models.UniqueConstraint(
                fields=["public_id"],
                name="application_public_id_unique",
                violation_error_message="Cet identifiant est déjà pris.",
            ),
            models.CheckConstraint(
                name="application_status_known",
                condition=Q(status__in=ApplicationStatus.values),
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                name="application_decided_dated",
                condition=Q(status__in=DECIDED, decided_at__isnull=False)
                | Q(~Q(status__in=DECIDED), decided_at__isnull=True),
                violation_error_message="Une candidature décidée a la date de la décision, et elle seule.",
            ),
            models.CheckConstraint(
                name="application_cv_state_known",
                condition=Q(cv_state__in=CvState.values),
                violation_error_message="Cet état du CV n’existe pas.",
            ),
            models.CheckConstraint(
                name="application_cv_refused_is_gone",
                condition=~Q(cv_state="refused") | Q(cv=""),
                violation_error_message="Un CV refusé n’est pas gardé.",
            ),
        ]

    def __str__(self):
        return f"{self.name} – {self.offer}"

    def save(self, *args, **kwargs):
        self.search_text = search_key(f"{self.name} {self.email} {self.message}")
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        """Return the path of the candidate’s page. It is a signed link, for mails to the candidate only."""
        return reverse("applications:status", args=[self.token])

    @property
    def token(self) -> str:
        return _token_signer.sign(self.public_id.hex)

    @property
    def is_open(self) -> bool:
        return self.status != ApplicationStatus.WITHDRAWN

    @property
    def retained_until(self):
        """Return the last day of the retention period, None while the recruitment is open."""
        return retention.retained_until(self)

    @property
    def cv_can_be_opened(self) -> bool:
        return bool(self.cv) and self.is_open and self.cv_state in {CvState.SAFE, CvState.FLAGGED}

    @property
    def cv_check_is_late(self) -> bool:
        """Return whether the check has failed, for a reason that is not in the file."""
        return self.cv_state == CvState.WAITING and (bool(self.cv_error) or self.cv_due_at is None)

    # Transitions: the only ways to change the status.

    def see(self, by, at=None):
        self._change_status(ApplicationStatus.SEEN, by, at)

    def discuss(self, by, at=None):
        self._change_status(ApplicationStatus.DISCUSSION, by, at)

    def decline(self, by, at=None, *, message=""):
        """Decline the application; `message` is sent to the candidate by mail."""
        with transaction.atomic():
            event = self._change_status(ApplicationStatus.DECLINED, by, at, message=message)
            if message:
                queue_mail("applications.decline", event.pk, application=self.pk, event=event.pk)

    def hire(self, by, at=None):
        self._change_status(ApplicationStatus.HIRED, by, at)

    def withdraw(self, at=None):
        """Withdraw the application, by the candidate. It also ends the consent to keep it for other offers."""
        at = at or timezone.now()
        with transaction.atomic():
            self._change_status(ApplicationStatus.WITHDRAWN, None, at)
            self.set_keep_for_others(False, at)

    @staticmethod
    def sources_of(status: ApplicationStatus) -> list[str]:
        return [source for source, targets in APPLICATION_TRANSITIONS.items() if status in targets]

    def allowed_statuses(self) -> set[str]:
        """Return the statuses that a recruiter may set."""
        return APPLICATION_TRANSITIONS[self.status] - {ApplicationStatus.WITHDRAWN}

    def _change_status(self, status: ApplicationStatus, by, at=None, *, message="") -> "ApplicationEvent":
        """Set the status if the row still allows it, in one UPDATE: of two concurrent requests one is refused."""
        at = at or timezone.now()
        sources = self.sources_of(status)
        values = {"status": status, "last_contact_at": at, "decided_at": at if status in DECIDED else None}
        if self.seen_at is None and status != ApplicationStatus.WITHDRAWN:
            values["seen_at"] = at
        if self.answered_at is None and status in _ANSWERED:
            values["answered_at"] = at
        with transaction.atomic():
            if not Application.objects.filter(pk=self.pk, status__in=sources).update(**values):
                raise ApplicationRefused(
                    f"La candidature «\u00a0{self.name}\u00a0» ne peut pas passer à l’état "
                    f"«\u00a0{ApplicationStatus(status).label}\u00a0»\u00a0: elle a changé entre-temps."
                )
            event = ApplicationEvent.objects.create(application=self, status=status, by=by, at=at, message=message)
        for name, value in values.items():
            setattr(self, name, value)
        return event

    def set_keep_for_others(self, keep: bool, at=None) -> bool:
        """Record that the candidate gives or ends the consent to keep the application for other offers.

        Return whether the choice is stored: a withdrawn application has none. Do nothing if it was the
        choice already. To give the consent is a contact.
        """
        at = at or timezone.now()
        changed = Application.objects.filter(pk=self.pk, keep_for_others=not keep)
        values = {"keep_for_others": keep}
        if keep:
            changed = changed.exclude(status=ApplicationStatus.WITHDRAWN)
            values["last_contact_at"] = at
        with transaction.atomic():
            if not changed.update(**values):
                return Application.objects.filter(pk=self.pk, keep_for_others=keep).exists()
            self.consents.create(given=keep, at=at)
        for name, value in values.items():
            setattr(self, name, value)
        return True

    def claim_cv(self, at=None) -> bool:
        """Claim the next check of the CV for this process; return False if it is not due or claimed already.

        Count the attempt before it starts: a file that kills the process is given up after CV_ATTEMPTS.
        """
        at = at or timezone.now()
        attempts = self.cv_attempts + 1
        due = at + retry_delay(attempts) if attempts < self.CV_ATTEMPTS else None
        due_now = Application.objects.cv_due(at).filter(pk=self.pk, cv_attempts=self.cv_attempts)
        if not due_now.update(cv_attempts=attempts, cv_due_at=due):
            return False
        self.cv_attempts, self.cv_due_at = attempts, due
        return True


class ApplicationEvent(models.Model):
    """A status change of an application. `by` is null for the candidate and for a deleted account."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="events", verbose_name="candidature")
    status = models.CharField("état", max_length=10, choices=ApplicationStatus)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True, blank=True
    )
    at = models.DateTimeField("le", default=timezone.now)
    # The message of a refusal to the candidate, sent by mail.
    message = models.TextField("message envoyé", max_length=5_000, blank=True)

    class Meta:
        verbose_name = "étape d’une candidature"
        verbose_name_plural = "étapes d’une candidature"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="application_event_status_known",
                condition=Q(status__in=ApplicationStatus.values),
                violation_error_message="Cet état n’existe pas.",
            )
        ]

    def __str__(self):
        return f"{self.get_status_display()} le {timezone.localtime(self.at):%d/%m/%Y}"


class ApplicationConsent(models.Model):
    """A change of `Application.keep_for_others` by the candidate: the proof of the consent (RGPD, article 7)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="consents", verbose_name="candidature")
    # Whether the consent was given; False if it was ended.
    given = models.BooleanField("donné")
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "accord de conservation"
        verbose_name_plural = "accords de conservation"
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{'donné' if self.given else 'retiré'} le {timezone.localtime(self.at):%d/%m/%Y à %H:%M}"


class ApplicationNote(models.Model):
    """A note between the members of a company. Candidates do not see it, but may request a copy (RGPD)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="notes", verbose_name="candidature")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="de", null=True, blank=True
    )
    text = models.TextField("note", max_length=2_000)
    created_at = models.DateTimeField("écrite le", default=timezone.now)

    class Meta:
        verbose_name = "note"
        verbose_name_plural = "notes"
        ordering = ["created_at", "pk"]

    def __str__(self):
        return f"note du {timezone.localtime(self.created_at):%d/%m/%Y}"


class CvAccess(models.Model):
    """The log of opened CVs. A row is written before the file is sent."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="cv_accesses", verbose_name="candidature")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name="par", null=True)
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "ouverture d’un CV"
        verbose_name_plural = "ouvertures de CV"
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"ouvert le {timezone.localtime(self.at):%d/%m/%Y à %H:%M}"
