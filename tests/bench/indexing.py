"""Builds the index of a generated database, and times how soon an edit is searchable.

`python -m tests.bench.indexing build`, `alone` or `edits`, in the environment of the site. The build runs in a process
of its own, so that the peak memory of this process and its workers is that of the build.
"""

import gc
import json
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import django
import tantivy

if __name__ == "__main__":
    django.setup()

from django.conf import settings
from tantivy import Query

from offers.models import Offer
from offers.search import documents, parts
from offers.search.analysis import analyse
from offers.search.index import reader, size_on_disk
from offers.search.writer import Writer
from tests.bench import results
from tests.bench.progress import Progress

EDITS = 15
LONGEST_WAIT = 30


def build() -> dict:
    """Build the index from this process; return documents, seconds, bytes and memory."""
    progress = Progress(sys.stderr)
    total = Offer.objects.published().count()
    progress.start("documents", total)
    start = time.monotonic()
    with Writer(progress=lambda done, total: progress.at(done)) as writer:
        writer.rebuild()
        seconds = time.monotonic() - start
        count = reader().searcher().num_docs
        processes = len(writer.current.state.parts)
    own, part = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    memory = own.ru_maxrss + (processes * part.ru_maxrss if processes > 1 else 0)
    return {
        "documents": count,
        "seconds": seconds,
        "bytes": size_on_disk(settings.SEARCH_DIR),
        "processes": processes,
        # Of this process and at most of each worker. Linux counts in kB.
        "peak_memory": memory * 1024,
        # In seconds, without the database's.
        "processor": own.ru_utime + own.ru_stime + part.ru_utime + part.ru_stime,
    }


def alone() -> dict[str, float]:
    """Return the seconds of processor time of one document in Python and in Tantivy, each measured alone."""
    ids = documents.published_ids()[:30_000]
    # As in a worker, whose caches hold what most offers have in common.
    gc.disable()
    pairs = list(documents.documents(ids))
    start = time.process_time()
    for _ in documents.documents(ids):
        pass
    took = {"python": time.process_time() - start}
    with tempfile.TemporaryDirectory() as folder:
        index = tantivy.Index(documents.schema(), folder)
        documents.register(index)
        writer = index.writer(parts.WRITER_MEMORY, 1)
        start = time.process_time()
        for _, document in pairs:
            writer.add_json(document)
        writer.commit()
        writer.wait_merging_threads()
        took["engine"] = time.process_time() - start
    return {name: seconds / len(pairs) for name, seconds in took.items()}


def edits(count: int = EDITS) -> dict:
    """Return the seconds from the commit of an edit until a reader finds it, with a follower as on a real host."""
    follower = subprocess.Popen([sys.executable, "manage.py", "search_index", "follow"], cwd=results.ROOT,
                                stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        offers = list(Offer.objects.published().order_by("pk")[:count])
        _edit(offers[0], "premierwarmup", 120)
        times = []
        for index, offer in enumerate(offers):
            times.append(_edit(offer, "bench" + "abcdefghijklmnopqrstuvwxyz"[index] * 4, LONGEST_WAIT))
            # Out of step with the follower's polling interval.
            time.sleep(0.137 * (index % 5))
    finally:
        follower.terminate()
        follower.wait()
    for offer in offers:
        Offer.objects.filter(pk=offer.pk).update(title=offer.title)
    return {"median": statistics.median(times), "longest": max(times), "edits": len(times)}


def _edit(offer, word, patience) -> float:
    query = Query.term_query(documents.SCHEMA, "title", analyse(word))
    # Each edit adds a word that no earlier edit has added.
    Offer.objects.filter(pk=offer.pk).update(title=f"{offer.title[:80]} {word}")
    start = time.monotonic()
    while not reader().searcher().search(query, 1).hits:
        if time.monotonic() - start > patience:
            raise TimeoutError(f"the edit was not searchable within {patience} s")
        time.sleep(0.004)
    return time.monotonic() - start


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(json.dumps({"build": build, "alone": alone, "edits": edits}[sys.argv[1]]()))
