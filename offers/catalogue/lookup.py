from django.http import Http404

from offers.models import Offer


def shown_offer(pk: int) -> Offer:
    """An offer that the public has been able to see, open or closed since; 404 for any other."""
    offer = Offer.objects.select_related("company", "place").filter(pk=pk).first()
    if offer is None or not offer.was_published():
        raise Http404
    return offer
