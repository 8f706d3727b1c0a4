"""The one definition of which offers the public may see.

The condition for querysets, the check of one offer in memory, and the columns that the search index and the change log
depend on are all derived from here.
"""

from datetime import datetime
from typing import NamedTuple

from django.apps import apps
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from offers.enums import OfferStatus

# Statuses in which the public has been able to see an offer that was once published.
ONCE_PUBLIC = frozenset(
    [OfferStatus.PUBLISHED, OfferStatus.FILLED, OfferStatus.EXPIRED, OfferStatus.WITHDRAWN, OfferStatus.REMOVED]
)


# For SQL of the change log: the condition on the status, and the dates between which an offer is published.
STATUS_SQL = f"status = '{OfferStatus.PUBLISHED.value}'"
CLOCK_COLUMNS = ("published_at", "expires_at")


class Lifetime(NamedTuple):
    """The columns of an offer that decide whether the public may see it, for those who read rows and no models."""

    status: str
    published_at: datetime | None
    expires_at: datetime | None


def published_condition(at=None, prefix: str = "") -> Q:
    """Return the condition for offers that are published at `at` (now by default).

    `prefix` is the lookup path to the offer, such as "offers__" from a company.
    """
    at = at or timezone.now()
    return Q(
        **{f"{prefix}status": OfferStatus.PUBLISHED, f"{prefix}published_at__lte": at, f"{prefix}expires_at__gt": at}
    )


def once_published_condition(at=None) -> Q:
    """Return the condition for offers that the public has been able to see by `at`, open or closed since."""
    return Q(status__in=ONCE_PUBLIC, published_at__lte=at or timezone.now())


def is_published(offer, at=None) -> bool:
    """Return whether the public may see `offer` at `at` (now by default): `published_condition` for one offer.

    `offer` is an Offer, a card, or the Lifetime of its row.
    """
    at = at or timezone.now()
    return offer.status == OfferStatus.PUBLISHED and offer.published_at <= at < offer.expires_at


def was_published(offer, at=None) -> bool:
    """Return whether the public has been able to see `offer` by `at`: `once_published_condition` for one offer."""
    at = at or timezone.now()
    return offer.status in ONCE_PUBLIC and offer.published_at is not None and offer.published_at <= at


def scheduled_condition(at=None) -> Q:
    """Return the condition for offers with the status of published ones that the clock has yet to publish."""
    return Q(status=OfferStatus.PUBLISHED, published_at__gt=at or timezone.now())


def overdue_condition(at=None) -> Q:
    """Return the condition for offers with the status of published ones whose time is over."""
    return Q(status=OfferStatus.PUBLISHED, expires_at__lte=at or timezone.now())


def clock_conditions(end: datetime, start: datetime | None = None) -> dict[str, Q]:
    """Return, by column, the conditions for offers that the clock alone publishes, and lets expire, by `end`.

    From `start` on, if given. Two conditions for two queries, since each column has an index of its own.
    """
    limits = {"range": (start, end)} if start else {"lte": end}
    return {
        column: Q(status=OfferStatus.PUBLISHED, **{f"{column}__{lookup}": value for lookup, value in limits.items()})
        for column in CLOCK_COLUMNS
    }


def published_offer_count(field: str) -> Coalesce:
    """Return an annotation that counts the published offers which refer to each row by `field`; 0 where none do."""
    published = apps.get_model("offers", "Offer").objects.filter(published_condition(), **{field: OuterRef("pk")})
    counts = published.order_by().values(field).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counts), 0)
