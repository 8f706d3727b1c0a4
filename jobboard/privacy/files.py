"""Delete the files of erased rows: once the transaction is committed, and again until the file is gone.

A file that is not found counts as not deleted. It may be in the directory of another web host, or on a disk that is not
mounted; another run or another host may find it, and in the end an operator decides.
"""

import logging
import socket
from datetime import datetime, timedelta

from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from jobboard.privacy.models import FileDeletion
from jobboard.storage import PrivateStorage

logger = logging.getLogger(__name__)

# Two days in all: enough for each of several hosts to have its turn, and to mount a disk again.
RETRY_DELAY = timedelta(minutes=30)
MAX_ATTEMPTS = 96


def delete_after_commit(file) -> FileDeletion:
    """Record in the transaction of the erasure that `file` has to be deleted, and try it after the commit.

    The row of the returned deletion is deleted with the file.
    """
    alias = "private" if isinstance(file.storage, PrivateStorage) else "default"
    deletion = FileDeletion.objects.create(storage=alias, name=file.name, due_at=timezone.now())
    transaction.on_commit(lambda: delete_file(deletion), robust=True)
    return deletion


def delete_due_files(at: datetime | None = None) -> None:
    """Try the deletions that are due."""
    for deletion in FileDeletion.objects.filter(due_at__lte=at or timezone.now()).order_by("due_at")[:500]:
        delete_file(deletion)


def delete_file(deletion: FileDeletion) -> bool:
    """Delete the file and then the row of `deletion`; return whether the file is gone. Count the attempt otherwise."""
    storage = storages[deletion.storage]
    try:
        if storage.exists(deletion.name):
            storage.delete(deletion.name)
            FileDeletion.objects.filter(pk=deletion.pk).delete()
            return True
        error = f"introuvable sur {socket.gethostname()}"
    except OSError as failure:
        error = f"{type(failure).__name__} sur {socket.gethostname()}"
    attempts = deletion.attempts + 1
    due = timezone.now() + RETRY_DELAY if attempts < MAX_ATTEMPTS else None
    # Of two concurrent attempts, one counts.
    FileDeletion.objects.filter(pk=deletion.pk, attempts=deletion.attempts).update(
        attempts=attempts, due_at=due, error=error[:200]
    )
    level = logging.WARNING if due else logging.ERROR
    logger.log(level, "file deletion %d: attempt %d: %s", deletion.pk, attempts, error)
    return False
