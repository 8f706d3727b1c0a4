"""Split the time of a request into SQL, templates and the rest, in this process, without server and network."""

import contextlib
import statistics
import time
from random import Random

from django.db import connection
from django.template.backends import django as django_backend
from django.test import Client

from tests.bench.cases import Case

try:
    from django.template.backends import jinja2 as jinja2_backend
except ImportError:
    jinja2_backend = None

SEED = 4
MAX_PATHS = 12
_BACKENDS = [backend.Template for backend in (django_backend, jinja2_backend) if backend]


class _Timer:
    """Count and time the SQL queries of a request, and time its templates; SQL within a template counts as SQL."""

    def __init__(self):
        self.queries, self.sql, self.templates, self._sql_in_templates, self._depth = 0, 0.0, 0.0, 0.0, 0

    def execute(self, execute, sql, params, many, context):
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            seconds = time.perf_counter() - start
            self.queries += 1
            self.sql += seconds
            self._sql_in_templates += seconds if self._depth else 0

    def wrap(self, render):
        def timed(*args, **kwargs):
            self._depth += 1
            start = time.perf_counter()
            try:
                return render(*args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.templates += time.perf_counter() - start - self._sql_in_templates
                    self._sql_in_templates = 0.0

        return timed


@contextlib.contextmanager
def _timed_templates(timer: _Timer):
    originals = [(backend, backend.render) for backend in _BACKENDS]
    for backend, render in originals:
        backend.render = timer.wrap(render)
    try:
        yield
    finally:
        for backend, render in originals:
            backend.render = render


def profile(case: Case) -> dict:
    """Return {"first": …, "again": …}: queries, and medians in seconds, of a path's first and second request."""
    client = Client(SERVER_NAME="127.0.0.1", HTTP_X_FORWARDED_PROTO="https", raise_request_exception=True)
    client.get("/sante/")
    paths = list(dict.fromkeys(case.paths))
    Random(SEED).shuffle(paths)
    measured = {"first": [], "again": []}
    for path in paths[:MAX_PATHS]:
        for request in measured:
            timer = _Timer()
            start = time.perf_counter()
            with _timed_templates(timer), connection.execute_wrapper(timer.execute):
                client.get(path)
            seconds = time.perf_counter() - start
            measured[request].append((timer.queries, seconds, timer.sql, timer.templates))
    return {request: _summary(rows) for request, rows in measured.items()}


def _summary(rows: list[tuple]) -> dict:
    queries, *times = zip(*rows, strict=True)
    seconds, sql, templates = map(statistics.median, times)
    return {"queries": max(queries), "seconds": seconds, "sql": sql, "templates": templates}
