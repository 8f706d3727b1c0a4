"""The backlog of moderators, for the queue, the to-do list of the admin and the mails: counts, and the oldest of each.

One query per source.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Max, Min, QuerySet
from django.urls import reverse
from django.utils import timezone

from jobboard.text.dates import elapsed
from offers.companies.models import CompanyRevision
from offers.enums import RevisionStatus
from offers.models import Offer
from offers.moderation.models import Report


class BacklogItems(NamedTuple):
    """The rows of a source that wait: how many, their label with the age of the oldest, and the URL of their page."""

    count: int
    label: str
    oldest: datetime
    newest: datetime
    url: str
    is_late: bool


@dataclass(frozen=True)
class BacklogSource:
    """Rows that moderators decide on. `names`: label of one and of several; `since`: the column with their arrival.

    Rows that wait for longer than `late_after` are late.
    """

    names: tuple[str, str]
    oldest_name: str
    rows: Callable[[], QuerySet]
    since: str
    url: Callable[[], str]
    late_after: timedelta = timedelta(days=2)

    def read(self, at: datetime | None = None) -> BacklogItems | None:
        """Return the waiting rows at `at` (now by default), or None if there are none."""
        totals = self.rows().order_by().aggregate(count=Count("pk"), oldest=Min(self.since), newest=Max(self.since))
        if not totals["count"]:
            return None
        at, several = at or timezone.now(), totals["count"] > 1
        age = elapsed(totals["oldest"], at)
        label = f"{self.names[several]}, {f'{self.oldest_name} ' if several else ''}depuis {age}"
        is_late = totals["oldest"] < at - self.late_after
        return BacklogItems(label=label, url=self.url(), is_late=is_late, **totals)


OFFERS = BacklogSource(
    ("offre à relire", "offres à relire"),
    "la plus ancienne",
    Offer.objects.waiting,
    "waiting_since",
    lambda: reverse("admin:offers_offer_moderation"),
)
COMPANIES = BacklogSource(
    ("changement d’entreprise à relire", "changements d’entreprises à relire"),
    "le plus ancien",
    CompanyRevision.objects.waiting,
    "created_at",
    lambda: reverse("admin:companies_companyrevision_changelist", query={"status__exact": RevisionStatus.WAITING}),
)
REPORTS = BacklogSource(
    ("signalement attend une décision", "signalements attendent une décision"),
    "le plus ancien",
    Report.objects.waiting,
    "created_at",
    lambda: reverse("admin:moderation_report_changelist"),
    late_after=timedelta(),
)


def read_backlog(at: datetime | None = None) -> list[BacklogItems]:
    """Return all that waits at `at` (now by default), without the sources where nothing waits."""
    return [items for source in (OFFERS, COMPANIES, REPORTS) if (items := source.read(at))]
