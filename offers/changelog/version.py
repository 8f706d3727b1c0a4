"""A version number of the public state of the database, and the surrogate keys changed since a version."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from threading import Lock
from typing import NamedTuple

from django.db import connection

from offers import visibility
from offers.changelog import log
from offers.changelog.models import ChangeLogEntry
from offers.models import Offer

Kind = ChangeLogEntry.Kind
# Kinds with one surrogate key for all objects; the key of any other kind contains the pk of the object.
_LISTS = {Kind.PUBLISHED: "published", Kind.PLACE: "places", Kind.ROLES: "roles", Kind.NAME: "names"}
# With more new entries (an import), they are not read: all keys count as changed.
MAX_ENTRIES = 5_000
# With more changed keys, they are dropped: all keys count as changed since older versions.
MAX_KEYS = 50_000
# Unlike the highest id, the count changes when a transaction commits that began earlier.
_COUNT = {
    "postgresql": "SELECT count(*) FROM changelog_changelogentry WHERE xid >= %s",
    "sqlite": "SELECT count(*) FROM changelog_changelogentry WHERE id > %s",
}
# The next datetime at which an offer is published, or expires, by date.
_DUE = ", ".join(
    f"(SELECT min({column}) FROM offers_offer WHERE {visibility.STATUS_SQL} AND {column} > %s)"  # noqa: S608  # nosec B608 # constants
    for column in visibility.CLOCK_COLUMNS
)
# The current position, the ids of the entries above it, and _DUE. One statement, so that all are from one snapshot.
_STATE = {
    "postgresql": "SELECT log.xmin, (SELECT array_agg(id) FROM changelog_changelogentry WHERE xid >= log.xmin), {due}"
    " FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) log",
    "sqlite": "SELECT (SELECT coalesce(max(id), 0) FROM changelog_changelogentry), NULL, {due}",
}


def surrogate_key(kind: str, object_id: int) -> str:
    """Return the surrogate key of the pages that show the object, such as “offer:12” or “places”."""
    return _LISTS.get(kind) or f"{kind}:{object_id}"


class _Position(NamedTuple):
    """A position in the log, and the ids (`read`) and the count of the entries above `cursor` that have been read.

    `clock` is the time of reading, `due` that of the next publication or expiry by date, in seconds since 1970.
    """

    cursor: int
    count: int
    read: frozenset[int]
    version: int
    clock: float
    due: float


class PublicVersion:
    """A counter, one per process, incremented when a change, publication or expiry affects public pages."""

    def __init__(self):
        self._position: _Position | None = None
        self._lock = Lock()
        self._changed: dict[str, int] = {}
        self._oldest = 0

    def refresh(self) -> int:
        """Return the current version. One query, and one or two more after a change. Raise DatabaseError."""
        known, now = self._position, time.time()
        count = _count(known) if known else 0
        if known and count == known.count and now < known.due:
            return known.version
        with self._lock:
            if known is not self._position:
                # Another thread has updated the position, but may have read the log before the change.
                known = self._position
                count = _count(known)
            self._position = self._advance(known, count, now)
            return self._position.version

    def changed_since(self, version: int, keys: Iterable[str]) -> bool:
        """Return whether any of `keys` changed after `version`."""
        if version < self._oldest:
            return True
        changed = self._changed
        return any(changed.get(key, 0) > version for key in keys)

    def _advance(self, known: _Position | None, count: int, now: float) -> _Position:
        version = known.version + 1 if known else 1
        if known is None or count > MAX_ENTRIES:
            return self._restart(version, now)
        batch = log.entries_since(known.cursor, known.read)
        keys = {surrogate_key(kind, object_id) for kind, object_id in batch.changes}
        due = known.due
        if now >= due:
            keys |= _keys_due(known.clock, now)
        if now >= due or "published" in keys:
            due = _next_due(now)
        if any(kind == Kind.ALL for kind, _ in batch.changes) or len(self._changed) > MAX_KEYS:
            self._forget(version)
        # Before the version: a concurrent reader may then render a page once too often, but never serves a stale one.
        self._changed |= dict.fromkeys(keys, version)
        return _Position(batch.cursor, len(batch.open), frozenset(batch.open), version, now, due)

    def _restart(self, version: int, now: float) -> _Position:
        """Return the position at the end of the log; all keys count as changed."""
        with connection.cursor() as db:
            db.execute(_STATE[connection.vendor].format(due=_DUE), _datetimes(now))
            cursor, read, *due = db.fetchone()
        self._forget(version)
        return _Position(cursor, len(read or ()), frozenset(read or ()), version, now, _first(due, now))

    def _forget(self, version: int):
        """Let all keys count as changed since older versions."""
        self._oldest = version
        self._changed = {}


def _count(known: _Position) -> int:
    with connection.cursor() as db:
        db.execute(_COUNT[connection.vendor], [known.cursor])
        return db.fetchone()[0]


def _keys_due(start: float, end: float) -> set[str]:
    """Return the surrogate keys of the offers published or expired by date between two times."""
    keys = set()
    pks = sorted(log.due_between(start, end, margin=0))
    for first in range(0, len(pks), 500):
        offers = Offer.objects.filter(pk__in=pks[first : first + 500]).order_by()
        for pk, role_id, company_id in offers.values_list("pk", "role_id", "company_id"):
            keys |= {"published", f"offer:{pk}", f"role_offers:{role_id}", f"company_offers:{company_id}"}
    return keys


def _next_due(now: float) -> float:
    with connection.cursor() as db:
        db.execute(f"SELECT {_DUE}", _datetimes(now))
        return _first(db.fetchone(), now)


def _datetimes(now: float) -> list:
    return [connection.ops.adapt_datetimefield_value(datetime.fromtimestamp(now, UTC))] * 2


def _first(due: Iterable[datetime | str | None], now: float) -> float:
    """Return the earliest datetime in seconds since 1970, or a day from now if there is none."""
    return min((_seconds(value) for value in due if value), default=now + 86_400)


def _seconds(value: datetime | str) -> float:
    """Return a datetime, or its text as stored in SQLite, in seconds since 1970."""
    return (datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value).timestamp()
