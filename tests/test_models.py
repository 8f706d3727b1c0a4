from offers.models import Offer
from tests.factories import make_offer


def test_published_offer_is_visible(db):
    offer = make_offer(title="Développeuse Python (F/H)")
    assert offer.title == "Développeuse Python"
    assert list(Offer.objects.published()) == [offer]
    assert offer.is_published()
