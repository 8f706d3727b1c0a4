import logging
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from offers import visibility
from offers.catalogue import feeds
from offers.catalogue.filters import OfferFilter
from offers.changelog import log
from offers.models import Offer
from offers.search.documents import EPOCH
from offers.search.index import SearchUnavailable
from offers.search.query import DATE

logger = logging.getLogger(__name__)

NEWEST = 50


@require_safe
def feed(request, form):
    """The newest offers of a search, whatever order it was in. What makes no sense in it is said and left out."""
    if form not in feeds.FORMS:
        raise Http404
    search = OfferFilter(request.GET)
    changed_at = _changed_at()
    try:
        results = search.answer(limit=NEWEST, sort=DATE)
    except SearchUnavailable:
        logger.warning("a feed could not be answered: this host has no index that serves")
        return HttpResponse(status=503, headers={"Retry-After": "30"})
    found = Offer.objects.published().for_cards().in_bulk(results.ids)
    offers = [found[pk] for pk in results.ids if pk in found]
    pairs = [pair for pair in search.pairs if pair[0] != "tri"]
    address = reverse("catalogue:feed", args=[form]) + (f"?{urlencode(pairs)}" if pairs else "")
    body = feeds.write(
        form,
        offers,
        title=f"{search.title} – {settings.SITE_NAME}",
        description=_description(search, results),
        page=search.url(without=("tri",)),
        address=address,
        dated=max((max(offer.updated_at, offer.published_at) for offer in offers), default=EPOCH),
    ).encode()
    etag = quote_etag(sha256(body).hexdigest()[:32])
    response = HttpResponse(body, content_type=feeds.FORMS[form].content_type)
    response["ETag"] = etag
    # To be kept, and asked about before it is shown again.
    response["Cache-Control"] = "no-cache"
    seconds = int(changed_at.timestamp())
    if timezone.now() - changed_at > timedelta(seconds=2):
        # Within the very second more may change, and the header counts in seconds.
        response["Last-Modified"] = http_date(seconds)
    else:
        seconds = None
    return get_conditional_response(request, etag, seconds, response)


def _description(search, results) -> str:
    parts = [
        "Les offres d’emploi de l’informatique en France qui répondent à cette recherche, la plus récente d’abord."
    ]
    parts += [f"{field.label}\u00a0: {error}" for field in search.form for error in field.errors]
    if results.instead:
        asked, instead = search.cleaned["q"], results.searched
        parts.append(f"Aucune offre ne répond à «\u00a0{asked}\u00a0». Voici celles pour «\u00a0{instead}\u00a0».")
    return " ".join(parts)


def _changed_at() -> datetime:
    """When what feeds show may have changed last: a line of the change log, or an offer that came out or expired.

    Not the date of the newest offer shown, which stays what it was when another one goes.
    """
    changed = [
        Offer.objects.filter(condition).order_by(f"-{column}").values_list(column, flat=True).first()
        for column, condition in visibility.clock_conditions(timezone.now()).items()
    ]
    if line := log.newest_entry():
        changed.append(datetime.fromtimestamp(line[1], UTC))
    return max(filter(None, changed), default=EPOCH)
