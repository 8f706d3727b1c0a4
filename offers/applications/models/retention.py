"""How long applications are kept. The purge, pages, mails, exports and documents of the site share this definition.

An application is kept while the offer is being filled, then for APPLICATION_RETENTION_DAYS after the decision. Without
a decision, this period starts when the offer is closed, or at a later contact. With the consent of the candidate, an
application is kept for at least APPLICATION_CONSENT_RETENTION_DAYS after the last contact. A period ends at the end of
a day in the timezone of the site.

`due_conditions` and `retained_until` are equivalent, for querysets and for instances.
"""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from jobboard.privacy.registry import format_period
from jobboard.text.dates import local_date
from offers import visibility
from offers.enums import OfferStatus

# An offer in these statuses waits for its company. Without any edit for the whole period, it is no longer being filled;
# otherwise a forgotten draft would keep applications forever.
_SUSPENDED = (OfferStatus.DRAFT, OfferStatus.RETURNED)


def due_conditions(at: datetime | None = None) -> list[Q]:
    """Return the disjoint conditions for applications to delete at `at` (now by default), one for each index."""
    limit = _start_of_period(at, settings.APPLICATION_RETENTION_DAYS)
    suspended = Q(offer__status__in=_SUSPENDED, offer__updated_at__lt=limit)
    ended = visibility.ended_condition(limit, "offer__") | suspended
    decided = Q(decided_at__lt=limit)
    undecided = Q(decided_at__isnull=True, last_contact_at__lt=limit) & ended
    consent_limit = _start_of_period(at, settings.APPLICATION_CONSENT_RETENTION_DAYS)
    return [
        Q(keep_for_others=False) & decided,
        Q(keep_for_others=False) & undecided,
        Q(keep_for_others=True, last_contact_at__lt=consent_limit) & (decided | undecided),
    ]


def retained_until(application, at: datetime | None = None, *, keep: bool | None = None) -> date | None:
    """Return the last day on which an application is kept, None while its offer is being filled.

    `keep` replaces the consent of the candidate, to show the effect of changing it.
    """
    start = application.decided_at or _end_of_recruitment(application, at)
    if start is None:
        return None
    last_day = local_date(start) + timedelta(days=settings.APPLICATION_RETENTION_DAYS)
    if application.keep_for_others if keep is None else keep:
        period = timedelta(days=settings.APPLICATION_CONSENT_RETENTION_DAYS)
        last_day = max(last_day, local_date(application.last_contact_at) + period)
    return last_day


def _end_of_recruitment(application, at: datetime | None) -> datetime | None:
    """Return when the period of an undecided application starts, None while its offer is being filled."""
    offer = application.offer
    ended_at = offer.updated_at if offer.status in _SUSPENDED else offer.ended_at(at)
    return ended_at and max(ended_at, application.last_contact_at)


def _start_of_period(at: datetime | None, days: int) -> datetime:
    """Return the start of the first day whose period of `days` has not ended at `at`."""
    first_day = local_date(at or timezone.now()) - timedelta(days=days)
    return datetime.combine(first_day, time.min, timezone.get_default_timezone())


def retention_periods() -> dict[str, str]:
    """Return the periods in French (“3 mois”, “2 ans”), after the decision and after the last contact with consent."""
    return {
        "decided_period": format_period(settings.APPLICATION_RETENTION_DAYS),
        "consent_period": format_period(settings.APPLICATION_CONSENT_RETENTION_DAYS),
    }


def retention_rule() -> str:
    """Return the rule as a French phrase without its subject, for the privacy page."""
    return (
        "tant que l’offre est à pourvoir, puis {decided_period} après la décision ou, sans décision, après la "
        "fermeture de l’offre\u00a0; {consent_period} après le dernier contact si la personne a accepté que sa "
        "candidature soit gardée pour d’autres offres"
    ).format(**retention_periods())
