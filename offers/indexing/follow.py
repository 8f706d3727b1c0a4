"""The loop of `search_index follow`, which keeps the index of this host up to date."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import django.db

from offers.indexing.builder import Stopped
from offers.indexing.writer import Locked, Writer
from offers.search.index import consume_request, is_panic

logger = logging.getLogger(__name__)

# Maximum delay in seconds between two retries after an error of the disk, and after one of the database.
MAX_RETRY_SECONDS = 30
MAX_DATABASE_RETRY_SECONDS = 2
# Seconds between two attempts to get the lock, which another process of this host holds.
STANDBY_SECONDS = 1


def follow(
    root: Path,
    interval: float,
    stopping: threading.Event,
    report_progress: Callable[[int, int], None] | None = None,
    write: Callable[[str], None] = logger.info,
) -> None:
    """Apply changes every `interval` seconds until `stopping` is set, and retry after errors of disk and database.

    `write` is called with messages in French for the operator.
    """
    delay, problem, standing_by = interval, None, False
    while not stopping.is_set():
        try:
            with Writer(root, report_progress, stopping.is_set) as writer:
                if standing_by or problem is None:
                    write("L’index est suivi.")
                standing_by = False
                while not stopping.is_set():
                    _run_cycle(writer)
                    if problem:
                        write("L’index est suivi de nouveau.")
                    delay, problem = interval, None
                    stopping.wait(interval)
        except Stopped:
            pass
        except Locked:
            if not standing_by:
                write("Un autre processus de cette machine tient l’index\u00a0: en attente.")
            standing_by = True
            stopping.wait(STANDBY_SECONDS)
        except BaseException as error:
            if not (isinstance(error, Exception) or is_panic(error)):
                raise
            # Temporary errors: a full disk, missing permissions, a restart of the database.
            is_database_error = isinstance(error, django.db.Error)
            longest = MAX_DATABASE_RETRY_SECONDS if is_database_error else MAX_RETRY_SECONDS
            delay = min(max(delay, 0.5) * 2, longest)
            # Compare the first 50 characters only: a file name that changes with each retry may follow.
            previous, problem = problem, repr(error)[:50]
            if problem != previous:
                expected = is_database_error or isinstance(error, (OSError, ValueError))
                logger.error(
                    "the search index cannot be brought up to date, retrying: %s", error, exc_info=not expected
                )
            stopping.wait(delay)


def _run_cycle(writer: Writer) -> None:
    # Close connections that a restart of the database or its pooler has cut.
    django.db.close_old_connections()
    if consume_request(writer.root, "rebuild"):
        writer.rebuild()
    elif consume_request(writer.root, "check"):
        writer.check()
    writer.follow_once()
