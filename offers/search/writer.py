"""Who writes the index of a host: brings it up to what the database says, compares, builds, swaps."""

import contextlib
import fcntl
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import django.db
import tantivy
from django.conf import settings

from offers.changelog import log as changes
from offers.changelog.models import Change
from offers.search import documents, drift, parts
from offers.search.index import State, current_folder, damage, open_folder
from offers.search.parts import Stopped

logger = logging.getLogger(__name__)

BATCH = 20_000
# While nothing changes, the place in the log is written down and the triggers are looked for that often.
SAVE_SECONDS = 30
# During a build or a comparison the index that readers use is brought up to date that often.
TEND_SECONDS = 0.5
WRITER_MEMORY = 128_000_000
# Whose times tell readers what to read from the database again: see `index`.
STAMPS = ("words", "places")
# More lines than that are not written down but applied once more after a restart.
MOST_OPEN = 10_000


class Locked(Exception):
    """Another process of this host writes the index."""


class Opened:
    """An index that is open for writing. After an exception it is of no more use."""

    def __init__(self, folder: Path, state: State):
        self.folder, self.state = folder, state
        self._index = open_folder(folder)
        self._writer = self._index.writer(WRITER_MEMORY, 1)
        self._saved = 0.0
        # Which offers came out or expired by the clock lately.
        self._due: set[int] = set()

    def close(self):
        """Without waiting for the engine, which tidies up in the background: it goes on the next time."""
        self._writer = self._index = None

    def searcher(self) -> tantivy.Searcher:
        self._index.reload()
        return self._index.searcher()

    def follow(self) -> set[int]:
        """Bring the index up to what the database says now; the numbers of the offers that were looked at."""
        state, now = self.state, time.time()
        batch = changes.since(state.cursor, set(state.open))
        due = changes.due_between(min(state.clock, now), now)
        # Not again what the last turn looked at: its span and this one overlap.
        ids = changes.offers_of(batch.changes) | due - self._due
        if ids:
            self.apply(ids)
        kinds = {kind for kind, _ in batch.changes}
        # Before the place in the log moves on: a crash in between repeats it.
        if kinds & {Change.Kind.WORDS, Change.Kind.ALL}:
            (self.folder.parent / "words").touch()
        if kinds & {Change.Kind.PLACE, Change.Kind.ALL}:
            (self.folder.parent / "places").touch()
        state.gap = state.gap or Change.Kind.ALL in kinds
        state.cursor, state.clock, state.witness = batch.cursor, now, batch.witness or state.witness
        state.open, self._due = sorted(batch.open), due
        if batch.changes or ids or now - self._saved > SAVE_SECONDS:
            self.save()
        return ids

    def save(self):
        """After a commit, never before: a crash in between applies the same changes twice, which is harmless."""
        everything, self.state.open = self.state.open, self.state.open[:MOST_OPEN]
        self.state.save(self.folder)
        self.state.open = everything
        self._saved = time.time()

    def apply(self, ids: set[int]):
        """Put what the rows of these offers say in the place of their documents."""
        ordered = sorted(ids)
        for start in range(0, len(ordered), BATCH):
            part = ordered[start : start + BATCH]
            # By query: the engine takes a bare number for a signed one, which no document has.
            self._writer.delete_documents_by_query(tantivy.Query.term_set_query(documents.SCHEMA, "id", part))
            for _, document in documents.documents(part):
                self._writer.add_json(document)
        self._writer.commit()


