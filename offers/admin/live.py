"""How many live offers there are of something, for the columns of lists."""

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from offers.models import Offer


def live_offers(field: str):
    """How many live offers point at each row by `field`, as an expression; 0 for none."""
    counted = Offer.objects.published().filter(**{field: OuterRef("pk")}).order_by().values(field)
    return Coalesce(Subquery(counted.annotate(number=Count("pk")).values("number")), 0)


def offers_link(count: int | None, **query):
    """A count that leads to the offers it counts."""
    if not count:
        return "0"
    return format_html('<a href="{}?{}">{}</a>', reverse("admin:offers_offer_changelist"), urlencode(query), count)
