"""Build a new index: worker processes build the documents, and one Tantivy writer with its threads indexes them.

Building a document takes longer than indexing it (100 against 65 µs on one core), and Python uses one core per process.
Documents are added in the order of their pks, and `state.json` contains the pk of the last committed one: a build that
was stopped or killed deletes the documents above it and continues from there.
"""

import contextlib
import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import django.db
import tantivy
from django.conf import settings

from offers.indexing import worker
from offers.indexing.drift import MAX_ID
from offers.search import documents
from offers.search.index import IndexState, open_index

# Offers per commit, the most that a killed build loses. Tantivy merges 8 segments or more; a million offers make 7.
COMMIT_EVERY = 150_000
# Below this count, starting a process takes longer than it saves.
MIN_OFFERS_PER_WORKER = 5_000
# Memory of a Tantivy thread in bytes before it writes a segment: about 200,000 offers.
MEMORY_PER_THREAD = 256_000_000
# Seconds between two progress reports while waiting for a worker process or Tantivy.
REPORT_SECONDS = 0.5

# A function of the count of indexed offers; may raise Stopped.
ReportProgress = Callable[[int], None]


class Stopped(Exception):
    """A stop was requested during a build, a comparison or a check."""


def create_index(folder: Path) -> None:
    """Create an empty Tantivy index in the new folder `folder`."""
    folder.mkdir()
    tantivy.Index(documents.schema(), str(folder))


def delete_index(folder: Path) -> None:
    """Delete an index, `meta.json` first: readers that are opening the index check that it still has one."""
    with contextlib.suppress(OSError):
        (folder / "meta.json").unlink()
    shutil.rmtree(folder, ignore_errors=True)


def worker_count(offers: int) -> int:
    """Return the count of worker processes for a count of offers; with 0 the builder builds the documents itself."""
    workers = min(settings.SEARCH_BUILD_PROCESSES, offers // MIN_OFFERS_PER_WORKER)
    return workers if workers > 1 else 0


def build(folder: Path, state: IndexState, report_progress: ReportProgress) -> None:
    """Add the published offers above `state.committed_id` to the index in `folder`.

    If `report_progress` raises Stopped or the database fails, commit the added documents before raising.
    """
    ids = documents.published_ids(state.committed_id)
    workers = worker_count(len(ids))
    done = max(state.total - len(ids), 0)

    def report():
        report_progress(done)

    with _BackgroundIndexer(folder, state, max(workers // 2, 1), report) as indexer:
        chunks = _document_chunks(ids, workers, report)
        try:
            with contextlib.closing(chunks):
                for chunk, json_documents in chunks:
                    indexer.add(chunk[-1], json_documents)
                    done += len(chunk)
                    report()
            indexer.commit(report)
        except (Stopped, django.db.Error):
            indexer.commit(report=None)
            raise
        indexer.merge()


class _BackgroundIndexer:
    """A Tantivy writer in a thread of its own, so that progress is reported while it commits and merges."""

    def __init__(self, folder: Path, state: IndexState, threads: int, report: Callable[[], None]):
        self._folder, self._state, self._threads, self._report = folder, state, threads, report
        self._last_id = state.committed_id
        self._uncommitted = 0
        self._thread = ThreadPoolExecutor(1, "indexer", initializer=_lower_priority)

    def __enter__(self):
        self._writer = self._call(self._open_writer)
        return self

    def __exit__(self, *exc):
        self._thread.shutdown()
        # Dropping the writer releases the lock of Tantivy on the directory; a traceback may keep `self` alive.
        self._writer = None

    def add(self, last_id: int, json_documents: list[str]) -> None:
        """Add the documents of all published offers up to `last_id`."""
        self._call(self._add, json_documents)
        self._last_id = last_id
        self._uncommitted += len(json_documents)
        if self._uncommitted >= COMMIT_EVERY:
            self.commit(self._report)

    def commit(self, report: Callable[[], None] | None) -> None:
        """Commit, then save the last pk. After a crash in between, the next build deletes the documents above it."""
        _result(self._thread.submit(self._writer.commit), report)
        self._state.committed_id, self._uncommitted = self._last_id, 0
        self._state.save(self._folder)

    def merge(self) -> None:
        """Wait for the merges, which closing the writer would cancel. No document can be added afterwards."""
        self._call(self._writer.wait_merging_threads)

    def _open_writer(self) -> tantivy.IndexWriter:
        writer = open_index(self._folder).writer(MEMORY_PER_THREAD * self._threads, self._threads)
        not_recorded = tantivy.Query.range_query(
            documents.SCHEMA, "id", tantivy.FieldType.Unsigned, self._last_id + 1, MAX_ID
        )
        writer.delete_documents_by_query(not_recorded)
        return writer

    def _add(self, json_documents: Iterable[str]) -> None:
        for document in json_documents:
            self._writer.add_json(document)

    def _call(self, function, *args):
        return _result(self._thread.submit(function, *args), self._report)


def _lower_priority() -> None:
    """Lower the priority of the current thread and of the Tantivy threads that it starts.

    On Linux only: elsewhere the priority is that of the process, and could not be raised again after the build.
    """
    if sys.platform == "linux":
        os.nice(worker.NICENESS)


def _document_chunks(
    ids: Sequence[int], workers: int, report: Callable[[], None]
) -> Iterator[tuple[Sequence[int], list[str]]]:
    """Yield chunks of `ids`, in order, each with the JSON documents of the published offers among them."""
    chunks = (ids[start : start + documents.CHUNK] for start in range(0, len(ids), documents.CHUNK))
    if not workers:
        for chunk in chunks:
            yield chunk, worker.build_chunk(chunk)
        return
    # Spawned, since a fork would share the database connections of this process.
    executor = ProcessPoolExecutor(workers, get_context("spawn"), worker.start)
    pending: deque[tuple[Sequence[int], Future]] = deque()
    try:
        for chunk in chunks:
            pending.append((chunk, executor.submit(worker.build_chunk, chunk)))
            # Two chunks per worker, one in progress and one queued: bounds the memory, and no worker is idle.
            if len(pending) > 2 * workers:
                first, future = pending.popleft()
                yield first, _result(future, report)
        for chunk, future in pending:
            yield chunk, _result(future, report)
    except BrokenProcessPool as error:
        # The signal that ended the worker may have been sent to this process too: then this raises Stopped.
        report()
        raise OSError("a worker process of the index build ended unexpectedly") from error
    finally:
        executor.shutdown(cancel_futures=True)


def _result(future: Future, report: Callable[[], None] | None):
    """Return the result of `future`, and report progress while waiting for it."""
    while report and not wait([future], REPORT_SECONDS).done:
        report()
    return future.result()
