"""The one definition of which offers the public may see.

The condition for querysets, the check of one offer in memory, and the columns that the search index and the change log
depend on are all derived from here.
"""

from django.apps import apps
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from offers.enums import Status

# Statuses in which the public has been able to see an offer that was once published.
ONCE_PUBLIC = frozenset([Status.PUBLISHED, Status.FILLED, Status.EXPIRED, Status.WITHDRAWN, Status.REMOVED])


def published_condition(at=None, prefix: str = "") -> Q:
    """Return the condition for offers that are published at `at` (now by default).

    `prefix` is the lookup path to the offer, such as "offers__" from a company.
    """
    at = at or timezone.now()
    return Q(**{f"{prefix}status": Status.PUBLISHED, f"{prefix}published_at__lte": at, f"{prefix}expires_at__gt": at})


def once_published_condition(at=None) -> Q:
    """Return the condition for offers that the public has been able to see by `at`, open or closed since."""
    return Q(status__in=ONCE_PUBLIC, published_at__lte=at or timezone.now())


def is_published(offer, at=None) -> bool:
    """Return whether the public may see `offer` at `at` (now by default): `published_condition` for one offer."""
    at = at or timezone.now()
    return offer.status == Status.PUBLISHED and offer.published_at <= at < offer.expires_at


def was_published(offer, at=None) -> bool:
    """Return whether the public has been able to see `offer` by `at`: `once_published_condition` for one offer."""
    at = at or timezone.now()
    return offer.status in ONCE_PUBLIC and offer.published_at is not None and offer.published_at <= at


def published_offer_count(field: str) -> Coalesce:
    """Return an annotation that counts the published offers which refer to each row by `field`; 0 where none do."""
    published = apps.get_model("offers", "Offer").objects.filter(published_condition(), **{field: OuterRef("pk")})
    counts = published.order_by().values(field).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counts), 0)
