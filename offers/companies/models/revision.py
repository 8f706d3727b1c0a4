"""Changes of the texts, site and logo of a company with published offers: a moderator accepts or declines them."""

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from jobboard.mail.outbox import queue_mail
from offers.companies.models.company import Company
from offers.enums import RevisionStatus
from offers.revisions import BaseRevision
from offers.visibility import published_condition

# Fields that a moderator reads before they are public, besides the logo.
MODERATED_TEXTS = ("name", "sector", "website", "description")


class CompanyRevisionQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(status=RevisionStatus.WAITING)


class CompanyRevision(BaseRevision):
    """`changes` maps names of fields to texts, and `logo` to the path of the new file."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="revisions", verbose_name="entreprise")

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

    def decline(self) -> bool:
        """Keep the company as it is. Return False if another person has decided."""
        with transaction.atomic():
            if not self._close(RevisionStatus.DECLINED):
                return False
            self._discard_logo()
            queue_mail("companies.revision_decided", self.pk, revision=self.pk)
        return True

    def _close(self, status) -> bool:
        now = timezone.now()
        waiting = CompanyRevision.objects.waiting().filter(pk=self.pk)
        return bool(waiting.update(status=status, decided_at=now))

    def _discard_logo(self) -> None:
        if "logo" in self.changes:
            _delete_file(self.changes["logo"])


def propose(company: Company, changes: dict, by) -> CompanyRevision | None:
    """Let the changes wait for a moderator, instead of earlier ones; without changes, drop those. Lock the company.

    Other changes are another row: a moderator decides on what they have read.
    """
    waiting = company.revisions.waiting().first()
    if waiting and changes == waiting.changes:
        return waiting
    if waiting:
        waiting._close(RevisionStatus.DROPPED)
        if waiting.changes.get("logo") != changes.get("logo"):
            waiting._discard_logo()
    return company.revisions.create(changes=changes, by=by) if changes else None


def is_live(company: Company) -> bool:
    """Return whether the company has published offers, named or confidential."""
    return Company.objects.filter(published_condition(prefix="offers__"), pk=company.pk).exists()


def _delete_file(path: str) -> None:
    transaction.on_commit(lambda: default_storage.delete(path), robust=True)
