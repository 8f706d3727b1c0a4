from django.utils import timezone

from offers.models import Offer
from tests.factories import make_offer

CLOSED = {"filled", "expired", "withdrawn", "removed"}


def make_offer_in(status, **fields) -> Offer:
    """Return an offer in `status`, with the closing date that the database requires of closed offers."""
    if status in CLOSED:
        fields.setdefault("closed_at", timezone.now())
    return make_offer(status=status, **fields)
