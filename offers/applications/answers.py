"""The usual time to answer of each company, shown to candidates: the median of its stored applications."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from offers.applications.models import Application
from offers.companies.models import Company

# A median of fewer answers is left out: one slow answer would change it too much.
MIN_ANSWERS = 5


def update_answer_days(at=None) -> int:
    """Store the median in days in `Company.answer_days`, and return the count of changed companies.

    The database sorts and counts: it returns one or two rows for each company, those in the middle.
    """
    at = at or timezone.now()
    # Most of the older ones are deleted; the rest would distort the median.
    start = at - timedelta(days=settings.APPLICATION_RETENTION_DAYS)
    company = F("offer__company")
    waited = F("answered_at") - F("created_at")
    middle = (
        Application.objects.filter(answered_at__gt=start, answered_at__lte=at, offer__company__isnull=False)
        .order_by()
        .annotate(
            waited=waited,
            rank=Window(RowNumber(), partition_by=company, order_by=[waited, "pk"]),
            total=Window(Count("pk"), partition_by=company),
        )
        .filter(total__gte=MIN_ANSWERS, rank__gte=F("total") / 2.0, rank__lte=F("total") / 2.0 + 1)
        .values_list("offer__company", "waited")
    )
    medians: dict[int, list[timedelta]] = {}
    for company_id, duration in middle:
        medians.setdefault(company_id, []).append(duration)
    days = {pk: max(1, round(sum(pair, timedelta()) / len(pair) / timedelta(days=1))) for pk, pair in medians.items()}

    # Write changed values only: each write has all offers of the company indexed again.
    known = Company.objects.filter(answer_days__isnull=False).in_bulk() | Company.objects.in_bulk(days)
    changed = [company for pk, company in known.items() if company.answer_days != days.get(pk)]
    with transaction.atomic():
        for company in changed:
            Company.objects.filter(pk=company.pk).update(answer_days=days.get(company.pk))
    return len(changed)
