"""How the index of this host is doing."""

import os
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.conf import settings

from offers.changelog import log as changes
from offers.models import Offer
from offers.search.drift import Drift, compare
from offers.search.index import SearchUnavailable, State, reader, size_on_disk

# Seconds without a sign of life from the follower after which the index counts as late.
LATE = 15


class Health(StrEnum):
    OK = "ok"
    # It can be searched, but nobody brings it up to date.
    LATE = "late"
    UNAVAILABLE = "unavailable"


def health() -> Health:
    """From the disk alone: no query."""
    try:
        reader().newest()
    except SearchUnavailable:
        return Health.UNAVAILABLE
    late = seconds_since_agreed()
    return Health.LATE if late is None or late > LATE else Health.OK


def seconds_since_agreed() -> float | None:
    """Since the index last said what the database says; None if it never did."""
    try:
        return max(time.time() - os.stat(Path(settings.SEARCH_DIR) / "heartbeat").st_mtime, 0.0)
    except OSError:
        return None


@dataclass
class Report:
    health: Health
    documents: int | None
    published: int
    seconds_since_agreed: float | None
    bytes: int
    # Lines of the change log that the index has not applied yet.
    waiting: int | None
    # None where it was not looked for.
    drift: Drift | None
    # The build that is under way.
    building: State | None


def report(*, with_drift: bool = True) -> Report:
    """For a person who asks, not for a page: counts the published offers, and compares each with its document."""
    root = Path(settings.SEARCH_DIR)
    found = Report(
        health(), None, Offer.objects.published().count(), seconds_since_agreed(), size_on_disk(root), None, None,
        building_state(root),
    )  # fmt: skip
    try:
        # The place first: what the index has beyond it is looked at twice, which is better than not at all.
        state = reader().state()
        searcher = reader().searcher()
        found.documents = searcher.num_docs
        if state is None:
            return found
        before = changes.since(state.cursor, set(state.open))
        found.waiting = len(before.changes)
        if with_drift:
            drift = compare(searcher)
            # What changed in the log, or by the clock, and has not been applied yet is lag and no drift.
            lagging = changes.offers_of(changes.since(state.cursor, set(state.open)).changes)
            found.drift = drift.without(lagging | changes.due_between(state.clock, time.time()))
    except SearchUnavailable:
        pass
    return found


def building_state(root: Path) -> State | None:
    """How far the newest unfinished build is."""
    states = (State.load(folder) for folder in root.glob("index-*"))
    return max((state for state in states if state and not state.complete), key=lambda state: state.clock, default=None)
