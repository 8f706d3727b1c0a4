"""Visibility of offers: querysets, instances, search index and change log share this definition."""

from datetime import datetime
from typing import NamedTuple

from django.apps import apps
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from offers.enums import OfferStatus

# Statuses of offers that are or may have been published.
ONCE_PUBLIC = frozenset(
    [OfferStatus.PUBLISHED, OfferStatus.FILLED, OfferStatus.EXPIRED, OfferStatus.WITHDRAWN, OfferStatus.REMOVED]
)


# For the SQL of the change log: the condition on the status, and the columns with the dates of publication and expiry.
STATUS_SQL = f"status = '{OfferStatus.PUBLISHED.value}'"
CLOCK_COLUMNS = ("published_at", "expires_at")


class Lifetime(NamedTuple):
    """The columns of an offer that determine whether it is published, for code that reads rows."""

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
    """Return the condition for offers published at `at` or before, open or closed since."""
    return Q(status__in=ONCE_PUBLIC, published_at__lte=at or timezone.now())


def is_published(offer, at=None) -> bool:
    """Return whether `offer` (an Offer, Card or Lifetime) is published at `at` (now by default).

    Equivalent to `published_condition`.
    """
    at = at or timezone.now()
    return offer.status == OfferStatus.PUBLISHED and offer.published_at <= at < offer.expires_at


def was_published(offer, at=None) -> bool:
    """Return whether `offer` was published at `at` or before. Equivalent to `once_published_condition`."""
    at = at or timezone.now()
    return offer.status in ONCE_PUBLIC and offer.published_at is not None and offer.published_at <= at


def scheduled_condition(at=None) -> Q:
    """Return the condition for offers with the status “published” whose date of publication is in the future."""
    return Q(status=OfferStatus.PUBLISHED, published_at__gt=at or timezone.now())


def overdue_condition(at=None) -> Q:
    """Return the condition for offers with the status “published” whose expiry date has passed."""
    return Q(status=OfferStatus.PUBLISHED, expires_at__lte=at or timezone.now())


def ended_condition(before: datetime, prefix: str = "") -> Q:
    """Return the condition for offers that were closed or expired before a datetime. `Offer.ended_at` is equivalent.

    `prefix` is the lookup path to the offer, such as "offer__" from an application.
    """
    overdue = {f"{prefix}status": OfferStatus.PUBLISHED, f"{prefix}expires_at__lt": before}
    return Q(**{f"{prefix}closed_at__lt": before}) | Q(**overdue)


def clock_conditions(end: datetime, start: datetime | None = None) -> dict[str, Q]:
    """Return the conditions for offers published, and expired, by date until `end` (and from `start`), by column.

    They are for two queries, since each column has its own index.
    """
    limits = {"range": (start, end)} if start else {"lte": end}
    return {
        column: Q(status=OfferStatus.PUBLISHED, **{f"{column}__{lookup}": value for lookup, value in limits.items()})
        for column in CLOCK_COLUMNS
    }


def published_offer_count(field: str) -> Coalesce:
    """Return an annotation with the count of published offers that refer to the row by `field`."""
    published = apps.get_model("offers", "Offer").objects.filter(published_condition(), **{field: OuterRef("pk")})
    counts = published.order_by().values(field).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counts), 0)
