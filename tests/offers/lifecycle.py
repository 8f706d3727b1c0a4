"""Offers in every status, and their transitions by name."""

from django.utils import timezone

from offers.models import Offer
from tests.factories import make_offer

CLOSED = {"filled", "expired", "withdrawn", "removed"}
NEED_REASON = {"return_", "remove", "restore", "decline"}


def make_offer_in(status, **fields) -> Offer:
    """Return an offer in `status`, with the closing date that the database requires of closed offers."""
    if status in CLOSED:
        fields.setdefault("closed_at", timezone.now())
    return make_offer(status=status, **fields)


def apply_verb(offer, verb, by):
    """Call the method of the offer that is named `verb` as the user `by`, with the arguments that it needs."""
    if verb == "expire":
        return offer.expire()
    if verb == "propose":
        return offer.propose({"title": "Encore un autre"}, by)
    return getattr(offer, verb)(by, *(["Motif."] if verb in NEED_REASON else []))
