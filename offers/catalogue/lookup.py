from django.http import Http404

from offers.models import Offer


def get_public_offer_or_404(pk: int) -> Offer:
    """Return the offer if it is or was published; raise Http404 otherwise."""
    offer = Offer.objects.select_related("company", "place").filter(pk=pk).first()
    if offer is None or not offer.was_published():
        raise Http404
    return offer
