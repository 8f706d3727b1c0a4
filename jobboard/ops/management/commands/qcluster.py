"""django-q2's worker, made safe against what a busy machine does to processes."""

import logging
import os
import signal
import time

from django.conf import settings
from django.db import connections
from django_q import cluster, worker
from django_q.management.commands import qcluster

from jobboard.ops.logs import Reports
from jobboard.ops.management.commands.serve import end_with_parent

logger = logging.getLogger("django-q")

# Seconds that a running task gets to finish; it runs again later in any case.
GRACE = 8
KILLED = 70


class Results:
    """The queue that a worker puts its results into. Of a failure it keeps what logs may say, not what Python says."""

    def __init__(self, queue, reports: Reports):
        self.queue, self.reports = queue, reports

    def put(self, task):
        if not task["success"]:
            task["result"] = self.reports.last
        self.queue.put(task)


def work(task_queue, result_queue, *rest):
    """A worker of django-q’s, whose failures lie in a table and in the log."""
    worker.error_reporter = Reports()
    worker.worker(task_queue, Results(result_queue, worker.error_reporter), *rest)


class Sentinel(cluster.Sentinel):
    def reincarnate(self, process):
        """Start all over when a child was killed, by the kernel for memory or by a person.

        A process killed while it waits for a task holds the lock of the queue for ever, and its successor would wait
        as long: only new queues help. What was in them is still in the database and comes back.
        """
        if process.exitcode is not None and process.exitcode < 0 and process.exitcode != -signal.SIGTERM:
            logger.critical("a process of the task queue was killed: starting all of them anew")
            for child in (*self.pool, self.monitor, self.pusher):
                child.kill()
            os._exit(KILLED)
        super().reincarnate(process)


class Command(qcluster.Command):
    def handle(self, *args, **options):
        # A pool does not survive the forks that the cluster makes: its children would share one socket. Each of
        # them has one thread and needs one connection.
        for name in connections:
            settings.DATABASES[name].get("OPTIONS", {}).pop("pool", None)
        # Whatever ends a process takes those that it started along: none is left behind.
        os.register_at_fork(after_in_child=end_with_parent)
        cluster.Sentinel, cluster.worker = Sentinel, work
        if options["run_once"]:
            return super().handle(*args, **options)
        if options["cluster_name"]:
            os.environ["Q_CLUSTER_NAME"] = options["cluster_name"]
        self.stopping = False
        while self.run() and not self.stopping:
            time.sleep(1)
        return None

    def run(self) -> bool:
        """One life of the cluster. True when it ended without having been asked to."""
        self.cluster = cluster.Cluster()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        self.cluster.start()
        sentinel, end = self.cluster.sentinel, None
        while sentinel.is_alive():
            sentinel.join(0.5)
            if self.stopping:
                end = end or time.monotonic() + GRACE
                # Once more: the signal may have come before there was anything to stop.
                self.cluster.stop_event.set()
                if time.monotonic() > end:
                    sentinel.kill()
        return sentinel.exitcode != 0

    def stop(self, number, frame):
        self.stopping = True
        if self.cluster.stop_event:
            self.cluster.stop_event.set()
