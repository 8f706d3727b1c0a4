"""Build the index of a generated database, and measure how soon an edit is searchable.

`python -m tests.bench.indexing build`, `cost` or `edits`, in the environment of the site. The build runs in a separate
process, so that the peak memory of this process and its workers is that of the build.
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

# `__mp_main__` is the name of this module in the worker processes of the build.
if __name__ in ("__main__", "__mp_main__"):
    django.setup()

from django.conf import settings
from tantivy import Query

from offers.indexing import builder
from offers.indexing.writer import Writer
from offers.models import Offer
from offers.search import documents
from offers.search.analysis import analyse
from offers.search.index import reader, size_on_disk
from tests.bench import results
from tests.bench.progress import Progress

EDITS = 15
TIMEOUT = 30


def build() -> dict:
    """Build the index and return its size, its build time and its peak memory."""
    progress = Progress(sys.stderr)
    total = Offer.objects.published().count()
    progress.start("documents", total)
    start = time.monotonic()
    with Writer(report_progress=lambda done, total: progress.at(done)) as writer:
        writer.rebuild()
        seconds = time.monotonic() - start
        count = reader().searcher().num_docs
    workers = builder.worker_count(total)
    own, child = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    memory = own.ru_maxrss + workers * child.ru_maxrss
    return {
        "documents": count,
        "seconds": seconds,
        "bytes": size_on_disk(settings.SEARCH_DIR),
        "workers": workers,
        # Of this process plus the upper bound for all workers. Linux counts in kB.
        "peak_memory": memory * 1024,
        # Without the processor time of the database server.
        "processor": own.ru_utime + own.ru_stime + child.ru_utime + child.ru_stime,
    }


def cost() -> dict[str, float]:
    """Return the processor seconds of one document, in Python and in Tantivy, measured one after the other."""
    ids = documents.published_ids()[:30_000]
    # As in a worker process whose caches are filled.
    gc.disable()
    built = list(documents.build_documents(ids))
    start = time.process_time()
    for _ in documents.build_documents(ids):
        pass
    seconds = {"python": time.process_time() - start}
    with tempfile.TemporaryDirectory() as directory:
        index = tantivy.Index(documents.schema(), directory)
        documents.register(index)
        writer = index.writer(builder.MEMORY_PER_THREAD, 1)
        start = time.process_time()
        for _, document in built:
            writer.add_json(document)
        writer.commit()
        writer.wait_merging_threads()
        seconds["tantivy"] = time.process_time() - start
    return {name: total / len(built) for name, total in seconds.items()}


def edits(count: int = EDITS) -> dict:
    """Return the seconds from the commit of an edit until a reader finds it, with a running follower."""
    follower = subprocess.Popen([sys.executable, "manage.py", "search_index", "follow"], cwd=results.ROOT,
                                stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        offers = list(Offer.objects.published().order_by("pk")[:count])
        _edit(offers[0], "premierwarmup", 120)
        times = []
        for index, offer in enumerate(offers):
            times.append(_edit(offer, "bench" + "abcdefghijklmnopqrstuvwxyz"[index] * 4, TIMEOUT))
            # Avoid a fixed phase relative to the interval of the follower.
            time.sleep(0.137 * (index % 5))
    finally:
        follower.terminate()
        follower.wait()
    for offer in offers:
        Offer.objects.filter(pk=offer.pk).update(title=offer.title)
    return {"median": statistics.median(times), "longest": max(times), "edits": len(times)}


def _edit(offer, word, timeout) -> float:
    query = Query.term_query(documents.SCHEMA, "title", analyse(word))
    # Each edit adds a word that is not indexed yet.
    Offer.objects.filter(pk=offer.pk).update(title=f"{offer.title[:80]} {word}")
    start = time.monotonic()
    while not reader().searcher().search(query, 1).hits:
        if time.monotonic() - start > timeout:
            raise TimeoutError(f"the edit was not found within {timeout} s")
        time.sleep(0.004)
    return time.monotonic() - start


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(json.dumps({"build": build, "cost": cost, "edits": edits}[sys.argv[1]]()))
