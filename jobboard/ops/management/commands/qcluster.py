"""The task worker of django-q2, which also survives killed child processes and stores redacted errors."""

import logging
import os
import signal
import time

from django.conf import settings
from django.db import connections
from django_q import cluster, worker
from django_q.management.commands import qcluster

from jobboard.ops.logs import ErrorReporter
from jobboard.ops.management.commands.serve import end_with_parent

logger = logging.getLogger("django-q")

# Seconds a running task gets to finish on shutdown; an interrupted task is retried.
GRACE_SECONDS = 8
# Exit code after a child was killed (EX_SOFTWARE).
EXIT_KILLED = 70


class RedactedResultQueue:
    """Wraps the result queue of a worker and replaces the traceback of failed tasks by the redacted one."""

    def __init__(self, queue, reporter: ErrorReporter):
        self.queue, self.reporter = queue, reporter

    def put(self, task):
        if not task["success"]:
            task["result"] = self.reporter.last
        self.queue.put(task)


def run_worker(task_queue, result_queue, *rest):
    """Run a worker of django-q with redacted errors in the log and in the table of failed tasks."""
    worker.error_reporter = ErrorReporter()
    worker.worker(task_queue, RedactedResultQueue(result_queue, worker.error_reporter), *rest)


class Sentinel(cluster.Sentinel):
    def reincarnate(self, process):
        """Exit when a child was killed, for example for lack of memory; `handle` starts a new cluster.

        A process killed while it waits for a task never releases the lock of the queue, and its successor would wait
        forever: only new queues help. The queued tasks are still in the database and are retried.
        """
        if process.exitcode is not None and process.exitcode < 0 and process.exitcode != -signal.SIGTERM:
            logger.critical("a process of the task queue was killed: restarting all of them")
            for child in (*self.pool, self.monitor, self.pusher):
                child.kill()
            os._exit(EXIT_KILLED)
        super().reincarnate(process)


class Command(qcluster.Command):
    def handle(self, *args, **options):
        # No connection pool: the forked children would share its sockets, and each has one thread only.
        for name in connections:
            settings.DATABASES[name].get("OPTIONS", {}).pop("pool", None)
        # Child processes end with their parent, however it ends.
        os.register_at_fork(after_in_child=end_with_parent)
        cluster.Sentinel, cluster.worker = Sentinel, run_worker
        if options["run_once"]:
            return super().handle(*args, **options)
        if options["cluster_name"]:
            os.environ["Q_CLUSTER_NAME"] = options["cluster_name"]
        self.stopping = False
        while self.run() and not self.stopping:
            time.sleep(1)
        return None

    def run(self) -> bool:
        """Run a cluster until it ends. Return True if it failed and must be restarted."""
        self.cluster = cluster.Cluster()
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self.stop)
        self.cluster.start()
        sentinel, end = self.cluster.sentinel, None
        while sentinel.is_alive():
            sentinel.join(0.5)
            if self.stopping:
                end = end or time.monotonic() + GRACE_SECONDS
                # Set again: the signal may have come before the event existed.
                self.cluster.stop_event.set()
                if time.monotonic() > end:
                    sentinel.kill()
        return sentinel.exitcode != 0

    def stop(self, signum, frame):
        self.stopping = True
        if self.cluster.stop_event:
            self.cluster.stop_event.set()
