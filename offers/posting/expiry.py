"""Set the status of offers past their expiry date, which are no longer published."""

from django.utils import timezone

from offers.models import Offer, TransitionRefused

BATCH = 500


def expire_offers(at=None) -> int:
    """Expire at most BATCH offers and return their count. Idempotent, and safe to run concurrently."""
    at = at or timezone.now()
    expired = 0
    for offer in Offer.objects.due_to_expire(at).select_related("company").order_by("expires_at", "pk")[:BATCH]:
        try:
            offer.expire(at=at)
        except TransitionRefused:
            continue  # Renewed or closed meanwhile.
        expired += 1
    return expired
