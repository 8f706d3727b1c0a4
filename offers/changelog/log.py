"""The change log: what the index has to read again, and which cached pages no longer hold.

Database triggers write it, so that every write is in it: a form, the admin, `QuerySet.update`, an import, SQL typed by
hand. An entry of the log is visible exactly when the change is, since one transaction holds both.

PostgreSQL lets transactions commit in another order than they began, so a position in the log is not the id of an entry
but a transaction id below which no transaction is open any more (`xmin` of a snapshot). Entries above it are applied as
soon as they are visible, and remembered until the position has passed them. SQLite writes one transaction at a time, so
there the id of the entry is enough.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

from offers import visibility
from offers.changelog import triggers
from offers.changelog.models import ChangeLogEntry
from offers.models import Offer

# How long entries are stored. A host that was away for longer than half of it compares its index with the database.
RETENTION = timedelta(days=2)

# An entry that was read: its id and its time, in seconds since 1970.
Witness = tuple[int, float]


@dataclass
class Batch:
    """The entries since a cursor. `open` are the ids of those read that the new cursor does not cover yet."""

    changes: list[tuple[str, int]]
    cursor: int
    open: set[int] = field(default_factory=set)
    # The entry of the highest id.
    witness: Witness | None = None


def position() -> int:
    """Return the cursor from which no entry that is committed later can be missed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as db:
            db.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            return db.fetchone()[0]
    return ChangeLogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def entries_since(cursor: int, seen: Collection[int]) -> Batch:
    """Return the changes that a host at `cursor`, which has applied the entries `seen`, has yet to apply."""
    if connection.vendor != "postgresql":
        rows = ChangeLogEntry.objects.filter(pk__gt=cursor).order_by("pk")
        lines = list(rows.values_list("pk", "kind", "object_id", "at"))
        if not lines:
            return Batch([], cursor)
        return Batch([line[1:3] for line in lines], lines[-1][0], witness=(lines[-1][0], lines[-1][3].timestamp()))
    with connection.cursor() as db:
        # One statement, one snapshot: the cursor and the entries belong together.
        db.execute(
            "SELECT mark.xmin, log.id, log.xid, log.kind, log.object_id, log.at"
            " FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) mark"
            " LEFT JOIN changelog_changelogentry log ON log.xid >= %s ORDER BY log.id",
            [cursor],
        )
        rows = db.fetchall()
    mark = rows[0][0]
    lines = [row[1:] for row in rows if row[1] is not None]
    return Batch(
        [(kind, object_id) for pk, _, kind, object_id, _ in lines if pk not in seen],
        mark,
        {pk for pk, number, *_ in lines if number >= mark},
        (lines[-1][0], lines[-1][4].timestamp()) if lines else None,
    )


def newest_entry() -> Witness | None:
    """Return the entry of the highest id, which is never pruned."""
    line = ChangeLogEntry.objects.order_by("-pk").values_list("pk", "at").first()
    return line and (line[0], line[1].timestamp())


def contains(witness: Witness | None) -> bool:
    """Return whether an entry that was read is still there: after a restore of the database it is not."""
    if witness is None:
        return True
    line = ChangeLogEntry.objects.filter(pk=witness[0]).values_list("at", flat=True).first()
    return line is not None and line.timestamp() == witness[1]


def can_resume(cursor: int, at: float, witness: Witness | None = None) -> bool:
    """Return whether a host that was at `cursor` at the time `at` (seconds since 1970) finds all it missed in the log.

    A cursor from the future means that the database was restored from a copy, as does an entry that has gone.
    """
    return (
        datetime.fromtimestamp(at, UTC) > timezone.now() - RETENTION / 2 and cursor <= position() and contains(witness)
    )


def affected_offers(changes: list[tuple[str, int]]) -> set[int]:
    """Return the pks of the offers that the changes concern, those that no longer exist included."""
    pks = {pk for kind, pk in changes if kind == ChangeLogEntry.Kind.OFFER}
    for kind, name in ((ChangeLogEntry.Kind.COMPANY, "company"), (ChangeLogEntry.Kind.PLACE, "place")):
        owners = sorted({pk for other, pk in changes if other == kind})
        # SQLite takes a limited number of values in a query.
        for start in range(0, len(owners), 500):
            offers = Offer.objects.filter(**{f"{name}__in": owners[start : start + 500]})
            pks.update(offers.values_list("pk", flat=True))
    return pks


def due_between(start: float, end: float, margin: float = 5) -> set[int]:
    """Return the pks of the offers that are published or expire by the clock between two times, which no entry says.

    Both in seconds since 1970. The span begins `margin` seconds earlier: reading an offer twice is harmless.
    """
    begin, until = datetime.fromtimestamp(start, UTC) - timedelta(seconds=margin), datetime.fromtimestamp(end, UTC)
    offers = Offer.objects.order_by().values_list("pk", flat=True)
    conditions = visibility.clock_conditions(until, start=begin).values()
    return {pk for condition in conditions for pk in offers.filter(condition)}


def prune() -> int:
    """Delete the entries that every host has applied or will not come back for; return their count.

    The newest stays: by it a host recognises the database that it followed.
    """
    last = newest_entry()
    return ChangeLogEntry.objects.filter(at__lt=timezone.now() - RETENTION, pk__lt=last[0]).delete()[0] if last else 0


def ensure_triggers() -> bool:
    """Create the missing triggers, log the gap where there were any, and return whether there were."""
    created = triggers.create_triggers()
    if created:
        ChangeLogEntry.objects.create(kind=ChangeLogEntry.Kind.ALL, object_id=0, xid=position())
    return bool(created)
