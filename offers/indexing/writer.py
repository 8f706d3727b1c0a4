"""Write the index of a host: apply changes, compare with the database, rebuild, swap."""

import contextlib
import fcntl
import logging
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import django.db
import tantivy
from django.conf import settings

from offers.changelog import log
from offers.changelog.models import ChangeLogEntry
from offers.indexing import builder
from offers.indexing.builder import Stopped
from offers.indexing.drift import Drift, compare, find_outdated
from offers.search import documents
from offers.search.generations import AppliedBatches
from offers.search.index import IndexState, current_folder, find_damage, open_index

logger = logging.getLogger(__name__)

BATCH = 20_000
# Seconds between two saves of the log position while there are no changes, and between two checks of the triggers.
SAVE_SECONDS = 30
# Seconds between two updates of the current index during a build or a comparison.
FOLLOW_SECONDS = 0.5
# Seconds between two reports of the progress of a build.
REPORT_SECONDS = 1
WRITER_MEMORY = 128_000_000
# Files whose mtime lets readers reload names from the database: see `index`.
NAME_STAMPS = ("words", "places")
# More log entries above the cursor are not saved: they are applied again after a restart.
MAX_SAVED_OPEN = 10_000
# Up to this count, changed offers are compared with their documents before they are indexed.
MAX_COMPARED = 500


class Locked(Exception):
    """Another process of this host has the lock of the index."""


class WritableIndex:
    """An index open for writing. Discard it after an exception: its Tantivy writer is then unusable."""

    def __init__(self, folder: Path, state: IndexState):
        self.folder, self.state = folder, state
        self._index = open_index(folder)
        self._writer = self._index.writer(WRITER_MEMORY, 1)
        self._saved_at = 0.0
        self._applied = AppliedBatches(folder)
        # Pks of offers published or expired by date, indexed by the last call of `follow`.
        self._due: set[int] = set()

    def close(self):
        """Release the writer without waiting for merges: Tantivy resumes them after the next commit."""
        self._writer = self._index = None

    def searcher(self) -> tantivy.Searcher:
        self._index.reload()
        return self._index.searcher()

    def follow(self) -> set[int]:
        """Apply the changes since the last call and return the pks of the affected offers."""
        state, now = self.state, time.time()
        batch = log.entries_since(state.cursor, set(state.open))
        due = log.due_between(min(state.clock, now), now)
        # Except those of the last call: the time ranges overlap.
        ids = log.affected_offers(batch.changes) | due - self._due
        # If no document changes, do not commit, so that cached pages stay valid.
        if outdated := ids if len(ids) > MAX_COMPARED else find_outdated(self.searcher(), ids):
            self.apply(outdated)
        kinds = {kind for kind, _ in batch.changes}
        # Before the cursor is saved: after a crash in between, the files are touched again.
        if kinds & {ChangeLogEntry.Kind.NAME, ChangeLogEntry.Kind.ROLES, ChangeLogEntry.Kind.ALL}:
            (self.folder.parent / "words").touch()
        if kinds & {ChangeLogEntry.Kind.PLACE, ChangeLogEntry.Kind.ALL}:
            (self.folder.parent / "places").touch()
        state.gap = state.gap or ChangeLogEntry.Kind.ALL in kinds
        state.cursor, state.clock, state.last_entry = batch.cursor, now, batch.last_entry or state.last_entry
        state.open, self._due = sorted(batch.open), due
        if batch.changes or ids or now - self._saved_at > SAVE_SECONDS:
            self.save()
        return ids

    def save(self):
        """Save the state, after a commit: a crash in between applies the same changes twice, which is idempotent."""
        all_open, self.state.open = self.state.open, self.state.open[:MAX_SAVED_OPEN]
        self.state.save(self.folder)
        self.state.open = all_open
        self._saved_at = time.time()

    def apply(self, ids: set[int]):
        """Replace the documents of these offers by new ones, and commit."""
        ordered = sorted(ids)
        self._applied.begin(ids)
        for start in range(0, len(ordered), BATCH):
            batch = ordered[start : start + BATCH]
            # By query, since `delete_documents` converts an int to a signed integer, which matches no document.
            self._writer.delete_documents_by_query(tantivy.Query.term_set_query(documents.SCHEMA, "id", batch))
            for _, document in documents.build_documents(batch):
                self._writer.add_json(document)
        self._writer.commit()
        self._applied.end()


