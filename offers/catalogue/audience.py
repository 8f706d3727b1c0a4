"""Views of offers: counted without cookies, written to the database in batches.

Most views are served from the page cache, so AudienceMiddleware wraps it. Counting needs no query: counts are buffered
in the process, and a thread writes them every few seconds with one upsert, which is atomic between processes. A killed
process loses its buffer; a terminated one flushes it first. Bots, prefetch requests, staff and members of the company
are not counted. No data about visitors is stored: a visitor who opens a page three times counts three times.
"""

import logging
from collections import Counter
from functools import lru_cache
from threading import Event, Lock, Thread

from crawlerdetect import CrawlerDetect
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.http import Http404
from django.urls import resolve
from django.utils import timezone

from offers.companies.models import Membership
from offers.models import Offer

logger = logging.getLogger(__name__)

VIEWS, CLICKS = "views", "clicks"
# Statuses of a viewed page; 304 if the browser has it in its cache.
PAGE_STATUSES = {200, 304}
# Seconds between two flushes.
FLUSH_SECONDS = 5
# Maximum count of keys in the buffer, against memory growth while the database is unavailable.
MAX_BUFFERED = 50_000
BATCH = 500
# An atomic increment, since other processes write the same rows.
UPSERT = """
INSERT INTO catalogue_audience (offer_id, day, views, clicks) VALUES {} ON CONFLICT (offer_id, day) DO UPDATE
SET views = catalogue_audience.views + excluded.views, clicks = catalogue_audience.clicks + excluded.clicks
"""
_detector = CrawlerDetect()


class AudienceMiddleware:
    """Count the views of offers. It has to wrap the page cache."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "GET" and response.status_code in PAGE_STATUSES:
            pk = offer_pk_for_path(request.path_info)
            if pk and is_counted(request, pk):
                buffer.add(pk, VIEWS)
        return response


@lru_cache(maxsize=2_000)
def offer_pk_for_path(path: str) -> int | None:
    """Return the pk of the offer whose page has this path, or None. Requests of cached pages are not resolved."""
    try:
        match = resolve(path)
    except Http404:
        return None
    return match.kwargs["pk"] if match.view_name == "catalogue:detail" else None


def count_click(request, offer) -> None:
    """Count a click on the link to the application page of the employer."""
    if is_counted(request, offer.pk):
        buffer.add(offer.pk, CLICKS)


def is_counted(request, offer_pk: int) -> bool:
    """Return whether the request is from a visitor who is not a bot, staff, or a member of the company."""
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return False
    if is_bot(request.headers.get("User-Agent", "")[:250]):
        return False
    # Query only for visitors with a session.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return True
    return not (
        request.user.is_staff or Membership.objects.filter(user=request.user, company__offers=offer_pk).exists()
    )


@lru_cache(maxsize=2_000)
def is_bot(user_agent: str) -> bool:
    """Return whether the user agent is a bot. Browsers always send one, so an empty one is a bot too."""
    return not user_agent or _detector.isCrawler(user_agent)


class AudienceBuffer:
    """The counts of this process that are not written yet."""

    def __init__(self):
        self._counts: Counter = Counter()
        self._lock = Lock()

    def add(self, offer_pk: int, kind: str):
        key = (timezone.localdate(), offer_pk, kind)
        with self._lock:
            if key in self._counts or len(self._counts) < MAX_BUFFERED:
                self._counts[key] += 1

    def flush(self) -> int:
        """Write the counts to the database and return the count of rows. On failure they stay in the buffer."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            return _write(counts)
        except DatabaseError as error:
            # Also if an offer was deleted between the two statements: the next flush skips it.
            logger.warning("audience: %s, %d counts wait", type(error).__name__, len(counts))
            with self._lock:
                self._counts.update(counts)
            return 0


buffer = AudienceBuffer()


def _write(counts: Counter) -> int:
    rows = {}
    for (day, offer_pk, kind), count in counts.items():
        rows.setdefault((offer_pk, day), Counter())[kind] += count
    # Sorted, so that concurrent processes lock rows in the same order and cannot deadlock.
    keys = sorted(rows)
    with transaction.atomic():
        known = set()
        pks = sorted({pk for pk, _ in keys})
        for start in range(0, len(pks), BATCH):
            known.update(Offer.objects.filter(pk__in=pks[start : start + BATCH]).values_list("pk", flat=True))
        keys = [key for key in keys if key[0] in known]
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            values = [value for key in batch for value in (*key, rows[key][VIEWS], rows[key][CLICKS])]
            with connection.cursor() as cursor:
                cursor.execute(UPSERT.format(", ".join(["(%s, %s, %s, %s)"] * len(batch))), values)
    return len(keys)


class AudienceWriter(Thread):
    """A thread that flushes the buffer every few seconds, and once more when it is stopped."""

    def __init__(self):
        super().__init__(name="audience", daemon=True)
        self._stop_requested = Event()

    def run(self):
        while not self._stop_requested.wait(FLUSH_SECONDS):
            self._write()
        self._write()

    def stop(self):
        self._stop_requested.set()
        self.join(10)

    @staticmethod
    def _write():
        try:
            buffer.flush()
        except Exception:
            # The thread must survive any error.
            logger.exception("audience: counts could not be written")
        finally:
            connections.close_all()
