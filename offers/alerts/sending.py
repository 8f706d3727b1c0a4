"""The run that sends what is new to each alert whose turn has come.

A share of the alerts is claimed, searched for and mailed, then the next one, until the time is up or none is left. What
an alert has been sent is noted once its mail has left, together with the moment before the search: a run that is
killed leaves its alerts to the next one, which finds the same offers again. A mail goes out twice only where a process
died between the server’s “accepted” and that note; it then bears the same Message-ID.
"""

import logging
import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone

from jobboard.mail import error_code
from offers.alerts import mails
from offers.alerts.matching import MOST, Matcher
from offers.models import Alert, AlertDelivery, Offer
from offers.models.alert import next_slot
from offers.search.health import seconds_since_agreed

logger = logging.getLogger(__name__)

# Seconds after which a run takes no more alerts: the queue has other work, and a task is killed after
# Q_CLUSTER["timeout"]. The next run goes on.
SECONDS = 30
# Alerts that are claimed at once.
BATCH = 200
# Mails over one connection, before the server is greeted anew.
MAILS_PER_CONNECTION = 100
AFTER_TROUBLE = timedelta(minutes=10)
# An index that has not agreed with the database for longer may lack offers that no later run would look for.
STALEST_INDEX = Alert.OVERLAP / 2


class ServerInTrouble(Exception):
    """The mail server takes no mail at all."""


@dataclass
class Run:
    """What a run has done."""

    alerts: int = 0
    mails: int = 0
    searches: int = 0
    # Whether it stopped before there was nothing left to do.
    stopped: bool = False


def run(seconds: float = SECONDS) -> Run:
    """Send what is due; raises SearchUnavailable."""
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
    with _Outbox() as outbox:
        while not done.stopped:
            claim, alerts = Alert.objects.claim(BATCH)
            if not alerts:
                break
            try:
                _settle(_Batch(claim, alerts, until, matcher), outbox, done, end)
            except ServerInTrouble as error:
                logger.warning("alerts wait: the mail server takes none: %s", error)
                done.stopped = True
            finally:
                # Whatever was not dealt with is anybody's again.
                Alert.objects.release(claim)
            done.stopped = done.stopped or time.monotonic() > end
    done.searches = matcher.searches
    return done


class _Batch:
    """Alerts of one claim, and the offers that each of them is to be sent."""

    def __init__(self, claim: UUID, alerts: list[Alert], until: datetime, matcher: Matcher):
        self.claim = claim
        self.alerts = alerts
        self.until = until
        found = {
            query: matcher.newest(query, min(alert.since for alert in group))
            for query, group in ((query, list(group)) for query, group in groupby(alerts, lambda alert: alert.query))
        }
        self._found = found
        ids = sorted({pk for ids in found.values() for pk in ids})
        self._offers: dict[int, Offer] = Offer.objects.published(until).for_cards().in_bulk(ids) if ids else {}
        mailed = AlertDelivery.objects.filter(alert__in=[alert.pk for alert in alerts], offer__in=list(self._offers))
        self._mailed = set(mailed.values_list("alert_id", "offer_id")) if self._offers else set()

    def news(self) -> Iterator[tuple[Alert, list[Offer], bool]]:
        """Each alert, the offers that are new to it, and whether there may be more."""
        for alert in self.alerts:
            ids = self._found[alert.query]
            offers = [self._offers[pk] for pk in ids if pk in self._offers and (alert.pk, pk) not in self._mailed]
            new = [offer for offer in offers if offer.published_at > alert.since]
            yield alert, new, len(ids) == MOST and len(new) == len(offers)


def _settle(batch: _Batch, outbox: "_Outbox", done: Run, end: float) -> None:
    news = list(batch.news())
    quiet = [alert for alert, offers, _ in news if not offers]
    for frequency in Alert.Frequency:
        pks = [alert.pk for alert in quiet if alert.frequency == frequency]
        Alert.objects.held(batch.claim).filter(pk__in=pks).update(**_settled(frequency, batch.until))
    done.alerts += len(quiet)
    for alert, offers, more in news:
        if not offers:
            continue
        if time.monotonic() > end:
            done.stopped = True
            return
        # Still ours, and for long enough: somebody may have ended it meanwhile.
        held = Alert.objects.held(batch.claim).filter(pk=alert.pk)
        if not held.update(claimed_until=timezone.now() + Alert.CLAIM):
            continue
        mail = mails.new_offers(alert, offers, more)
        try:
            refusal = outbox.send(mail)
        except ServerInTrouble:
            # Behind the others: it may be this very mail that the server stumbles over.
            held.update(due_at=timezone.now() + AFTER_TROUBLE)
            raise
        if refusal:
            _postpone(alert, batch.claim, refusal)
            continue
        with transaction.atomic():
            now = timezone.now()
            AlertDelivery.objects.bulk_create(
                [AlertDelivery(alert=alert, offer=offer, mailed_at=now) for offer in offers], ignore_conflicts=True
            )
            held.update(last_sent_at=now, failures=0, **_settled(alert.frequency, batch.until))
        done.alerts += 1
        done.mails += 1


def _settled(frequency: str, until: datetime) -> dict:
    return {"covered_until": until, "due_at": next_slot(frequency, until), "claim": None, "claimed_until": None}


def _postpone(alert: Alert, claim: UUID, refusal: str) -> None:
    """The server does not take mail for this address: later, and after some tries no more."""
    now, failures = timezone.now(), alert.failures + 1
    given_up = failures >= Alert.MOST_FAILURES
    Alert.objects.held(claim).filter(pk=alert.pk).update(
        failures=failures,
        paused_at=now if given_up else None,
        due_at=None if given_up else now + timedelta(hours=2**alert.failures),
        claim=None,
        claimed_until=None,
    )
    logger.warning("alert %d: its mail was refused%s: %s", alert.pk, ", the last time" if given_up else "", refusal)


class _Outbox:
    """One connection to the mail server after the other, opened once there is a mail, and no mail too soon."""

    def __init__(self):
        self._connection = None
        self._sent = 0
        self._next = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._close()

    def send(self, mail: EmailMessage) -> str:
        """Why the server refuses this mail, or nothing where it took it; raises ServerInTrouble."""
        time.sleep(max(self._next - time.monotonic(), 0))
        self._next = time.monotonic() + 1 / settings.ALERT_MAILS_PER_SECOND
        if self._sent == MAILS_PER_CONNECTION:
            self._close()
        try:
            if self._connection is None:
                connection = get_connection()
                connection.open()
                self._connection, self._sent = connection, 0
            mail.connection = self._connection
            mail.send()
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            return error_code(error)
        except (OSError, smtplib.SMTPException) as error:
            raise ServerInTrouble(error_code(error)) from None
        except Exception as error:
            # Whatever one mail has, it must not stop the others.
            return error_code(error)
        self._sent += 1
        return ""

    def _close(self):
        connection, self._connection = self._connection, None
        try:
            if connection:
                connection.close()
        except (OSError, smtplib.SMTPException):
            logger.info("the mail server closed the connection early")
