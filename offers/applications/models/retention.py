"""The retention periods of applications: the only definition, for the purge, pages, mails, exports and documents.

An application is retained while the recruitment is open, then for APPLICATION_RETENTION_DAYS after the decision.
Without a decision, this period starts when the offer is closed, or at a later contact. With the consent of the
candidate, an application is retained for at least APPLICATION_CONSENT_RETENTION_DAYS after the last contact. Each
period ends with a day in the timezone of the site.

`due_conditions` and `retained_until` are equivalent, for querysets and for instances. The functions below them are the
only French texts about this rule.
"""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from jobboard.privacy.registry import format_period
from jobboard.text.dates import local_date, long_date
from offers import visibility
from offers.enums import OfferStatus

# An offer in these statuses waits for its company. Without any edit for the whole period, the recruitment has ended;
# otherwise applications to a forgotten draft would never be deleted.
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
    """Return the last day of the retention period of an application, None while the recruitment is open.

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
    """Return when the period of an undecided application starts, None while the recruitment is open."""
    offer = application.offer
    ended_at = offer.updated_at if offer.status in _SUSPENDED else offer.ended_at(at)
    return ended_at and max(ended_at, application.last_contact_at)


def _start_of_period(at: datetime | None, days: int) -> datetime:
    """Return the start of the first day whose period of `days` has not ended at `at`."""
    first_day = local_date(at or timezone.now()) - timedelta(days=days)
    return datetime.combine(first_day, time.min, timezone.get_default_timezone())


# Instead of a date, while the recruitment is open.
UNTIL_FILLED = "tant que l’offre est à pourvoir"


def period_of_decided() -> str:
    """Return the period without the consent, in French: “3 mois après la décision (…)”."""
    period = format_period(settings.APPLICATION_RETENTION_DAYS)
    return f"{period} après la décision (sans décision\u00a0: après la fermeture de l’offre ou un contact plus tardif)"


def period_with_consent() -> str:
    """Return the period with the consent, in French: “au moins 2 ans après le dernier contact”."""
    return f"au moins {format_period(settings.APPLICATION_CONSENT_RETENTION_DAYS)} après le dernier contact"


def retention_rule(consent: str = "l’accord de la personne") -> str:
    """Return the rule for all applications as a French phrase without its subject, which follows “gardée”."""
    others = f"avec {consent} pour d’autres offres, {period_with_consent()}"
    return f"{UNTIL_FILLED}, puis {period_of_decided()}\u00a0; {others}"


def describe_retention(application) -> str:
    """Return the retention period of one application as a French sentence for its candidate and its company."""
    until = application.retained_until
    if until is None:
        consent = f", et {period_with_consent()}" if application.keep_for_others else ""
        return f"Gardée {UNTIL_FILLED}, puis {period_of_decided()}{consent}."
    if until < timezone.localdate():
        return "Sa durée de conservation est passée\u00a0: elle est effacée la nuit prochaine, avec son CV."
    return f"Gardée jusqu’au {long_date(until)}, puis effacée avec son CV."
