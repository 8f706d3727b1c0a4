"""Queue a mail for each due alert with new offers.

A run claims, searches and settles batches of alerts until its time limit. Settling is one transaction: the sent offers,
the mail in the outbox and the new watermark of each alert. So each offer is mailed once per alert, and after a killed
run the next one continues with the same offers.
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

# Seconds after which a run claims no more alerts: the queue has other tasks, and a task is killed after
# Q_CLUSTER["timeout"]. The next run continues.
SECONDS = 30
# Maximum count of alerts per claim.
BATCH = 200
RETRY_AFTER_ERROR = timedelta(hours=1)
# With an older index, a run could miss offers that no later run would search.
MAX_INDEX_AGE = Alert.OVERLAP / 2


@dataclass
class Run:
    """The counts of a run."""

    alerts: int = 0
    mails: int = 0
    searches: int = 0
    # Whether the run stopped before all due alerts were settled.
    stopped: bool = False


def run(seconds: float = SECONDS) -> Run:
    """Queue the mails of the due alerts. Raise SearchUnavailable."""
    end, done = time.monotonic() + seconds, Run()
    if not Alert.objects.due().exists():
        return done
    age = seconds_since_agreed()
    if age is None or timedelta(seconds=age) > MAX_INDEX_AGE:
        logger.error("alerts wait: the search index does not follow the database")
        return Run(stopped=True)
    # Before the index is opened: later offers belong to the next run.
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
            _settle(AlertBatch(claim, alerts, until, matcher), done)
        finally:
            # Release the alerts that could not be settled.
            Alert.objects.release(claim)
    done.searches = matcher.searches
    return done


class AlertBatch:
    """The alerts of one claim, and the new offers of each."""

    def __init__(self, claim: UUID, alerts: list[Alert], until: datetime, matcher: Matcher):
        self.claim = claim
        self.alerts = alerts
        self.until = until
        self._results: dict[str, tuple[int, ...]] = {}
        for query, group in groupby(alerts, lambda alert: alert.query):
            group = list(group)
            try:
                self._results[query] = matcher.newest_pks(query, min(alert.since for alert in group))
            except SearchUnavailable:
                raise
            except Exception as error:
                # An error of one search must not stop the others.
                for alert in group:
                    _postpone(alert, claim, error)
        self.offers = sorted({pk for ids in self._results.values() for pk in ids})

    def new_offers(self) -> Iterator[tuple[Alert, list[int], bool]]:
        """Yield (alert, pks of its new offers, whether there may be more)."""
        published = Offer.objects.published(self.until).filter(pk__in=self.offers)
        published_at = dict(published.values_list("pk", "published_at")) if self.offers else {}
        mailed = AlertDelivery.objects.filter(alert__in=[alert.pk for alert in self.alerts], offer__in=published_at)
        sent = set(mailed.values_list("alert_id", "offer_id")) if published_at else set()
        for alert in self.alerts:
            ids = self._results.get(alert.query)
            if ids is None:
                continue
            offers = [pk for pk in ids if pk in published_at and (alert.pk, pk) not in sent]
            new = [pk for pk in offers if published_at[pk] > alert.since]
            yield alert, new, len(ids) == MAX_OFFERS and len(new) == len(offers)


def _settle(batch: AlertBatch, done: Run) -> None:
    for last in (False, True):
        new_offers = list(batch.new_offers())
        without_offers = [alert for alert, offers, _ in new_offers if not offers]
        _advance_watermark(batch, without_offers)
        done.alerts += len(without_offers)
        try:
            mailed = _queue(batch, [row for row in new_offers if row[1]])
        except IntegrityError:
            # An offer or alert was deleted concurrently: read them again, once.
            if last:
                raise
            batch.alerts = [alert for alert in batch.alerts if alert not in without_offers]
        else:
            done.alerts += mailed
            done.mails += mailed
            return


def _queue(batch: AlertBatch, new_offers: list[tuple[Alert, list[int], bool]]) -> int:
    """Save the sent offers, mail and watermark of each alert. Return the count of mails."""
    if not new_offers:
        return 0
    with transaction.atomic():
        # Lock the alerts that still have the claim: others have been changed by their owners.
        held = set(Alert.objects.held(batch.claim).select_for_update().values_list("pk", flat=True))
        new_offers = [row for row in new_offers if row[0].pk in held]
        now = timezone.now()
        AlertDelivery.objects.bulk_create(
            [
                AlertDelivery(alert=alert, offer_id=pk, mailed_at=now)
                for alert, offers, _ in new_offers
                for pk in offers
            ],
            ignore_conflicts=True,
            batch_size=1_000,
        )
        queue_mails(
            [
                outbox_message("alerts.new_offers", _key(alert), alert=alert.pk, offers=offers, more=more)
                for alert, offers, more in new_offers
            ]
        )
        _advance_watermark(batch, [alert for alert, _, _ in new_offers], last_sent_at=now)
    return len(new_offers)


def _key(alert: Alert) -> str:
    """Return the idempotency key of the mail: one per watermark of an alert."""
    return f"{alert.pk}-{alert.covered_until:%Y%m%d%H%M%S%f}"


def _advance_watermark(batch: AlertBatch, alerts: list[Alert], **values) -> None:
    """Set the watermark of these alerts to that of the run, and release their claim."""
    for frequency in Alert.Frequency:
        if pks := [alert.pk for alert in alerts if alert.frequency == frequency]:
            settled = _settled_values(frequency, batch.until)
            Alert.objects.held(batch.claim).filter(pk__in=pks).update(**settled, **values)


def _settled_values(frequency: str, until: datetime) -> dict:
    return {"covered_until": until, "due_at": next_slot(frequency, until), "claim": None, "claimed_until": None}


def _postpone(alert: Alert, claim: UUID, error: Exception) -> None:
    """Postpone an alert whose search has raised an exception."""
    held = Alert.objects.held(claim).filter(pk=alert.pk)
    held.update(due_at=timezone.now() + RETRY_AFTER_ERROR, claim=None, claimed_until=None)
    logger.error("alert %d waits: %s", alert.pk, type(error).__name__, exc_info=error)