class Writer:
    """A context manager that locks the index of this host for writing. Entering it raises Locked.

    `report_progress(done, total)` is called about once per second during a build, `should_stop()` between two steps of
    a build or comparison.
    """

    def __init__(
        self,
        root: Path | None = None,
        report_progress: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ):
        self.root = Path(root or settings.SEARCH_DIR)
        self.report_progress = report_progress or (lambda done, total: None)
        self.should_stop = should_stop or (lambda: False)
        self.current: WritableIndex | None = None
        self._lock = None
        # Monotonic times.
        self._triggers_checked_at = self._followed_at = 0.0
        self._build_reason = "it was requested"
        # Pks of the offers changed during a comparison.
        self._followed_ids: set[int] = set()

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

    def ensure_index(self) -> bool:
        """Open the current index, or build one if it is missing or unusable. Return False when stopped."""
        if self.current and self._is_in_place():
            return True
        self.close()
        log.ensure_triggers()
        self.current = self._open_current()
        return self.current is not None or self._build_and_swap()

    def _is_in_place(self) -> bool:
        """Return whether the index and the lock file still exist on disk."""
        try:
            locked_file, file_on_disk = os.fstat(self._lock.fileno()), os.stat(self.root / "lock")
        except FileNotFoundError:
            return False
        folder = self.current.folder
        return (
            locked_file.st_ino == file_on_disk.st_ino
            and current_folder(self.root) == folder
            and (folder / "meta.json").exists()
        )

    def _open_current(self) -> WritableIndex | None:
        folder = current_folder(self.root)
        state = folder and IndexState.load(folder)
        if not (state and state.complete):
            self._build_reason = "the one there was is unfinished or of another format" if folder else "there was none"
            return None
        if problem := find_damage(folder):
            self._build_reason = f"the one there was is damaged: {problem}"
            return None
        index = WritableIndex(folder, state)
        if not log.can_resume(state.cursor, state.clock, state.last_entry):
            logger.warning("the change log does not reach back to the position of the index: comparing them")
            self._reset_cursor(index)
        return index

    def follow_once(self) -> set[int]:
        """Apply the changes since the last call and return the pks of the affected offers."""
        if not self.ensure_index():
            return set()
        if time.monotonic() - self._triggers_checked_at > SAVE_SECONDS:
            log.ensure_triggers()
            if not log.contains(self.current.state.last_entry):
                logger.warning("the database is not the one that the index followed: comparing them")
                self._reset_cursor(self.current)
            self._triggers_checked_at = time.monotonic()
        ids = self._follow()
        if self.current.state.gap:
            ids |= self.repair().ids
        return ids

    def _follow(self) -> set[int]:
        with self._discard_writer_on_error():
            ids = self.current.follow()
        if not self.current.state.gap:
            (self.root / "heartbeat").touch()
        return ids

    @contextlib.contextmanager
    def _discard_writer_on_error(self):
        """Close the index after an exception, which makes the Tantivy writer unusable; the next call opens it again."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _reset_cursor(index: WritableIndex):
        """Set the cursor to the end of the log, and `gap` so that earlier changes are found by a comparison."""
        state = index.state
        state.cursor, state.open, state.last_entry, state.gap = log.position(), [], log.newest_entry(), True
        index.save()
        for name in NAME_STAMPS:
            (index.folder.parent / name).touch()

    def repair(self) -> Drift:
        """Compare all documents with their rows and correct the differences. Raise Stopped."""
        self._follow()
        with self._discard_writer_on_error():
            self._followed_ids = set()
            drift = compare(self.current.searcher(), self._follow_if_due)
        # Changes during the comparison are lag, not drift.
        self._follow_and_record()
        drift = drift.without(self._followed_ids)
        with self._discard_writer_on_error():
            if drift:
                logger.warning(
                    "index and database differed: %d missing, %d extra, %d outdated; repaired", *drift.counts
                )
                self.current.apply(drift.ids)
            if self.current.state.gap:
                self.current.state.gap = False
                self.current.save()
        return drift

    def check(self) -> Drift | None:
        """Check the files and repair drift. If files are damaged, rebuild the index and return None. Raise Stopped."""
        if not self.ensure_index():
            raise Stopped
        if problem := find_damage(self.current.folder):
            self._build_reason = f"the one there was is damaged: {problem}"
            self.close()
            if not self._build_and_swap():
                raise Stopped
            return None
        return self.repair()

    def _follow_and_record(self):
        self._followed_ids |= self._follow()

    def _follow_if_due(self):
        """Update the current index during a build or comparison. Raise Stopped if a stop is requested."""
        if self.should_stop():
            raise Stopped
        if self.current and time.monotonic() - self._followed_at > FOLLOW_SECONDS:
            self._follow_and_record()
            self._followed_at = time.monotonic()

    # Building

    def rebuild(self) -> bool:
        """Build a new index and swap it with the current one. Return False when stopped; another call resumes."""
        log.ensure_triggers()
        # Open the current index, so that it is updated during the build.
        self.current = self.current or self._open_current()
        return self._build_and_swap()

    def _build_and_swap(self) -> bool:
        folder, state = self._find_resumable() or self._create()
        index = None
        try:
            builder.build(folder, state, self._progress_reporter(folder, state))
            index = WritableIndex(folder, state)
            state.done = index.searcher().num_docs
            self.report_progress(state.done, state.done)
            index.follow()
            if state.gap:
                index.apply(compare(index.searcher()).ids)
            state.complete, state.gap = True, False
            index.save()
        except Stopped:
            state.save(folder)
            return False
        except BaseException as error:
            if index:
                index.close()
            if not isinstance(error, django.db.Error):
                # The disk may be full, because of this directory.
                builder.delete_index(folder)
            raise
        self._swap(index)
        return True

    def _progress_reporter(self, folder: Path, state: IndexState) -> Callable[[int], None]:
        """Return a function for the builder that updates the current index, and saves and reports the progress."""
        reported_at = time.monotonic()

        def report(done: int):
            nonlocal reported_at
            state.done = done
            self._follow_if_due()
            if time.monotonic() - reported_at > REPORT_SECONDS:
                state.save(folder)
                self.report_progress(done, max(state.total, done))
                reported_at = time.monotonic()

        return report

    def _create(self) -> tuple[Path, IndexState]:
        self._remove_others()
        folder = self.root / f"index-{secrets.token_hex(4)}"
        last_entry = log.newest_entry()
        state = IndexState(documents.FORMAT, log.position(), time.time(), last_entry=last_entry)
        # Count after reading the cursor: offers published in between are in the log.
        state.total = len(documents.published_ids())
        try:
            builder.create_index(folder)
            state.save(folder)
        except BaseException:
            builder.delete_index(folder)
            raise
        return folder, state

    def _find_resumable(self) -> tuple[Path, IndexState] | None:
        """Return a stopped build that can be resumed: same format, undamaged, and within the retention of the log."""
        for folder in sorted(self.root.glob("index-*")):
            state = IndexState.load(folder)
            if (
                state
                and not state.complete
                and folder != current_folder(self.root)
                and log.can_resume(state.cursor, state.clock, state.last_entry)
                and not find_damage(folder)
            ):
                return folder, state
        return None

    def _swap(self, index: WritableIndex):
        """Make `index` the current one atomically, and remove the others."""
        for name in NAME_STAMPS:
            (self.root / name).touch()
        link = self.root / "current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(index.folder.name)
        os.replace(link, self.root / "current")
        self.close()
        self.current = index
        self._remove_others()
        (self.root / "heartbeat").touch()
        # Log only successful builds: failed ones are retried repeatedly.
        level = logging.WARNING if self._build_reason.startswith("the one there was") else logging.INFO
        logger.log(level, "a new search index of %d offers was built; %s", index.state.done, self._build_reason)
        self._build_reason = "it was requested"

    def _remove_others(self):
        """Remove every index except the current one."""
        current = current_folder(self.root)
        for folder in self.root.glob("index-*"):
            if folder != current:
                builder.delete_index(folder)
