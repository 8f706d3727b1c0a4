"""Health of the index of this host, for the health check page and `search_index status`."""

import os
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.conf import settings

from offers.changelog import log
from offers.indexing.drift import Drift, compare
from offers.models import Offer
from offers.search.index import IndexState, SearchUnavailable, reader, size_on_disk

# Seconds without a heartbeat of the follower after which the index is late.
LATE = 15


class Health(StrEnum):
    OK = "ok"
    # The index can be searched, but no process updates it.
    LATE = "late"
    UNAVAILABLE = "unavailable"


def health() -> Health:
    """Return the health of the index, without database queries."""
    try:
        reader().newest()
    except SearchUnavailable:
        return Health.UNAVAILABLE
    late = seconds_since_agreed()
    return Health.LATE if late is None or late > LATE else Health.OK


def seconds_since_agreed() -> float | None:
    """Return the seconds since the index was last up to date with the database; None if it never was."""
    try:
        return max(time.time() - os.stat(Path(settings.SEARCH_DIR) / "heartbeat").st_mtime, 0.0)
    except OSError:
        return None


@dataclass
class IndexReport:
    """The result of `report`. `bytes` is the size on disk; `seconds_since_agreed` as in the function."""

    health: Health
    documents: int | None
    published: int
    seconds_since_agreed: float | None
    bytes: int
    # Count of change log entries that are not applied yet.
    waiting: int | None
    # None if not compared.
    drift: Drift | None
    # State of the unfinished build, if there is one.
    building: IndexState | None


def report(*, with_drift: bool = True) -> IndexReport:
    """Return a report; by default compare all documents with their rows, which takes seconds: not for a request."""
    root = Path(settings.SEARCH_DIR)
    result = IndexReport(
        health=health(),
        documents=None,
        published=Offer.objects.published().count(),
        seconds_since_agreed=seconds_since_agreed(),
        bytes=size_on_disk(root),
        waiting=None,
        drift=None,
        building=building_state(root),
    )
    try:
        # Read the cursor before the documents: changes applied in between count as lag.
        state = reader().state()
        searcher = reader().searcher()
        result.documents = searcher.num_docs
        if state is None:
            return result
        before = log.entries_since(state.cursor, set(state.open))
        result.waiting = len(before.changes)
        if with_drift:
            drift = compare(searcher)
            # Changes of the log, or by date, that are not applied yet are lag, not drift.
            lagging = log.affected_offers(log.entries_since(state.cursor, set(state.open)).changes)
            result.drift = drift.without(lagging | log.due_between(state.clock, time.time()))
    except SearchUnavailable:
        pass
    return result


def building_state(root: Path) -> IndexState | None:
    """Return the state of the newest unfinished build."""
    states = (IndexState.load(folder) for folder in root.glob("index-*"))
    return max((state for state in states if state and not state.complete), key=lambda state: state.clock, default=None)
