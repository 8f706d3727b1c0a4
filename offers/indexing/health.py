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
    # It can be searched, but no process follows the database.
    LATE = "late"
    UNAVAILABLE = "unavailable"


def health() -> Health:
    """Return the health of the index; makes no query to the database."""
    try:
        reader().newest()
    except SearchUnavailable:
        return Health.UNAVAILABLE
    late = seconds_since_agreed()
    return Health.LATE if late is None or late > LATE else Health.OK


def seconds_since_agreed() -> float | None:
    """Return the seconds since the index last agreed with the database; None if it never did."""
    try:
        return max(time.time() - os.stat(Path(settings.SEARCH_DIR) / "heartbeat").st_mtime, 0.0)
    except OSError:
        return None


@dataclass
class IndexReport:
    """Result of `report`."""

    health: Health
    documents: int | None
    published: int
    seconds_since_agreed: float | None
    bytes: int
    # Entries of the change log that are not applied yet.
    waiting: int | None
    # None if not compared.
    drift: Drift | None
    # The build that is under way.
    building: IndexState | None


def report(*, with_drift: bool = True) -> IndexReport:
    """Count the published offers and, by default, compare each with its document: seconds, too slow for a page."""
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
        # The cursor before the documents: changes applied in between are counted as lag, not missed.
        state = reader().state()
        searcher = reader().searcher()
        result.documents = searcher.num_docs
        if state is None:
            return result
        before = log.entries_since(state.cursor, set(state.open))
        result.waiting = len(before.changes)
        if with_drift:
            drift = compare(searcher)
            # Changes of the log, or by the clock, that are not applied yet are lag and no drift.
            lagging = log.affected_offers(log.entries_since(state.cursor, set(state.open)).changes)
            result.drift = drift.without(lagging | log.due_between(state.clock, time.time()))
    except SearchUnavailable:
        pass
    return result


def building_state(root: Path) -> IndexState | None:
    """Return the state of the newest unfinished build."""
    states = (IndexState.load(folder) for folder in root.glob("index-*"))
    return max((state for state in states if state and not state.complete), key=lambda state: state.clock, default=None)
