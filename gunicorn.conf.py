"""Gunicorn settings for development and production; docs/configuration.md lists the environment variables."""

import gc
import os

from gunicorn.glogging import Logger

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Threads, because requests mostly wait for the database.
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
# Workers need their own database connections, and a restart has to load new code.
preload_app = False

# Seconds without a heartbeat until a worker is killed, and seconds to finish its requests on shutdown.
timeout = 30
graceful_timeout = 30
keepalive = 5
# Restart workers against memory leaks; the jitter spreads the restarts.
max_requests = 5_000
max_requests_jitter = 500

# The heartbeat is a file: on a busy disk, writing it can take longer than the timeout.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  # nosec B108 # readable by its owner only
# The control socket in the home directory is not used.
control_socket_disable = True

# No header of a request becomes WSGI state. By default a proxy could set SCRIPT_NAME and PATH_INFO by headers, which
# proxies pass on from clients, and requests through a Unix socket count as requests from a proxy. The scheme is read by
# Django (SECURE_PROXY_SSL_HEADER), the IP by jobboard/network.py.
forwarder_headers = ""
forwarded_allow_ips = ""
secure_scheme_headers = {}
# Drop names with underscores: X_Forwarded_For and X-Forwarded-For would become the same variable.
header_map = "drop"
proxy_protocol = "off"

# Without IP and query string: searches are personal data.
accesslog = "-"


class AccessLog(Logger):
    """Access and error log of Gunicorn, redacted as described in jobboard/ops/logs.py."""

    def setup(self, cfg):
        from jobboard.ops.logs import RedactingFormatter

        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(RedactingFormatter(self.error_fmt, self.datefmt))

    def atoms(self, *args):
        from jobboard.ops.logs import escape_control_characters, redact_tokens

        atoms = super().atoms(*args)
        atoms["U"] = redact_tokens(escape_control_characters(atoms["U"] or ""))
        return atoms

    def warning(self, msg, *args, **kwargs):
        # Gunicorn appends the IP and the invalid data.
        super().warning("Invalid request" if msg.startswith("Invalid request ") else msg, *args, **kwargs)

    def exception(self, msg, *args, **kwargs):
        super().exception(msg, *(str(value).partition("?")[0] for value in args), **kwargs)


logger_class = AccessLog
access_log_format = '%(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'


def post_worker_init(worker):
    from django.apps import apps
    from django.urls import get_resolver

    # The garbage collector took 5 % of the time of a request. Freeze the objects loaded at start, and raise the
    # thresholds so that it runs once in several requests.
    get_resolver().url_patterns  # noqa: B018 - imports the URLconf and the views
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    # The benchmark serves a bare Django project with the same settings.
    if apps.is_installed("offers"):
        from offers.catalogue.audience import AudienceWriter

        worker.audience = AudienceWriter()
        worker.audience.start()


def worker_exit(server, worker):
    # The attribute is missing if the worker could not load the site.
    if writer := getattr(worker, "audience", None):
        writer.stop()
