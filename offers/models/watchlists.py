"""What curators have to look at among the offers: one definition for the admin's filter and for its front page."""

from datetime import timedelta

from django.utils import timezone

from offers.enums import Status

SOON = timedelta(days=7)
# What one of the filters' values means. Each takes a queryset of offers and a moment.
WATCHES = {
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
        lambda offers, at: offers.filter(status__in=[Status.DRAFT, Status.PUBLISHED], pay_min__isnull=True),
    ),
    "sans-entreprise": (
        "Sans entreprise enregistrée",
        lambda offers, at: offers.filter(status__in=[Status.DRAFT, Status.PUBLISHED], company__isnull=True),
    ),
}


def watched(offers, watch: str, at=None):
    """The `offers` that the watch of that name points at, at the moment `at` (now by default)."""
    return WATCHES[watch][1](offers, at or timezone.now())
