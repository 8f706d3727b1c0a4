"""The run that sends what is new to each alert whose turn has come.

A share of the alerts is claimed, searched for and mailed, then the next one, until the time is up or none is left. What
an alert has been sent is noted once its mail has left, mail by mail; the moment before the search, up to which the
alert is then up to date, for all alerts of the share together. A run that is killed leaves its alerts to the next one,
which finds the same offers again and leaves out those that were noted. A mail goes out twice only where a process died
between the server’s “accepted” and that note; it then bears the same Message-ID.
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
from django.db import IntegrityError, connection
from django.utils import timezone

from jobboard.mail import error_code
from offers.alerts import mails
from offers.alerts.matching import MAX_OFFERS, Matcher
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
# Mails over one connection, before the server is greeted anew.
MAILS_PER_CONNECTION = 100
AFTER_TROUBLE = timedelta(minutes=10)
AFTER_ERROR = timedelta(hours=1)
# Seconds for which it is believed that nobody has ended an alert between its search and its mail.
ASK_AFTER = 1.0
# An index that has not agreed with the database for longer may lack offers that no later run would look for.
STALEST_INDEX = Alert.OVERLAP / 2
# For each mail, a third of what the ORM takes for it. Of what was deleted while the mail was under way there is nothing
# to note.
NOTE = """
INSERT INTO alerts_alertdelivery (alert_id, offer_id, mailed_at)
SELECT alert.id, offer.id, %s FROM alerts_alert alert, offers_offer offer
WHERE alert.id = %s AND offer.id IN ({}) ON CONFLICT DO NOTHING
"""


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
        self._found: dict[str, tuple[int, ...]] = {}
        for query, group in groupby(alerts, lambda alert: alert.query):
            group = list(group)
            try:
                self._found[query] = matcher.newest_pks(query, min(alert.since for alert in group))
            except SearchUnavailable:
                raise
            except Exception as error:
                # Whatever one search has, it must not stop the others.
                for alert in group:
                    _set_aside(alert, claim, error)
        ids = sorted({pk for ids in self._found.values() for pk in ids})
        self._offers: dict[int, Offer] = Offer.objects.published(until).for_cards().in_bulk(ids) if ids else {}
        mailed = AlertDelivery.objects.filter(alert__in=[alert.pk for alert in alerts], offer__in=list(self._offers))
        self._mailed = set(mailed.values_list("alert_id", "offer_id")) if self._offers else set()
        self._written: dict[tuple, mails.Found] = {}
        self._held: set[int] = set()
        self._asked_at: float | None = None

    def news(self) -> Iterator[tuple[Alert, list[Offer], bool]]:
        """Each alert, the offers that are new to it, and whether there may be more."""
        for alert in self.alerts:
            ids = self._found.get(alert.query)
            if ids is None:
                continue
            offers = [self._offers[pk] for pk in ids if pk in self._offers and (alert.pk, pk) not in self._mailed]
            new = [offer for offer in offers if offer.published_at > alert.since]
            yield alert, new, len(ids) == MAX_OFFERS and len(new) == len(offers)

    def mail(self, alert: Alert, offers: list[Offer], more: bool) -> EmailMessage:
        """What is the same for several alerts is written once."""
        key = alert.query, alert.label, more, *(offer.pk for offer in offers)
        if key not in self._written:
            self._written[key] = mails.found(alert, offers, more)
        return mails.new_offers(alert, self._written[key])

    def holds(self, alert: Alert) -> bool:
        """Whether it is still ours, as of a second ago: its owner may have ended it. Prolongs the claim of all."""
        now = time.monotonic()
        if self._asked_at is None or now - self._asked_at > ASK_AFTER:
            held = Alert.objects.held(self.claim)
            held.update(claimed_until=timezone.now() + Alert.CLAIM)
            self._held = set(held.values_list("pk", flat=True))
            self._asked_at = now
        return alert.pk in self._held


def _settle(batch: _Batch, outbox: "_Outbox", done: Run, end: float) -> None:
    news = list(batch.news())
    quiet = [alert for alert, offers, _ in news if not offers]
    _stamp(batch, quiet)
    done.alerts += len(quiet)
    sent: list[Alert] = []
    try:
        for alert, offers, more in news:
            if not offers:
                continue
            if time.monotonic() > end:
                done.stopped = True
                break
            if batch.holds(alert) and _send(batch, alert, offers, more, outbox):
                sent.append(alert)
    finally:
        # What they were sent is noted already: without this stamp they would find nothing new.
        _stamp(batch, sent, last_sent_at=timezone.now(), failures=0)
    done.alerts += len(sent)
    done.mails += len(sent)


def _send(batch: _Batch, alert: Alert, offers: list[Offer], more: bool, outbox: "_Outbox") -> bool:
    """Whether the mail has left, and what it held is noted."""
    try:
        mail = batch.mail(alert, offers, more)
    except Exception as error:
        _set_aside(alert, batch.claim, error)
        return False
    try:
        refusal = outbox.send(mail)
    except ServerInTrouble:
        # Behind the others: it may be this very mail that the server stumbles over.
        Alert.objects.held(batch.claim).filter(pk=alert.pk).update(due_at=timezone.now() + AFTER_TROUBLE)
        raise
    if refusal:
        _postpone(alert, batch.claim, refusal)
        return False
    _note(alert, offers)
    return True


def _note(alert: Alert, offers: list[Offer]) -> None:
    """That these offers have left, for each mail by itself: from here on they are not sent again."""
    values = [connection.ops.adapt_datetimefield_value(timezone.now()), alert.pk, *(offer.pk for offer in offers)]
    statement = NOTE.format(", ".join(["%s"] * len(offers)))
    for last in (False, True):
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
            return
        except IntegrityError:
            # Deleted while it was read: a second look does not find it any more.
            if last:
                raise


def _stamp(batch: _Batch, alerts: list[Alert], **values) -> None:
    """These alerts are up to date with the search of this run."""
    for frequency in Alert.Frequency:
        if pks := [alert.pk for alert in alerts if alert.frequency == frequency]:
            settled = _settled(frequency, batch.until)
            Alert.objects.held(batch.claim).filter(pk__in=pks).update(**settled, **values)


def _settled(frequency: str, until: datetime) -> dict:
    return {"covered_until": until, "due_at": next_slot(frequency, until), "claim": None, "claimed_until": None}


def _set_aside(alert: Alert, claim: UUID, error: Exception) -> None:
    """Its search or its mail cannot be made, which is no fault of its owner’s: later, for as long as it takes."""
    held = Alert.objects.held(claim).filter(pk=alert.pk)
    held.update(due_at=timezone.now() + AFTER_ERROR, claim=None, claimed_until=None)
    logger.error("alert %d waits: %s", alert.pk, type(error).__name__, exc_info=error)


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
                server = get_connection()
                server.open()
                self._connection, self._sent = server, 0
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
        server, self._connection = self._connection, None
        try:
            if server:
                server.close()
        except (OSError, smtplib.SMTPException):
            logger.info("the mail server closed the connection early")
