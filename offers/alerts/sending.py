"""The run that queues a mail for each alert whose turn has come and whose search finds new offers.

A share of the alerts is claimed, searched for and settled, then the next one, until the time is up or none is left. To
settle is one transaction: the offers that each alert is sent, its mail in the outbox, and the time up to which it is
then covered. So each offer is mailed once, and a run that is killed leaves its alerts to the next one, which finds the
same offers again.
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
from offers.alerts.matching import MOST, Matcher
from offers.alerts.models import Alert, AlertDelivery, next_slot
from offers.models import Offer
from offers.search.health import seconds_since_agreed
from offers.search.index import SearchUnavailable

logger = logging.getLogger(__name__)

# Seconds after which a run takes no more alerts: the queue has other work, and a task is killed after
# Q_CLUSTER["timeout"]. The next run goes on.
SECONDS = 30
# Alerts that are claimed at once.
BATCH = 200
AFTER_ERROR = timedelta(hours=1)
# An index that has not agreed with the database for longer may lack offers that no later run would look for.
STALEST_INDEX = Alert.OVERLAP / 2


@dataclass
class Run:
    """What a run has done."""

    alerts: int = 0
    mails: int = 0
    searches: int = 0
    # Whether it stopped before there was nothing left to do.
    stopped: bool = False


def run(seconds: float = SECONDS) -> Run:
    """Queue what is due; raises SearchUnavailable."""
    end, done = time.monotonic() + seconds, Run()
    if not Alert.objects.due().exists():
        return done
    age = seconds_since_agreed()
    if age is None or timedelta(seconds=age) > STALEST_INDEX:
        logger.error("alerts wait: the search index does not follow the database")
        return Run(stopped=True)
    # Before the index is opened: what comes out from here on belongs to the next search.
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
            # Whatever was not dealt with is anybody's again.
            Alert.objects.release(claim)
    done.searches = matcher.searches
    return done


class _Batch:
    """Alerts of one claim, and the offers that each of them is to be sent."""

    def __init__(self, claim: UUID, alerts: list[Alert], until: datetime, matcher: Matcher):
        self.claim = claim
        self.alerts = alerts
        self.until = until
        self._found: dict[str, tuple[int, ...]] = {}
        for query, group in groupby(alerts, lambda alert: alert.query):
            group = list(group)
            try:
                self._found[query] = matcher.newest(query, min(alert.since for alert in group))
            except SearchUnavailable:
                raise
            except Exception as error:
                # Whatever one search has, it must not stop the others.
                for alert in group:
                    _set_aside(alert, claim, error)
        self.offers = sorted({pk for ids in self._found.values() for pk in ids})

    def news(self) -> Iterator[tuple[Alert, list[int], bool]]:
        """Each alert, the offers that are new to it, and whether there may be more."""
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
            yield alert, new, len(ids) == MOST and len(new) == len(offers)


def _settle(batch: _Batch, done: Run) -> None:
    for last in (False, True):
        news = list(batch.news())
        quiet = [alert for alert, offers, _ in news if not offers]
        _stamp(batch, quiet)
        done.alerts += len(quiet)
        try:
            mailed = _queue(batch, [line for line in news if line[1]])
        except IntegrityError:
            # An offer or an alert was deleted while it was read: a second look does not find it any more.
            if last:
                raise
            batch.alerts = [alert for alert in batch.alerts if alert not in quiet]
        else:
            done.alerts += mailed
            done.mails += mailed
            return


def _queue(batch: _Batch, news: list[tuple[Alert, list[int], bool]]) -> int:
    """Write what each alert is sent, its mail, and how far it is covered; return how many mails."""
    if not news:
        return 0
    with transaction.atomic():
        # Their owners may have ended some since the claim; those that are left wait until this is committed.
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
    """An alert is mailed once for each time up to which it was covered."""
    return f"{alert.pk}-{alert.covered_until:%Y%m%d%H%M%S%f}"


def _stamp(batch: _Batch, alerts: list[Alert], **values) -> None:
    """Record that these alerts are up to date with the search of this run."""
    for frequency in Alert.Frequency:
        if pks := [alert.pk for alert in alerts if alert.frequency == frequency]:
            settled = _settled(frequency, batch.until)
            Alert.objects.held(batch.claim).filter(pk__in=pks).update(**settled, **values)


def _settled(frequency: str, until: datetime) -> dict:
    return {"covered_until": until, "due_at": next_slot(frequency, until), "claim": None, "claimed_until": None}


def _set_aside(alert: Alert, claim: UUID, error: Exception) -> None:
    """Postpone an alert whose search raises, which is no fault of its owner’s, for as long as it takes."""
    held = Alert.objects.held(claim).filter(pk=alert.pk)
    held.update(due_at=timezone.now() + AFTER_ERROR, claim=None, claimed_until=None)
    logger.error("alert %d waits: %s", alert.pk, type(error).__name__, exc_info=error)