class Writer:
    """The one process that writes. Use it as a context manager: it holds the host's lock.

    `progress(done, total)` is called now and then while an index is built; `stop()` is asked during long work.
    """

    def __init__(
        self,
        root: Path | None = None,
        progress: Callable[[int, int], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ):
        self.root = Path(root or settings.SEARCH_DIR)
        self.progress, self.stop = progress or (lambda done, total: None), stop or (lambda: False)
        self.current: Opened | None = None
        self._lock = None
        self._watched = self._tended = 0.0
        self._reason = "it was asked for"
        # What was brought up to date during a comparison.
        self._touched: set[int] = set()

    def __enter__(self):
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock = open(self.root / "lock", "w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise Locked(str(self.root)) from error
        return self

    def __exit__(self, *exc):
        self.close()
        self._lock.close()

    def close(self):
        if self.current:
            self.current.close()
        self.current = None

    def ready(self) -> bool:
        """Have a whole index open for writing, building one where there is none that serves. False when stopped."""
        if self.current and self._is_in_place():
            return True
        self.close()
        changes.watch()
        self.current = self._open_current()
        return self.current is not None or self._build_anew()

    def _is_in_place(self) -> bool:
        """Nobody has removed the files, or the lock that keeps others away from them."""
        try:
            mine, there = os.fstat(self._lock.fileno()), os.stat(self.root / "lock")
        except FileNotFoundError:
            return False
        folder = self.current.folder
        return mine.st_ino == there.st_ino and current_folder(self.root) == folder and (folder / "meta.json").exists()

    def _open_current(self) -> Opened | None:
        folder = current_folder(self.root)
        state = folder and State.load(folder)
        if not (state and state.complete):
            self._reason = "the one there was is unfinished or of another format" if folder else "there was none"
            return None
        if problem := damage(folder):
            self._reason = f"the one there was is damaged: {problem}"
            return None
        opened = Opened(folder, state)
        if not changes.can_resume(state.cursor, state.clock, state.witness):
            logger.warning("the change log does not reach back to where the index stands: comparing them")
            self._lose_place(opened)
        return opened

    def follow_once(self) -> set[int]:
        """Bring the index up to what the database says now; the numbers of the offers that were looked at."""
        if not self.ready():
            return set()
        if time.monotonic() - self._watched > SAVE_SECONDS:
            changes.watch()
            if not changes.has(self.current.state.witness):
                logger.warning("the database is not the one that the index followed: comparing them")
                self._lose_place(self.current)
            self._watched = time.monotonic()
        ids = self._follow()
        if self.current.state.gap:
            ids |= self.repair().ids
        return ids

    def _follow(self) -> set[int]:
        with self._spoilt_by_failure():
            ids = self.current.follow()
        if not self.current.state.gap:
            (self.root / "heartbeat").touch()
        return ids

    @contextlib.contextmanager
    def _spoilt_by_failure(self):
        """After a failed write the engine's writer is of no use: the next turn opens the folder anew."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _lose_place(opened: Opened):
        """Follow from now on; what was before is to be found by comparing."""
        state = opened.state
        state.cursor, state.open, state.witness, state.gap = changes.now(), [], changes.newest(), True
        opened.save()
        for name in STAMPS:
            (opened.folder.parent / name).touch()

    def repair(self) -> drift.Drift:
        """Compare every document with its row and put right what differs. Raises Stopped."""
        self._follow()
        with self._spoilt_by_failure():
            self._touched = set()
            found = drift.compare(self.current.searcher(), self._tend)
        # What changes at this moment is no drift but followed as ever.
        self._follow_touching()
        found = found.without(self._touched)
        with self._spoilt_by_failure():
            if found:
                logger.warning("index and database differed: %d missing, %d extra, %d old; mended", *found.counts)
                self.current.apply(found.ids)
            if self.current.state.gap:
                self.current.state.gap = False
                self.current.save()
        return found

    def check(self) -> drift.Drift | None:
        """Look at the files as well, and build the index anew (None) where they are damaged."""
        if not self.ready():
            raise Stopped
        if problem := damage(self.current.folder):
            self._reason = f"the one there was is damaged: {problem}"
            self.close()
            if not self._build_anew():
                raise Stopped
            return None
        return self.repair()

    def _follow_touching(self):
        self._touched |= self._follow()

    def _tend(self):
        """During long work: go on following for those who read, and end when that is wanted."""
        if self.stop():
            raise Stopped
        if self.current and time.monotonic() - self._tended > TEND_SECONDS:
            self._follow_touching()
            self._tended = time.monotonic()

    # Building

    def rebuild(self) -> bool:
        """Build a new index beside the current one and swap it in. False when stopped; the next call goes on."""
        changes.watch()
        # So that it is followed meanwhile.
        self.current = self.current or self._open_current()
        return self._build_anew()

    def _build_anew(self) -> bool:
        folder, state = self._unfinished() or self._begin()
        building = None
        try:
            self._build(folder, state)
            building = Opened(folder, state)
            state.done = building.searcher().num_docs
            self.progress(state.done, state.done)
            building.follow()
            if state.gap:
                building.apply(drift.compare(building.searcher()).ids)
            state.complete, state.gap = True, False
            building.save()
        except Stopped:
            state.save(folder)
            return False
        except BaseException as error:
            if building:
                building.close()
            if not isinstance(error, django.db.Error):
                # Most likely the disk is full, and this is what fills it.
                shutil.rmtree(folder, ignore_errors=True)
            raise
        self._swap(building)
        return True

    def _build(self, folder: Path, state: State):
        told = time.monotonic()

        def tell(done: int):
            nonlocal told
            state.done = done
            self._tend()
            if time.monotonic() - told > 1:
                state.save(folder)
                self.progress(done, max(state.total, done))
                told = time.monotonic()

        parts.build(folder, state, tell)

    def _begin(self) -> tuple[Path, State]:
        self._remove_others()
        folder = self.root / f"index-{secrets.token_hex(4)}"
        witness = changes.newest()
        state = State(documents.FORMAT, changes.now(), time.time(), witness=witness)
        # Not before the place in the log: an offer that comes out between the two is among the changes.
        state.parts, state.total = parts.plan()
        folder.mkdir()
        try:
            state.save(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder, state

    def _unfinished(self) -> tuple[Path, State] | None:
        """A build that was stopped and can go on: same format, whole, and the change log still reaches back to it."""
        for folder in sorted(self.root.glob("index-*")):
            state = State.load(folder)
            if (
                state
                and not state.complete
                and folder != current_folder(self.root)
                and changes.can_resume(state.cursor, state.clock, state.witness)
                and parts.can_go_on(folder, state)
            ):
                return folder, state
        return None

    def _swap(self, building: Opened):
        for name in STAMPS:
            (self.root / name).touch()
        link = self.root / "current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(building.folder.name)
        os.replace(link, self.root / "current")
        self.close()
        self.current = building
        self._remove_others()
        (self.root / "heartbeat").touch()
        # Not before: a build that fails is tried again and again.
        level = logging.WARNING if self._reason.startswith("the one there was") else logging.INFO
        logger.log(level, "a new search index of %d offers was built; %s", building.state.done, self._reason)
        self._reason = "it was asked for"

    def _remove_others(self):
        """Every index but the one that readers use."""
        current = current_folder(self.root)
        for folder in self.root.glob("index-*"):
            if folder != current:
                shutil.rmtree(folder, ignore_errors=True)
