"""Delete the personal data past its retention period: rows, their files, ended sessions, old tasks, orphaned files.

Idempotent. Each batch is committed on its own, and each run queries the due rows. So after a run that was
stopped or killed, the next one deletes the rest.
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

from jobboard.privacy import registry
from jobboard.privacy.models import Purge

logger = logging.getLogger(__name__)

BATCH = 500
# A file is written before its row is committed, so a newer file may only look orphaned.
ORPHAN_AGE = timedelta(days=1)
SESSIONS, TASKS, FILES = "Sessions terminées", "Tâches anciennes", "Fichiers orphelins"


def pending(at: datetime | None = None) -> dict[str, int]:
    """Return the counts of rows and files that a run at `at` (default: now) would delete, by title of the source."""
    at = at or timezone.now()
    counts = {source.title: source.past_retention(at).order_by().count() for source in registry.sources()}
    counts[TASKS] = _old_tasks(at).count()
    counts[FILES] = sum(1 for _ in orphaned_files(at))
    return {title: count for title, count in counts.items() if count}


def run(
    at: datetime | None = None,
    on_progress: Callable[[str, int], None] = lambda title, count: None,
    should_continue: Callable[[], bool] = lambda: True,
) -> Purge:
    """Delete everything due at `at` (default: now), and return the saved `Purge` with the counts.

    `on_progress` is called after each batch with the title of the source and its count so far. When `should_continue`
    returns False, the run stops after the current batch and leaves `finished_at` empty. An exception in one source is
    logged and recorded; the other sources still run.
    """
    at = at or timezone.now()
    purge = Purge.objects.create()
    steps = [(source.title, source_step(source, at)) for source in registry.sources()]
    steps += [(SESSIONS, _sessions), (TASKS, lambda: _task_batches(at)), (FILES, lambda: _file_batches(at))]
    for title, step in steps:
        try:
            for count in step():
                if count:
                    purge.done[title] = purge.done.get(title, 0) + count
                    purge.save(update_fields=["done"])
                    on_progress(title, purge.done[title])
                if not should_continue():
                    return purge
        except Exception as error:
            # Only the class: the message often contains values of the row.
            logger.error("purge: %s stopped at %s", title, type(error).__name__)
            purge.failed[title] = type(error).__name__
            purge.save(update_fields=["failed"])
    purge.finished_at = timezone.now()
    purge.save(update_fields=["finished_at"])
    if purge.total:
        logger.info("purge: %d rows and files deleted", purge.total)
    return purge


def source_step(source: registry.PersonalDataSource, at: datetime) -> Callable[[], Iterator[int]]:
    """Return a function that erases the rows due in `source`, and yields the count of each batch."""

    def batches():
        last = None
        while keys := list(source.past_retention(at).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            if keys == last:
                raise RuntimeError(f"{source.title}: erased rows are still due")
            last = keys
            with transaction.atomic():
                # Filter again inside the transaction: a row confirmed or answered meanwhile is no longer due.
                count = source.erase(source.past_retention(at).filter(pk__in=keys))
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
    for storage, name in orphaned_files(at):
        storage.delete(name)
        yield 1


def orphaned_files(at: datetime) -> Iterator[tuple]:
    """Yield (storage, name) of the files in the upload folders that no row references."""
    known: dict[tuple, set[str]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                names = model._default_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
                known.setdefault((field.storage, upload_folder(field)), set()).update(names.iterator())
    for (storage, folder), names in known.items():
        for name in _walk(storage, folder):
            if name not in names and storage.get_modified_time(name) < at - ORPHAN_AGE:
                yield storage, name


def upload_folder(field: models.FileField) -> str:
    """Return the first directory of the names that a file field generates; ValueError if there is none."""
    folder, separator, _ = field.generate_filename(field.model(), "fichier").partition("/")
    if not separator:
        raise ValueError(f"{field} has no upload folder of its own")
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
