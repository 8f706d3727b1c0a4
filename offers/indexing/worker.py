"""Worker process of an index build: builds documents from rows.

A spawned process imports this module before Django is set up, so it imports neither models nor settings at its top.
"""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence

import django

# Web workers take precedence over an index build.
NICENESS = 5


def start() -> None:
    """Prepare a new worker process: the initializer of the process pool."""
    # Ctrl-C and systemd signal the process group; the builder stops its workers after their current chunk.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    os.nice(NICENESS)
    # Building documents creates no reference cycles, and a garbage collection would scan all objects of Django.
    gc.disable()
    django.setup()


def _exit_with_parent() -> None:
    """End this process when the builder is killed: it would otherwise wait for the queue of the pool forever."""
    multiprocessing.parent_process().join()
    os._exit(1)


def build_chunk(ids: Sequence[int]) -> list[str]:
    """Return the JSON documents of the published offers among `ids`."""
    from offers.search import documents

    return [document for _pk, document in documents.build_documents(ids)]
