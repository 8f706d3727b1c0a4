"""Changes of the texts, site and logo of a company with published offers: a moderator accepts or declines them."""

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from jobboard.mail.outbox import queue_mail
from jobboard.text.columns import ProseColumn
from offers.companies.models.company import Company
from offers.enums import RevisionStatus
from offers.revisions import JUSTIFICATION_LENGTH, REASON_LENGTH, BaseRevision, RevisionQuerySet
from offers.visibility import published_condition

# Fields that a moderator reads before they are public, besides the logo.
MODERATED_TEXTS = ("name", "sector", "website", "description")
# Those of them that the wording check reads.
CHECKED_TEXTS = ("name", "sector", "description")


class CompanyRevisionQuerySet(RevisionQuerySet):
    def not_followed_up(self):
        """Return the declined revisions since which the company has not saved its form."""
        return self.filter(status=RevisionStatus.DECLINED, followed_up_at=None)


class CompanyRevision(BaseRevision):
    """`changes` maps names of fields to texts, and `logo` to the path of the new file."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="revisions", verbose_name="entreprise")
    # Why texts that the wording check refuses are right.
    justification = ProseColumn("motif de l’entreprise", max_length=JUSTIFICATION_LENGTH, blank=True)
    # The events of an offer have the reason of its declined revisions; those of a company are about its badge.
    reason = models.TextField("motif du refus", max_length=REASON_LENGTH, blank=True)

    # When the company saved its form after the refusal, which its page then no longer shows.
    followed_up_at = models.DateTimeField("suite donnée le", null=True, blank=True)

    objects = CompanyRevisionQuerySet.as_manager()

    class Meta(BaseRevision.Meta):
        verbose_name = "changement d’une entreprise"
        verbose_name_plural = "changements d’entreprises"
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company"],
                condition=Q(status="waiting"),
                name="companyrevision_one_waiting",
                violation_error_message="Un changement de cette entreprise attend déjà une relecture.",
            ),
            models.CheckConstraint(
                name="companyrevision_declined_with_reason",
                condition=~Q(status="declined") | ~Q(reason=""),
                violation_error_message="Un refus a un motif.",
            ),
            *BaseRevision.Meta.constraints,
        ]

    def __str__(self):
        return f"{self.company}\u00a0: {self.get_status_display()}"

    def accept(self) -> bool:
        """Apply the changes. Return False if another person has decided."""
        with transaction.atomic():
            company = Company.objects.select_for_update().get(pk=self.company_id)
            if not self._close(RevisionStatus.APPLIED):
                return False
            previous = company.logo.name
            for name, value in self.changes.items():
                setattr(company, name, value)
            company.save(update_fields=list(self.changes))
            if "logo" in self.changes and previous:
                _delete_file(previous)
            queue_mail("companies.revision_decided", self.pk, revision=self.pk)
        return True

    def decline(self, reason: str) -> bool:
        """Keep the company as it is, for a reason that it reads. Return False if another person has decided."""
        with transaction.atomic():
            if not self._close(RevisionStatus.DECLINED, reason):
                return False
            self._discard_logo()
            queue_mail("companies.revision_decided", self.pk, revision=self.pk)
        return True

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Return the label of each changed field and its proposed text, the logo left out."""
        fields = [name for name in self.changes if name != "logo"]
        return [(str(Company._meta.get_field(name).verbose_name), self.changes[name]) for name in fields]

    def _close(self, status, reason="") -> bool:
        waiting = CompanyRevision.objects.waiting().filter(pk=self.pk)
        return bool(waiting.update(status=status, decided_at=timezone.now(), reason=reason))

    def _discard_logo(self) -> None:
        if "logo" in self.changes:
            _delete_file(self.changes["logo"])


def propose(company: Company, changes: dict, by, justification: str = "") -> CompanyRevision | None:
    """Let the changes wait for a moderator, instead of earlier ones; without changes, drop those. Lock the company.

    Other changes are another row: a moderator decides on the version that they have read.
    """
    company.revisions.not_followed_up().update(followed_up_at=timezone.now())
    waiting = company.revisions.waiting().first()
    if waiting and (changes, justification) == (waiting.changes, waiting.justification):
        return waiting
    if waiting:
        waiting._close(RevisionStatus.DROPPED)
        if waiting.changes.get("logo") != changes.get("logo"):
            waiting._discard_logo()
    return company.revisions.create(changes=changes, by=by, justification=justification) if changes else None


def is_live(company: Company) -> bool:
    """Return whether the company has published offers, named or confidential."""
    return Company.objects.filter(published_condition(prefix="offers__"), pk=company.pk).exists()


def _delete_file(path: str) -> None:
    transaction.on_commit(lambda: default_storage.delete(path), robust=True)
