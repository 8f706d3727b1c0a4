import time

from django_q.tasks import async_task

from jobboard.privacy import purge

# The task worker kills a task after Q_CLUSTER["timeout"] and has other work: a long purge goes on in the next one.
SECONDS = 30


def purge_nightly() -> None:
    """Delete what may no longer be kept. Scheduled every night, and safe at any time."""
    end = time.monotonic() + SECONDS
    if purge.run(go_on=lambda: time.monotonic() < end).finished_at is None:
        async_task("jobboard.privacy.tasks.purge_nightly", task_name="purge-suite")
