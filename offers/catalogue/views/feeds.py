import logging
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from jobboard.text.lines import colon
from offers import visibility
from offers.catalogue import feeds
from offers.catalogue.filters import OfferFilter
from offers.changelog import log
from offers.models import Offer
from offers.ordering import day_start
from offers.search.documents import EPOCH
from offers.search.index import SearchUnavailable
from offers.search.query import DATE

logger = logging.getLogger(__name__)

NEWEST = 50


@require_safe
def feed(request, feed_format):
    """Return the newest offers of a search in one of the formats. Invalid parameters are ignored, and reported."""
    if feed_format not in feeds.FORMATS:
        raise Http404
    search = OfferFilter(request.GET)
    changed_at = _changed_at()
    try:
        results = search.answer(limit=NEWEST, sort=DATE)
    except SearchUnavailable:
        logger.warning("a feed could not be answered: this host has no usable index")
        return HttpResponse(status=503, headers={"Retry-After": "30"})
    offers_by_pk = Offer.objects.published().for_cards().with_version_at().in_bulk(results.ids)
    offers = [offers_by_pk[pk] for pk in results.ids if pk in offers_by_pk]
    pairs = [pair for pair in search.pairs if pair[0] != "tri"]
    path = reverse("catalogue:feed", args=[feed_format]) + (f"?{urlencode(pairs)}" if pairs else "")
    body = feeds.render_feed(
        feed_format,
        offers,
        title=f"{search.title} – {settings.SITE_NAME}",
        description=_description(search, results),
        page=search.url(without=("tri",)),
        path=path,
        updated_at=day_start(max(map(feeds.changed_at, offers), default=EPOCH)),
    ).encode()
    etag = quote_etag(sha256(body).hexdigest()[:32])
    response = HttpResponse(body, content_type=feeds.FORMATS[feed_format].content_type)
    response["ETag"] = etag
    # Cached by clients, and revalidated at each request.
    response["Cache-Control"] = "no-cache"
    seconds = int(changed_at.timestamp())
    if timezone.now() - changed_at > timedelta(seconds=2):
        # Omitted within two seconds: the header has a resolution of one second.
        response["Last-Modified"] = http_date(seconds)
    else:
        seconds = None
    return get_conditional_response(request, etag, seconds, response)


def _description(search, results) -> str:
    sentences = [
        "Les offres d’emploi de l’informatique en France qui répondent à cette recherche, la plus récente d’abord."
    ]
    sentences += [f"{field.label}{colon(field.label)} {error}" for field in search.form for error in field.errors]
    if results.instead:
        query, instead = search.understanding.words, results.searched
        sentences.append(f"Aucune offre ne répond à «\u00a0{query}\u00a0». Voici celles pour «\u00a0{instead}\u00a0».")
    return " ".join(sentences)


def _changed_at() -> datetime:
    """Return the datetime of the last public change: in the change log, or a publication or expiry by date.

    The date of the newest offer is not enough: it stays the same when another offer closes.
    """
    by_date = [
        Offer.objects.filter(condition).order_by(f"-{column}").values_list(column, flat=True).first()
        for column, condition in visibility.clock_conditions(timezone.now()).items()
    ]
    return max([log.last_public_change(), *filter(None, by_date)])
