"""The process that keeps this host's index in step with the database."""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

import django.db

from offers.search.index import is_panic
from offers.search.writer import Locked, Stopped, Writer

logger = logging.getLogger(__name__)

# Seconds between two tries while the disk, or the database, is in trouble.
LONGEST_WAIT = 30
LONGEST_WAIT_FOR_DATABASE = 2
# Between two looks at whether another process of this host has ended.
STAND_BY = 1


def follow(
    root: Path,
    every: float,
    stopping: threading.Event,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[str], None] = logger.info,
) -> None:
    """Apply changes until `stopping` is set. Nothing that the disk or the database does ends it."""
    wait, problem, standing_by = every, None, False
    while not stopping.is_set():
        try:
            with Writer(root, progress, stopping.is_set) as writer:
                if standing_by or problem is None:
                    say("L’index est suivi.")
                standing_by = False
                while not stopping.is_set():
                    _turn(writer)
                    if problem:
                        say("L’index est suivi de nouveau.")
                    wait, problem = every, None
                    stopping.wait(every)
        except Stopped:
            pass
        except Locked:
            if not standing_by:
                say("Un autre processus de cette machine tient l’index\u00a0: en attente.")
            standing_by = True
            stopping.wait(STAND_BY)
        except BaseException as error:
            if not (isinstance(error, Exception) or is_panic(error)):
                raise
            # A full disk, a folder that cannot be written, a database that restarts: all of them pass.
            of_database = isinstance(error, django.db.Error)
            wait = min(max(wait, 0.5) * 2, LONGEST_WAIT_FOR_DATABASE if of_database else LONGEST_WAIT)
            # The beginning: what follows may name a file that is another one each time.
            before, problem = problem, repr(error)[:50]
            if problem != before:
                expected = of_database or isinstance(error, (OSError, ValueError))
                logger.error(
                    "the search index cannot be brought up to date, trying on: %s", error, exc_info=not expected
                )
            stopping.wait(wait)


def _turn(writer: Writer) -> None:
    # What a restart of the database, or its pool, has cut.
    django.db.close_old_connections()
    if _granted(writer.root, "rebuild"):
        writer.rebuild()
    elif _granted(writer.root, "check"):
        writer.check()
    writer.follow_once()


def _granted(root: Path, wish: str) -> bool:
    try:
        os.unlink(root / f"{wish}-wanted")
    except FileNotFoundError:
        return False
    return True
