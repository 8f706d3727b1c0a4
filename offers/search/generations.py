"""The offers changed by each commit of an index: written by the follower, read by the page cache.

The file `applied.json` of an index lists its latest batches of offers. A batch is listed before its commit and marked
as committed after it, so the list never lacks an offer that a visible commit has changed.
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
# Maximum count of listed batches, and of offers in one of them: a larger batch is listed without its offers.
MAX_BATCHES = 100
MAX_OFFERS = 500
# Maximum count of generations whose searchers are kept open in a process.
MAX_GENERATIONS = 8

# The name of the index directory, and mtime and inode of its meta.json: see `Reader.generation`.
Generation = tuple


class AppliedBatches:
    """Writer of the file, for the follower."""

    def __init__(self, folder: Path):
        self.file = folder / FILE
        self._committed, self._batches = _read(folder) or (0, [])

    def begin(self, ids: set[int]):
        """List a batch that is about to be committed."""
        # Greater than any number of a file that was lost.
        number = max(time.time_ns(), self._batches[-1][0] + 1 if self._batches else 0)
        self._batches = [*self._batches, (number, sorted(ids) if len(ids) <= MAX_OFFERS else None)][-MAX_BATCHES:]
        self._write()

    def end(self):
        """Mark all listed batches as committed."""
        self._committed = self._batches[-1][0]
        self._write()

    def _write(self):
        partial = self.file.with_suffix(".new")
        partial.write_text(json.dumps([self._committed, self._batches]))
        os.replace(partial, self.file)


def _read(folder: Path) -> tuple[int, list[tuple[int, list[int] | None]]] | None:
    """Return the number of the last committed batch, and (number, pks) of each listed batch. None without a file."""
    try:
        committed, batches = json.loads((folder / FILE).read_text())
        return int(committed), [(int(number), ids) for number, ids in batches]
    except (OSError, ValueError, TypeError):
        return None


class GenerationDiff(NamedTuple):
    """Both searchers, and the pks of offers that may differ between two generations (a superset)."""

    ids: frozenset[int]
    before: Searcher
    after: Searcher


class GenerationHistory:
    """The latest generations of the index that this process has searched."""

    def __init__(self):
        # For each generation the number of the last batch that it certainly contains, and its searcher.
        self._seen: OrderedDict[Generation, tuple[int, Searcher]] = OrderedDict()
        self._changes: dict[tuple[Generation, Generation], GenerationDiff | None] = {}
        self._lock = Lock()

    def observe(self) -> Generation:
        """Add the newest generation and return it. Raise SearchUnavailable."""
        root = reader().root
        generation, searcher = reader().newest()
        if generation not in self._seen:
            # Read the file before opening the index, which then contains its committed batches.
            committed, _ = _read(root / generation[0]) or (0, [])
            generation, searcher = reader().newest()
            with self._lock:
                if generation not in self._seen:
                    self._seen[generation] = (committed, searcher)
                    while len(self._seen) > MAX_GENERATIONS:
                        self._seen.popitem(last=False)
                    self._changes = {}
        return generation

    def diff(self, before: Generation, after: Generation) -> GenerationDiff | None:
        """Return the diff of two generations, or None if it is unknown."""
        with self._lock:
            old, new = self._seen.get(before), self._seen.get(after)
            if old is None or new is None or before[0] != after[0]:
                return None
            pair = (before, after)
            if pair not in self._changes:
                ids = _changed_since(reader().root / after[0], old[0])
                self._changes[pair] = None if ids is None else GenerationDiff(ids, old[1], new[1])
            return self._changes[pair]


def _changed_since(folder: Path, since: int) -> frozenset[int] | None:
    """Return the pks of the batches after number `since`, or None if the file does not list all of them."""
    content = _read(folder)
    if content is None:
        return None
    batches = [ids for number, ids in content[1] if number > since]
    if len(batches) == MAX_BATCHES or None in batches:
        return None
    return frozenset(pk for ids in batches for pk in ids)


_histories: dict[str, GenerationHistory] = {}


def history() -> GenerationHistory:
    """Return the history of this process for the index of this host."""
    return _histories.setdefault(str(reader().root), GenerationHistory())
