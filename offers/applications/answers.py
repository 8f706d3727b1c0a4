"""How long the candidates of a company usually wait for an answer."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from offers.applications.models import Application
from offers.companies.models import Company

# Fewer say nothing.
ENOUGH = 5
# Answers of longer ago say nothing of today.
PERIOD = timedelta(days=365)


def measure(at=None) -> int:
    """Write down the median in days for every company that has enough answers; how many companies it changed.

    The database sorts and counts: one or two rows come back for each company, the ones in the middle.
    """
    at = at or timezone.now()
    company = F("offer__company")
    waited = F("answered_at") - F("created_at")
    middle = (
        Application.objects.filter(answered_at__gt=at - PERIOD, answered_at__lte=at, offer__company__isnull=False)
        .order_by()
        .annotate(
            waited=waited,
            rank=Window(RowNumber(), partition_by=company, order_by=[waited, "pk"]),
            total=Window(Count("pk"), partition_by=company),
        )
        .filter(total__gte=ENOUGH, rank__gte=F("total") / 2.0, rank__lte=F("total") / 2.0 + 1)
        .values_list("offer__company", "waited")
    )
    found: dict[int, list[timedelta]] = {}
    for company_id, time in middle:
        found.setdefault(company_id, []).append(time)
    days = {pk: max(1, round(sum(times, timedelta()) / len(times) / timedelta(days=1))) for pk, times in found.items()}

    # Only what changes is written: each of these rows has all offers of the company looked at again.
    known = Company.objects.filter(answer_days__isnull=False).in_bulk() | Company.objects.in_bulk(days)
    changed = [company for pk, company in known.items() if company.answer_days != days.get(pk)]
    with transaction.atomic():
        for company in changed:
            Company.objects.filter(pk=company.pk).update(answer_days=days.get(company.pk))
    return len(changed)
