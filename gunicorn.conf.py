"""How the site is served, here and in production: docs/configuration.md has the table of variables."""

import gc
import os

from gunicorn.glogging import Logger

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Threads, because a request mostly waits for the database.
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
# Each worker connects for itself, and a restart takes new code.
preload_app = False

# A worker that says nothing for so long is killed; one that is told to stop has so long to finish its requests.
timeout = 30
graceful_timeout = 30
keepalive = 5
# Memory that leaks leaks for a while only; not all workers restart at once.
max_requests = 5_000
max_requests_jitter = 500

# Workers touch a file to show that they live: on a disk, one busy moment of it would kill them.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# A socket in the home directory that takes orders is one door more than this needs.
control_socket_disable = True

# No address and no query string: what people search for is not for the logs.
accesslog = "-"


class AccessLog(Logger):
    """What is written of requests, and of those that could not be read: jobboard/ops/logs.py has the rules."""

    def setup(self, cfg):
        from jobboard.ops.logs import Line

        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(Line(self.error_fmt, self.datefmt))

    def atoms(self, *args):
        from jobboard.ops.logs import one_line, without_keys

        atoms = super().atoms(*args)
        atoms["U"] = without_keys(one_line(atoms["U"] or ""))
        return atoms

    def warning(self, msg, *args, **kwargs):
        # The library adds from where, and quotes it.
        super().warning("Invalid request" if msg.startswith("Invalid request ") else msg, *args, **kwargs)

    def exception(self, msg, *args, **kwargs):
        super().exception(msg, *(str(value).partition("?")[0] for value in args), **kwargs)


logger_class = AccessLog
access_log_format = '%(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'


def post_worker_init(worker):
    from django.apps import apps
    from django.urls import get_resolver

    # What the site is made of, which stays: looking through it for garbage, again and again, took a twentieth of the
    # time. Garbage of requests is looked for every few requests and not many times in each.
    get_resolver().url_patterns  # noqa: B018 - loads the pages
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    # The benchmark serves a bare Django beside the site, by the same rules.
    if apps.is_installed("offers"):
        from offers.catalogue.audience import Writing

        worker.audience = Writing()
        worker.audience.start()


def worker_exit(server, worker):
    # Nor is it there where the worker could not even load the site.
    if writing := getattr(worker, "audience", None):
        writing.stop()
