import time

from django_q.tasks import async_task

from jobboard.privacy import files, purge

# Below Q_CLUSTER["timeout"], after which the worker kills a task; a longer purge continues in another task.
SECONDS = 30


def purge_nightly() -> None:
    """Delete personal data past its retention period. Scheduled every night; idempotent."""
    end = time.monotonic() + SECONDS
    if purge.run(should_continue=lambda: time.monotonic() < end).finished_at is None:
        async_task("jobboard.privacy.tasks.purge_nightly", task_name="purge-suite")


def delete_files() -> None:
    """Try again to delete the files of erased rows that were not found. Scheduled every ten minutes; idempotent."""
    files.delete_due_files()
