"""Which offers each commit of an index has changed: written by the follower, read by those who have cached a search.

The file `applied.json` of an index lists its latest batches of offers. A batch is listed before its commit and marked
as committed after it, so that what a reader finds listed is never less than what the index has.
"""

import json
import os
import time
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from offers.search.index import Searcher, reader

FILE = "applied.json"
# Batches that are listed, and offers in one of them: a larger batch says only that much has changed.
MAX_BATCHES = 100
MAX_OFFERS = 500
# Generations of the index whose searchers stay open in a process.
MAX_GENERATIONS = 8

# Name of the folder, and of its meta.json the time of change and the inode: see `Reader.generation`.
Generation = tuple


class Applied:
    """The file, for the follower that writes it."""

    def __init__(self, folder: Path):
        self.file = folder / FILE
        self._committed, self._batches = _read(folder) or (0, [])

    def begin(self, ids: set[int]):
        """List a batch that is about to be committed."""
        # Also above the numbers of a file that was lost.
        number = max(time.time_ns(), self._batches[-1][0] + 1 if self._batches else 0)
        self._batches = [*self._batches, (number, sorted(ids) if len(ids) <= MAX_OFFERS else None)][-MAX_BATCHES:]
        self._write()

    def end(self):
        """Mark all that is listed as committed."""
        self._committed = self._batches[-1][0]
        self._write()

    def _write(self):
        partial = self.file.with_suffix(".new")
        partial.write_text(json.dumps([self._committed, self._batches]))
        os.replace(partial, self.file)


def _read(folder: Path) -> tuple[int, list[tuple[int, list[int] | None]]] | None:
    """Return the number of the last batch that was committed, and the batches listed."""
    try:
        committed, batches = json.loads((folder / FILE).read_text())
        return int(committed), [(int(number), ids) for number, ids in batches]
    except (OSError, ValueError, TypeError):
        return None


class Change(NamedTuple):
    """The offers that differ between two generations, or more than these, and the searchers of both."""

    ids: frozenset[int]
    before: Searcher
    after: Searcher


class History:
    """The latest generations of the index that this process has searched."""

    def __init__(self):
        # With the number of the last batch that each is known to have.
        self._seen: OrderedDict[Generation, tuple[int, Searcher]] = OrderedDict()
        self._changes: dict[tuple[Generation, Generation], Change | None] = {}
        self._lock = Lock()

    def observe(self) -> Generation:
        """Remember the newest generation. Raises SearchUnavailable."""
        root = reader().root
        generation, searcher = reader().newest()
        if generation not in self._seen:
            # The file first: what it calls committed by then is in the index that is opened afterwards.
            committed, _ = _read(root / generation[0]) or (0, [])
            generation, searcher = reader().newest()
            with self._lock:
                if generation not in self._seen:
                    self._seen[generation] = (committed, searcher)
                    while len(self._seen) > MAX_GENERATIONS:
                        self._seen.popitem(last=False)
                    self._changes = {}
        return generation

    def change(self, before: Generation, after: Generation) -> Change | None:
        """Return what differs between two generations; None where that is not known."""
        with self._lock:
            old, new = self._seen.get(before), self._seen.get(after)
            if old is None or new is None or before[0] != after[0]:
                return None
            pair = (before, after)
            if pair not in self._changes:
                ids = _listed(reader().root / after[0], old[0])
                self._changes[pair] = None if ids is None else Change(ids, old[1], new[1])
            return self._changes[pair]


def _listed(folder: Path, since: int) -> frozenset[int] | None:
    """Return the offers of the batches after number `since`, None where the file does not list all of them."""
    applied = _read(folder)
    if applied is None:
        return None
    batches = [ids for number, ids in applied[1] if number > since]
    if len(batches) == MAX_BATCHES or None in batches:
        return None
    return frozenset(pk for ids in batches for pk in ids)


_histories: dict[str, History] = {}


def history() -> History:
    """Return this process's history of this host's index."""
    return _histories.setdefault(str(reader().root), History())
