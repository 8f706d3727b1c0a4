"""The change log: changes for the search indexes to apply, which also invalidate cached pages.

Database triggers write it, so it contains every change: by forms, the admin, `QuerySet.update`, imports and SQL. An
entry and its change are in one transaction, so they become visible together.

PostgreSQL commits transactions in a different order than they begin, so the log position is not the id of an entry but
a transaction id below which no transaction is open (`xmin` of a snapshot). Entries above it are applied as soon as they
are visible, and their ids are remembered until the position has passed them. SQLite serializes transactions, so its
position is the id of an entry.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from offers import visibility
from offers.changelog import triggers
from offers.changelog.models import ChangeLogEntry
from offers.models import Offer

Kind = ChangeLogEntry.Kind
# How long entries are stored. After half of it without following, a host compares its index with the database.
RETENTION = timedelta(days=2)

# Id and datetime (in seconds since 1970) of an entry.
EntryStamp = tuple[int, float]


@dataclass
class LogBatch:
    """The changes since a cursor as (kind, object_id), and the new cursor.

    `open` are the ids of the entries read that the new cursor does not cover yet.
    """

    changes: list[tuple[str, int]]
    cursor: int
    open: set[int] = field(default_factory=set)
    # The entry with the highest id.
    last_entry: EntryStamp | None = None


def position() -> int:
    """Return the current log position: entries that are committed later are above it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as db:
            db.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            return db.fetchone()[0]
    return ChangeLogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def entries_since(cursor: int, seen: Collection[int]) -> LogBatch:
    """Return the entries above `cursor`, except those with an id in `seen`."""
    if connection.vendor != "postgresql":
        rows = ChangeLogEntry.objects.filter(pk__gt=cursor).order_by("pk")
        entries = list(rows.values_list("pk", "kind", "object_id", "at"))
        if not entries:
            return LogBatch([], cursor)
        return LogBatch(
            [entry[1:3] for entry in entries], entries[-1][0], last_entry=(entries[-1][0], entries[-1][3].timestamp())
        )
    with connection.cursor() as db:
        # One statement, so that xmin and the entries are read from the same snapshot.
        db.execute(
            "SELECT bounds.xmin, log.id, log.xid, log.kind, log.object_id, log.at"
            " FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) bounds"
            " LEFT JOIN changelog_changelogentry log ON log.xid >= %s ORDER BY log.id",
            [cursor],
        )
        rows = db.fetchall()
    xmin = rows[0][0]
    entries = [row[1:] for row in rows if row[1] is not None]
    return LogBatch(
        [(kind, object_id) for pk, _, kind, object_id, _ in entries if pk not in seen],
        xmin,
        {pk for pk, xid, *_ in entries if xid >= xmin},
        (entries[-1][0], entries[-1][4].timestamp()) if entries else None,
    )


def newest_entry() -> EntryStamp | None:
    """Return the entry with the highest id, which is never pruned."""
    entry = ChangeLogEntry.objects.order_by("-pk").values_list("pk", "at").first()
    return entry and (entry[0], entry[1].timestamp())


def last_public_change() -> datetime:
    """Return the datetime of the last change that public lists show; the end of the pruned log if it contains none.

    Drafts do not count, nor do changes of companies whose published offers are all confidential.
    """
    published = Offer.objects.published()
    shown = {
        Kind.OFFER: published.filter(pk=OuterRef("object_id")),
        Kind.COMPANY: published.filter(company=OuterRef("object_id"), confidential=False),
        Kind.PLACE: published.filter(place=OuterRef("object_id")),
    }
    condition = Q(kind__in=[Kind.PUBLISHED, Kind.SKILL, Kind.NAME, Kind.ROLES, Kind.ALL])
    for kind, offers in shown.items():
        condition |= Q(Exists(offers), kind=kind)
    entry = ChangeLogEntry.objects.filter(condition).order_by("-pk").first()
    # A whole day, so that it moves once a day only.
    pruned = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - RETENTION
    return max(entry.at, pruned) if entry else pruned


def contains(entry: EntryStamp | None) -> bool:
    """Return whether the log contains the entry. If not, the database was restored from a backup."""
    if entry is None:
        return True
    at = ChangeLogEntry.objects.filter(pk=entry[0]).values_list("at", flat=True).first()
    return at is not None and at.timestamp() == entry[1]


def can_resume(cursor: int, at: float, last_entry: EntryStamp | None = None) -> bool:
    """Return whether the log has all entries since `cursor`, the position of a host at `at` (seconds since 1970).

    A cursor above the current position or a missing `last_entry` means that the database was restored from a backup.
    """
    return (
        datetime.fromtimestamp(at, UTC) > timezone.now() - RETENTION / 2
        and cursor <= position()
        and contains(last_entry)
    )


def affected_offers(changes: list[tuple[str, int]]) -> set[int]:
    """Return the pks of the offers affected by the changes, including deleted offers."""
    pks = {pk for kind, pk in changes if kind == Kind.OFFER}
    for kind, name in ((Kind.COMPANY, "company"), (Kind.PLACE, "place")):
        owners = sorted({pk for other, pk in changes if other == kind})
        # SQLite limits the count of parameters of a query.
        for start in range(0, len(owners), 500):
            offers = Offer.objects.filter(**{f"{name}__in": owners[start : start + 500]})
            pks.update(offers.values_list("pk", flat=True))
    return pks


def due_between(start: float, end: float, margin: float = 5) -> set[int]:
    """Return the pks of the offers published or expired by date between two times, which the log does not contain.

    Times are in seconds since 1970. The range starts `margin` seconds earlier, since duplicates are harmless.
    """
    first, last = datetime.fromtimestamp(start, UTC) - timedelta(seconds=margin), datetime.fromtimestamp(end, UTC)
    offers = Offer.objects.order_by().values_list("pk", flat=True)
    conditions = visibility.clock_conditions(last, start=first).values()
    return {pk for condition in conditions for pk in offers.filter(condition)}


def prune() -> int:
    """Delete the entries older than RETENTION and return their count.

    The newest entry stays, so that hosts can detect a restored database.
    """
    last = newest_entry()
    return ChangeLogEntry.objects.filter(at__lt=timezone.now() - RETENTION, pk__lt=last[0]).delete()[0] if last else 0


def ensure_triggers() -> bool:
    """Create missing triggers. If there were any, log an entry of kind ALL for the gap, and return True."""
    created = triggers.create_triggers()
    if created:
        ChangeLogEntry.objects.create(kind=ChangeLogEntry.Kind.ALL, object_id=0, xid=position())
    return bool(created)
