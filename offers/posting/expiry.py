"""Offers whose time is over are called expired; candidates have not seen them since that moment."""

from django.utils import timezone

from offers.models import Offer, TransitionRefused

BATCH = 500


def run(at=None) -> int:
    """Expire what is due, at most so many at a time, and return how many. May be repeated, and run twice at once."""
    at = at or timezone.now()
    done = 0
    for offer in Offer.objects.due_to_expire(at).select_related("company").order_by("expires_at", "pk")[:BATCH]:
        try:
            offer.expire(at=at)
        except TransitionRefused:
            continue  # Renewed or closed by somebody meanwhile.
        done += 1
    return done
