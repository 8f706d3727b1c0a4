"""Selections of offers for curators, for the filter of the admin and its index page."""

from datetime import timedelta

from django.utils import timezone

from offers.enums import OfferStatus

SOON = timedelta(days=7)
# By value of the admin filter: the label, and a function of a queryset of offers and a datetime.
WATCHLISTS = {
    "en-ligne": ("En ligne", lambda offers, at: offers.published(at)),
    "expire-bientot": (
        "Expire sous 7\u00a0jours",
        lambda offers, at: offers.published(at).filter(expires_at__lte=at + SOON),
    ),
    "expiree": (
        "Expirée, ni pourvue ni retirée",
        lambda offers, at: offers.due_to_expire(at),
    ),
    "sans-remuneration": (
        "Sans rémunération",
        lambda offers, at: offers.filter(status__in=[OfferStatus.DRAFT, OfferStatus.PUBLISHED], pay_min__isnull=True),
    ),
    "sans-entreprise": (
        "Sans entreprise enregistrée",
        lambda offers, at: offers.filter(status__in=[OfferStatus.DRAFT, OfferStatus.PUBLISHED], company__isnull=True),
    ),
}


def filter_watchlist(offers, watch: str, at=None):
    """Return those of `offers` that are on the watchlist `watch` at the datetime `at` (now by default)."""
    return WATCHLISTS[watch][1](offers, at or timezone.now())
