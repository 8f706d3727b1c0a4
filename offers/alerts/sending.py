"""The run that queues a mail for each due alert with new offers.

It claims, searches and settles one batch of alerts after the other, until the time limit. Settling is one transaction:
the offers sent to each alert, its mail in the outbox and its new watermark. So each offer is mailed once, and a killed
run leaves its alerts to the next one, which finds the same offers again.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from jobboard.mail.outbox import outbox_message, queue_mails
from offers.alerts.matching import MAX_OFFERS, Matcher
from offers.alerts.models import Alert, AlertDelivery, next_slot
from offers.indexing.health import seconds_since_agreed
from offers.models import Offer
from offers.search.index import SearchUnavailable

logger = logging.getLogger(__name__)

# Seconds after which a run claims no more alerts: the queue has other work, and a task is killed after
# Q_CLUSTER["timeout"]. The next run continues.
SECONDS = 30
# Alerts of one claim.
BATCH = 200
AFTER_ERROR = timedelta(hours=1)
# An index behind the database for longer may lack offers that no later run would search.
STALEST_INDEX = Alert.OVERLAP / 2


@dataclass
class Run:
    """The counts of a run."""

    alerts: int = 0
    mails: int = 0
    searches: int = 0
    # Whether it stopped with due alerts left.
    stopped: bool = False


def run(seconds: float = SECONDS) -> Run:
    """Queue the mails of the due alerts. Raise SearchUnavailable."""
    end, done = time.monotonic() + seconds, Run()
    if not Alert.objects.due().exists():
        return done
    age = seconds_since_agreed()
    if age is None or timedelta(seconds=age) > STALEST_INDEX:
        logger.error("alerts wait: the search index does not follow the database")
        return Run(stopped=True)
    # Before the index is opened: offers published from here on belong to the next search.
    until = timezone.now()
    matcher = Matcher()
    while not done.stopped:
        if time.monotonic() > end:
            done.stopped = True
            break
        claim, alerts = Alert.objects.claim(BATCH)
        if not alerts:
            break
        try:
            _settle(_Batch(claim, alerts, until, matcher), done)
        finally:
            # Release the alerts that were not settled.
            Alert.objects.release(claim)
    done.searches = matcher.searches
    return done


class _Batch:
    """The alerts of one claim, and the new offers of each."""

    def __init__(self, claim: UUID, alerts: list[Alert], until: datetime, matcher: Matcher):
        self.claim = claim
        self.alerts = alerts
        self.until = until
        self._found: dict[str, tuple[int, ...]] = {}
        for query, group in groupby(alerts, lambda alert: alert.query):
            group = list(group)
            try:
                self._found[query] = matcher.newest_pks(query, min(alert.since for alert in group))
            except SearchUnavailable:
                raise
            except Exception as error:
                # An error of one search must not stop the others.
                for alert in group:
                    _set_aside(alert, claim, error)
        self.offers = sorted({pk for ids in self._found.values() for pk in ids})

    def news(self) -> Iterator[tuple[Alert, list[int], bool]]:
        """Yield each alert, the pks of its new offers, and whether there may be more."""
        published = Offer.objects.published(self.until).filter(pk__in=self.offers)
        published_at = dict(published.values_list("pk", "published_at")) if self.offers else {}
        mailed = AlertDelivery.objects.filter(alert__in=[alert.pk for alert in self.alerts], offer__in=published_at)
        already = set(mailed.values_list("alert_id", "offer_id")) if published_at else set()
        for alert in self.alerts:
            ids = self._found.get(alert.query)
            if ids is None:
                continue
            offers = [pk for pk in ids if pk in published_at and (alert.pk, pk) not in already]
            new = [pk for pk in offers if published_at[pk] > alert.since]
            yield alert, new, len(ids) == MAX_OFFERS and len(new) == len(offers)


def _settle(batch: _Batch, done: Run) -> None:
    for last in (False, True):
        news = list(batch.news())
        quiet = [alert for alert, offers, _ in news if not offers]
        _stamp(batch, quiet)
        done.alerts += len(quiet)
        try:
            mailed = _queue(batch, [line for line in news if line[1]])
        except IntegrityError:
            # An offer or an alert was deleted meanwhile: read them again.
            if last:
                raise
            batch.alerts = [alert for alert in batch.alerts if alert not in quiet]
        else:
            done.alerts += mailed
            done.mails += mailed
            return


def _queue(batch: _Batch, news: list[tuple[Alert, list[int], bool]]) -> int:
    """Save the sent offers, the mail and the watermark of each alert; return the count of mails."""
    if not news:
        return 0
    with transaction.atomic():
        # Lock the alerts that still have the claim: some may have been unsubscribed since.
        held = set(Alert.objects.held(batch.claim).select_for_update().values_list("pk", flat=True))
        news = [line for line in news if line[0].pk in held]
        now = timezone.now()
        AlertDelivery.objects.bulk_create(
            [AlertDelivery(alert=alert, offer_id=pk, mailed_at=now) for alert, offers, _ in news for pk in offers],
            ignore_conflicts=True,
            batch_size=1_000,
        )
        queue_mails(
            [
                outbox_message("alerts.new_offers", _key(alert), alert=alert.pk, offers=offers, more=more)
                for alert, offers, more in news
            ]
        )
        _stamp(batch, [alert for alert, _, _ in news], last_sent_at=now)
    return len(news)


def _key(alert: Alert) -> str:
    """Return the unique key of the mail: one for each watermark of an alert."""
    return f"{alert.pk}-{alert.covered_until:%Y%m%d%H%M%S%f}"


def _stamp(batch: _Batch, alerts: list[Alert], **values) -> None:
    """Set the watermark of these alerts to that of this run."""
    for frequency in Alert.Frequency:
        if pks := [alert.pk for alert in alerts if alert.frequency == frequency]:
            settled = _settled(frequency, batch.until)
            Alert.objects.held(batch.claim).filter(pk__in=pks).update(**settled, **values)


def _settled(frequency: str, until: datetime) -> dict:
    return {"covered_until": until, "due_at": next_slot(frequency, until), "claim": None, "claimed_until": None}


def _set_aside(alert: Alert, claim: UUID, error: Exception) -> None:
    """Postpone an alert whose search raises, without counting it as a failure of the recipient."""
    held = Alert.objects.held(claim).filter(pk=alert.pk)
    held.update(due_at=timezone.now() + AFTER_ERROR, claim=None, claimed_until=None)
    logger.error("alert %d waits: %s", alert.pk, type(error).__name__, exc_info=error)
