"""The published offers of a role, for the pages of roles."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from careers.models import Role
from jobboard.caching.values import CachedValues
from offers.models.offer import Offer, OfferQuerySet, PayQuartiles
from offers.ordering import newest_first

NEWEST, OTHERS = 6, 4
# From this count of offers, the quartiles take milliseconds and are cached for an hour.
PAY_CACHED_FROM = 500
_pay = CachedValues(size=2_000, seconds=3_600)
# Fewer salaries would disclose the pay of one employer.
MIN_SALARIES = 5


@dataclass(frozen=True)
class RoleOffers:
    """The newest offers of a role, or `others` if it has none, their count, and the quartiles of their pay.

    `pay_computed_on` is the day of the quartiles, which are cached.
    """

    role: Role
    newest: list[Offer]
    others: list[Offer]
    count: int
    pay: PayQuartiles | None
    pay_computed_on: date | None

    @property
    def anchors(self) -> set[str]:
        """Return the anchors of the page sections that have content from offers."""
        return {*(["offres"] if self.newest or self.others else []), *(["salaire"] if self.pay else [])}

    @property
    def surrogate_keys(self) -> set[str]:
        keys = {f"role_offers:{self.role.pk}"}.union(*(offer.surrogate_keys for offer in [*self.newest, *self.others]))
        return keys if self.newest else keys | {"published"}


def fetch_role_offers(role: Role) -> RoleOffers:
    """Return the published offers of `role`, with at most four queries."""
    published = role.offers.published()
    newest = newest_first(published.for_cards().newest_first()[:NEWEST])
    count = len(newest) if len(newest) < NEWEST else published.count()
    others = [] if newest else newest_first(Offer.objects.published().for_cards().newest_first()[:OTHERS])
    return RoleOffers(role, newest, others, count, *_pay_quartiles(role, published, count))


def _pay_quartiles(role: Role, published: OfferQuerySet, count: int) -> tuple[PayQuartiles | None, date | None]:
    """Return the quartiles of the `count` published offers and their day; (None, None) below MIN_SALARIES."""
    if count < MIN_SALARIES:
        return None, None

    def compute():
        return published.pay_quartiles(), timezone.localdate()

    pay, day = _pay.get_or_compute(role.pk, compute) if count >= PAY_CACHED_FROM else compute()
    return (pay, day) if pay and pay.count >= MIN_SALARIES else (None, None)
