"""Delete what may no longer be kept, in every room: rows, and the files that went with them.

Each batch is a transaction of its own. A run that is stopped or killed has deleted what it had deleted, and the next
one goes on from there, since what is too old is asked of the database every time. Running again changes nothing more.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django_q.models import Task

from jobboard.privacy import registry as personal
from jobboard.privacy.models import Purge

logger = logging.getLogger(__name__)

BATCH = 500
# A file is written before its row is committed: only what is older can have been forgotten.
ORPHAN_AGE = timedelta(days=1)
SESSIONS, TASKS, FILES = "Sessions terminées", "Tâches anciennes", "Fichiers sans dossier"


def pending(at: datetime | None = None) -> dict[str, int]:
    """How many rows and files a run at `at` (now by default) would delete, by title; nothing is changed."""
    at = at or timezone.now()
    found = {part.title: part.overdue(at).order_by().count() for part in personal.parts()}
    found[TASKS] = _old_tasks(at).count()
    found[FILES] = sum(1 for _ in orphans(at))
    return {title: count for title, count in found.items() if count}


def run(
    at: datetime | None = None,
    say: Callable[[str, int], None] = lambda title, count: None,
    go_on: Callable[[], bool] = lambda: True,
) -> Purge:
    """Delete all that is due at `at` (now by default), and record how much.

    `say` hears the running number of each title; where `go_on` says no, the run ends after the batch at hand, and its
    record has no `finished_at`. What fails in one room does not keep the others.
    """
    at = at or timezone.now()
    purge = Purge.objects.create()
    steps = [(part.title, part_step(part, at)) for part in personal.parts()]
    steps += [(SESSIONS, _sessions), (TASKS, lambda: _task_batches(at)), (FILES, lambda: _file_batches(at))]
    for title, step in steps:
        try:
            for count in step():
                if count:
                    purge.done[title] = purge.done.get(title, 0) + count
                    purge.save(update_fields=["done"])
                    say(title, purge.done[title])
                if not go_on():
                    return purge
        except Exception as error:
            # Not its text: that often repeats a value of the row.
            logger.error("purge: %s stopped at %s", title, type(error).__name__)
            purge.failed[title] = type(error).__name__
            purge.save(update_fields=["failed"])
    purge.finished_at = timezone.now()
    purge.save(update_fields=["finished_at"])
    if purge.total:
        logger.info("purge: %d rows and files deleted", purge.total)
    return purge


def part_step(part: personal.Part, at: datetime) -> Callable[[], Iterator[int]]:
    def batches():
        last = None
        while keys := list(part.overdue(at).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            if keys == last:
                raise RuntimeError(f"{part.title}: what was erased is still due")
            last = keys
            with transaction.atomic():
                # Asked again: one that was confirmed or answered in this very moment is not due any more.
                count = part.erase(part.overdue(at).filter(pk__in=keys))
            yield count

    return batches


def _sessions() -> Iterator[int]:
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    yield 0


def _old_tasks(at: datetime):
    return Task.objects.filter(stopped__lt=at - timedelta(days=settings.TASK_RETENTION_DAYS))


def _task_batches(at: datetime) -> Iterator[int]:
    while keys := list(_old_tasks(at).order_by().values_list("pk", flat=True)[:BATCH]):
        yield Task.objects.filter(pk__in=keys).delete()[0]


def _file_batches(at: datetime) -> Iterator[int]:
    for storage, name in orphans(at):
        storage.delete(name)
        yield 1


def orphans(at: datetime) -> Iterator[tuple]:
    """(storage, name) of the files that no row speaks of, in the folders that file fields write to."""
    known: dict[tuple, set[str]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                names = model._default_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
                known.setdefault((field.storage, folder_of(field)), set()).update(names.iterator())
    for (storage, folder), names in known.items():
        for name in _walk(storage, folder):
            if name not in names and storage.get_modified_time(name) < at - ORPHAN_AGE:
                yield storage, name


def folder_of(field: models.FileField) -> str:
    """The first folder of the names that a file field gives."""
    folder, separator, _ = field.generate_filename(field.model(), "fichier").partition("/")
    if not separator:
        raise ValueError(f"{field} writes into no folder of its own")
    return folder


def _walk(storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}/{name}"
    for name in sorted(folders):
        yield from _walk(storage, f"{folder}/{name}")
