"""How many people read an offer: counted without a cookie, written in batches.

Most readings are served from the page cache, so they are counted around the views: `CountReadings` sees every response.
A reading costs no query: it is noted in this process, and a thread adds what was noted to the database every few
seconds, in one statement, whichever processes do so at once. A process that is killed loses what it noted since; one
that is told to stop writes it first. Robots, prefetching browsers, the team and the company's own people are left out.
Nothing about the reader is kept: who opens a page three times has read it three times.
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
# Statuses of a page that was read; 304 where the browser had it already.
READ = {200, 304}
# Seconds between two writings.
PAUSE = 5
# So many offers of a day are noted at most, while the database cannot be written.
MAX_NOTED = 50_000
BATCH = 500
# Added, not set: other processes add to the same rows.
ADD = """
INSERT INTO catalogue_audience (offer_id, day, views, clicks) VALUES {} ON CONFLICT (offer_id, day) DO UPDATE
SET views = catalogue_audience.views + excluded.views, clicks = catalogue_audience.clicks + excluded.clicks
"""
_detector = CrawlerDetect()


class CountReadings:
    """Middleware that counts the offers that are read; it stands around the page cache."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "GET" and response.status_code in READ:
            pk = offer_of_path(request.path_info)
            if pk and is_reader(request, pk):
                notes.add(pk, VIEWS)
        return response


@lru_cache(maxsize=2_000)
def offer_of_path(path: str) -> int | None:
    """Return the pk of the offer whose page has this path; a cached page has passed no URL resolver."""
    try:
        match = resolve(path)
    except Http404:
        return None
    return match.kwargs["pk"] if match.view_name == "catalogue:detail" else None


def count_click(request, offer) -> None:
    """Note that somebody goes on to where the offer takes applications."""
    if is_reader(request, offer.pk):
        notes.add(offer.pk, CLICKS)


def is_reader(request, offer_pk: int) -> bool:
    """Whether a person asks, who is neither of the team nor of the offer’s company."""
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return False
    if is_robot(request.headers.get("User-Agent", "")[:250]):
        return False
    # Only who has a session is looked up.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return True
    return not (
        request.user.is_staff or Membership.objects.filter(user=request.user, company__offers=offer_pk).exists()
    )


@lru_cache(maxsize=2_000)
def is_robot(user_agent: str) -> bool:
    """By what it says of itself; whoever says nothing is none of the browsers that people use."""
    return not user_agent or _detector.isCrawler(user_agent)


class Notes:
    """What this process has counted and not yet written."""

    def __init__(self):
        self._counts: Counter = Counter()
        self._lock = Lock()

    def add(self, offer_pk: int, kind: str):
        key = (timezone.localdate(), offer_pk, kind)
        with self._lock:
            if key in self._counts or len(self._counts) < MAX_NOTED:
                self._counts[key] += 1

    def write(self) -> int:
        """Add what was noted to the database; how many days of offers. What cannot be written stays noted."""
        with self._lock:
            noted, self._counts = self._counts, Counter()
        try:
            return _write(noted)
        except DatabaseError as error:
            # Also an offer that was deleted between the two statements: the next time it is left out.
            logger.warning("audience: %s, %d counts wait", type(error).__name__, len(noted))
            with self._lock:
                self._counts.update(noted)
            return 0


notes = Notes()


def _write(noted: Counter) -> int:
    rows = {}
    for (day, offer_pk, kind), count in noted.items():
        rows.setdefault((offer_pk, day), Counter())[kind] += count
    # In one order: processes that write the same rows at once then wait for one another, and never in a circle.
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
                cursor.execute(ADD.format(", ".join(["(%s, %s, %s, %s)"] * len(batch))), values)
    return len(keys)


class Writing(Thread):
    """Writes what is noted every few seconds, and once more when it is told to stop."""

    def __init__(self):
        super().__init__(name="audience", daemon=True)
        self._stop_asked = Event()

    def run(self):
        while not self._stop_asked.wait(PAUSE):
            self._write()
        self._write()

    def stop(self):
        self._stop_asked.set()
        self.join(10)

    @staticmethod
    def _write():
        try:
            notes.write()
        except Exception:
            # Whatever it is: counting goes on.
            logger.exception("audience: what was noted could not be written")
        finally:
            connections.close_all()
