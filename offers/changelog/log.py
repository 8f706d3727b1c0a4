"""The change log: what the index has to look at again, and whether a page that was kept still holds.

Database triggers write it, so that whatever changes a row is seen: a form, the admin, `QuerySet.update`, an import,
SQL typed by hand. A line of the log is visible exactly when the change is, since one transaction holds both.

PostgreSQL lets transactions commit in another order than they began, so the place of a host in the log is not the
number of a line but a transaction number below which none is open any more (`xmin` of a snapshot). Lines above it
are applied as soon as they are seen, and remembered until the mark has passed them. SQLite writes one transaction
at a time, so there the number of the line is enough.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from django.db import connection
from django.utils import timezone

from offers import visibility
from offers.changelog import triggers
from offers.changelog.models import Change
from offers.models import Offer

# How long lines are kept. A host that was away for longer than half of it compares its index with the database.
KEEP = timedelta(days=2)

# A line that was seen: its number and its time, in seconds since 1970.
Witness = tuple[int, float]


@dataclass
class Batch:
    """What happened since a cursor. `open` are the lines seen that the new cursor does not cover yet."""

    changes: list[tuple[str, int]]
    cursor: int
    open: set[int] = field(default_factory=set)
    # The line of the highest number.
    witness: Witness | None = None


def now() -> int:
    """The cursor from which nothing that is committed later can be missed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as db:
            db.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            return db.fetchone()[0]
    return Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def since(cursor: int, seen: set[int]) -> Batch:
    """The changes that a host at `cursor`, which has already applied the lines `seen`, has yet to apply."""
    if connection.vendor != "postgresql":
        rows = Change.objects.filter(pk__gt=cursor).order_by("pk").values_list("pk", "kind", "object_id", "at")
        lines = list(rows)
        if not lines:
            return Batch([], cursor)
        return Batch([line[1:3] for line in lines], lines[-1][0], witness=(lines[-1][0], lines[-1][3].timestamp()))
    with connection.cursor() as db:
        # One statement, one snapshot: the mark and the lines belong together.
        db.execute(
            "SELECT mark.xmin, log.id, log.xid, log.kind, log.object_id, log.at"
            " FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) mark"
            " LEFT JOIN changelog_change log ON log.xid >= %s ORDER BY log.id",
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


def newest() -> Witness | None:
    """The line of the highest number, which is never pruned."""
    line = Change.objects.order_by("-pk").values_list("pk", "at").first()
    return line and (line[0], line[1].timestamp())


def has(witness: Witness | None) -> bool:
    """Whether a line that was seen is still there. If not, the database was restored from a copy, or long ago left."""
    if witness is None:
        return True
    line = Change.objects.filter(pk=witness[0]).values_list("at", flat=True).first()
    return line is not None and line.timestamp() == witness[1]


def can_resume(cursor: int, at: float, witness: Witness | None = None) -> bool:
    """Whether a host that stood at `cursor` at the time `at` (seconds since 1970) finds all it missed in the log.

    A cursor from the future means that the database was restored from a copy, as does a line that has gone.
    """
    return datetime.fromtimestamp(at, UTC) > timezone.now() - KEEP / 2 and cursor <= now() and has(witness)


def offers_of(changes: list[tuple[str, int]]) -> set[int]:
    """The ids of the offers that the changes concern, those that no longer exist included."""
    found = {pk for kind, pk in changes if kind == Change.Kind.OFFER}
    for kind, name in ((Change.Kind.COMPANY, "company"), (Change.Kind.PLACE, "place")):
        owners = sorted({pk for other, pk in changes if other == kind})
        # SQLite takes a limited number of values in a query.
        for start in range(0, len(owners), 500):
            offers = Offer.objects.filter(**{f"{name}__in": owners[start : start + 500]})
            found.update(offers.values_list("pk", flat=True))
    return found


def due_between(start: float, end: float) -> set[int]:
    """The ids of the offers that come out or expire by the clock between two times, which nobody writes down.

    Both in seconds since 1970. The span is widened a little: looking twice at an offer is harmless.
    """
    begin, until = datetime.fromtimestamp(start, UTC) - timedelta(seconds=5), datetime.fromtimestamp(end, UTC)
    offers = Offer.objects.order_by().values_list("pk", flat=True)
    conditions = visibility.clock_conditions(until, start=begin).values()
    return {pk for condition in conditions for pk in offers.filter(condition)}


def prune() -> int:
    """Forget the lines that every host has applied or will not come back for; how many they were.

    The newest stays: by it a host recognises the database that it followed.
    """
    last = newest()
    return Change.objects.filter(at__lt=timezone.now() - KEEP, pk__lt=last[0]).delete()[0] if last else 0


def watch() -> bool:
    """See that the triggers are there. Where one was missing the log has a gap, and every index is told."""
    made = triggers.ensure()
    if made:
        Change.objects.create(kind=Change.Kind.ALL, object_id=0, xid=now())
    return bool(made)


@dataclass(frozen=True)
class _Moment:
    mark: int = 0
    lines: int = 0
    due: float = 0.0
    number: int = 0


# Whether anything was written down since the last time: how many lines lie above the mark of that time.
_LINES = "SELECT count(*) FROM changelog_change WHERE {column} >= %s"
# And if so, where the log stands now, and how many lines lie above that mark; when the clock alone will bring an offer
# out or let one expire. One statement, one snapshot.
_STATE = """
    SELECT state.mark,
        (SELECT count(*) FROM changelog_change WHERE {column} >= state.mark),
        (SELECT min(published_at) FROM offers_offer WHERE status = 'published' AND published_at > %s),
        (SELECT min(expires_at) FROM offers_offer WHERE status = 'published' AND expires_at > %s)
    FROM (SELECT {mark} AS mark) state
"""
# By database: the column that lines are counted by, and where it stands.
_MARKS = {
    "postgresql": {"column": "xid", "mark": "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"},
    # One writer at a time: lines appear in the order of their numbers.
    "sqlite": {"column": "id", "mark": "(SELECT coalesce(max(id), 0) + 1 FROM changelog_change)"},
}
_LINES_OF = {vendor: _LINES.format(**mark) for vendor, mark in _MARKS.items()}
_STATE_OF = {vendor: _STATE.format(**mark) for vendor, mark in _MARKS.items()}


class Epoch:
    """A number that grows whenever what the public sees may have changed; of one process.

    Asking costs one query, and another where something has changed. It counts the lines of the log above a mark, which
    sees a transaction that began earlier and commits later as well; on PostgreSQL the highest number would not.
    """

    def __init__(self):
        self._moment = _Moment()
        self._lock = Lock()

    def number(self, at: float) -> int | None:
        """`at` in seconds since 1970: offers come out and expire by the clock too.

        None when another thread has moved on meanwhile: what it saw may be older than what this one did.
        """
        known = self._moment
        with connection.cursor() as db:
            if at < known.due:
                db.execute(_LINES_OF[connection.vendor], [known.mark])
                if db.fetchone()[0] == known.lines:
                    return known.number
            moment = connection.ops.adapt_datetimefield_value(datetime.fromtimestamp(at, UTC))
            db.execute(_STATE_OF[connection.vendor], [moment, moment])
            mark, lines, *coming = db.fetchone()
        due = min((_seconds(time) for time in coming if time), default=at + 86_400)
        with self._lock:
            if self._moment is not known:
                return None
            self._moment = _Moment(mark, lines, due, known.number + 1)
            return self._moment.number


def _seconds(time: datetime | str) -> float:
    """Since 1970; SQLite gives back the text that Django writes."""
    return (datetime.fromisoformat(time).replace(tzinfo=UTC) if isinstance(time, str) else time).timestamp()
