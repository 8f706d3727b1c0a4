"""Logs of a request: one line, without user input or tokens."""

import logging
import re
import runpy
from datetime import timedelta
from multiprocessing import Value
from queue import Queue
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import DataError, IntegrityError, connection
from django.utils.log import AdminEmailHandler
from django_q import worker
from gunicorn.config import Config

from jobboard.accounts.models import User
from jobboard.ops.logs import RedactingFormatter, redact_exception, redact_tokens, redact_traceback
from jobboard.ops.management.commands.qcluster import run_worker
from tests.factories import make_user
from tests.site.test_access import routes


@pytest.fixture
def lines(caplog):
    """Collect the records, filtered as by the handlers of the site."""
    written = []

    class Keep(logging.Handler):
        def emit(self, record):
            written.append(record)

    keep = Keep()
    for name in ("django.security", "django.request"):
        for handler in logging.getLogger(name).handlers or logging.getLogger("django").handlers:
            for rule in handler.filters:
                keep.addFilter(rule)
        logging.getLogger(name).addHandler(keep)
    yield written
    for name in ("django.security", "django.request"):
        logging.getLogger(name).removeHandler(keep)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "host"), [("/?q=%00", "testserver"), ("/offres/1-a%00/", "testserver"), ("/", "evil.example.org")]
)
def test_a_rejected_request_logs_no_traceback(client, lines, address, host):
    assert client.get(address, headers={"host": host}).status_code == 400
    assert lines
    assert not any(record.exc_info for record in lines)


@pytest.fixture(scope="module")
def logged():
    """Return a function that formats a path as the access log does."""
    configuration = runpy.run_path(settings.BASE_DIR / "gunicorn.conf.py")
    log = configuration["logger_class"](Config())

    def name(path):
        environ = {"REQUEST_METHOD": "GET", "RAW_URI": "-", "SERVER_PROTOCOL": "-", "PATH_INFO": path}
        answer = SimpleNamespace(status="200 OK", sent=0, headers=[])
        return log.atoms(answer, SimpleNamespace(headers=[]), environ, timedelta())["U"]

    return name


def test_a_path_without_token_is_logged_unchanged(logged):
    assert logged("/offres/1-développeur/") == "/offres/1-développeur/"


def test_the_token_of_a_password_reset_is_not_logged(logged):
    assert logged("/compte/password/reset/key/1-d0xq2h-5f3b9c/") == "/compte/password/reset/key/…"
    assert logged("/compte/password/reset/key/1-set-password/") == "/compte/password/reset/key/…"
    assert logged("/compte/confirm-email/MQ:1abc-d_e/") == "/compte/confirm-email/…"
    assert logged("/compte/confirm-email/") == "/compte/confirm-email/"


def test_the_token_of_an_application_is_not_logged(logged):
    assert logged("/candidatures/0a1b2c.d3e4/") == "/candidatures/…/"
    assert logged("/recruteurs/invitations/0a1b:c2d3/") == "/recruteurs/invitations/…"
    assert logged("/candidatures/0a1b2c.d3e4/effacer/") == "/candidatures/…/effacer/"


@pytest.mark.parametrize("page", ["confirmer", "gerer", "arreter"])
def test_the_link_of_an_alert_is_not_logged(logged, page):
    assert logged(f"/alertes/{page}/42.1abc.signature/") == f"/alertes/{page}/…"


def test_a_path_cannot_forge_a_line(logged):
    assert logged('/a\r\n[today] "GET /admin/" 200\x1b[2J') == '/a??[today] "GET /admin/" 200?[2J'


def test_tokens_of_all_routes_are_redacted(logged):
    keyed = [route for route, _ in routes() if re.search(r"<(?:\w+:)?(token|key)>", route)]
    assert len(keyed) > 8
    for route in keyed:
        path = re.sub(r"<[^>]+>", "0a1b-s3cret.d3e4", route)
        assert "s3cret" not in logged(path), path
        assert "s3cret" not in redact_tokens(f"Forbidden (CSRF token missing.): {path}")
    for path in ("/recruteurs/candidatures/12/note/", "/candidatures/effacee/", "/recruteurs/candidatures/decliner/"):
        assert logged(path) == path


def test_nginx_redacts_the_same_urls():
    configuration = (settings.BASE_DIR / "docs/deployment/nginx.conf").read_text()
    redacted = re.compile("|".join(re.findall(r"^    ~(\^\S+) ", configuration, re.MULTILINE)))
    for route, _ in routes():
        if re.search(r"<(?:\w+:)?(token|key)>", route):
            path = re.sub(r"<[^>]+>", "0a1b-s3cret.d3e4", route)
            assert redacted.match(path), path


def failure(typed):
    try:
        try:
            int(typed)
        except ValueError as error:
            raise DataError(f"DETAIL:  Key (email)=({typed})") from error
    except DataError as error:
        return error


def test_a_traceback_has_no_messages():
    error = failure("anne@example.org")
    record = logging.LogRecord("essai", logging.ERROR, "", 1, "failed: %s", (error,), (DataError, error, None))
    # Another handler has cached an unredacted traceback.
    record.exc_text = str(error)
    said = RedactingFormatter("{levelname} {message}", style="{").format(record)
    assert said.startswith("ERROR failed: django.db.utils.DataError\nTraceback (most recent call last):\n")
    assert "ValueError\n\nThe above exception was the direct cause of the following exception:\n\n" in said
    assert said.endswith("\ndjango.db.utils.DataError")
    assert "anne" not in said
    assert redact_exception(OSError(28, "No space left", "anne.pdf")) == "OSError: [Errno 28] No space left"


@pytest.mark.django_db
def test_values_quoted_by_the_database_are_not_logged():
    make_user(email="anne@example.org")
    with pytest.raises(IntegrityError) as refused:
        User.objects.bulk_create([User(email="anne@example.org")])
    said = redact_traceback(refused.value)
    assert "django.db.utils.IntegrityError" in said
    assert "anne@" not in said.replace('"anne@example.org"', "")
    if connection.vendor == "postgresql":
        assert "23505 accounts_user" in said


def test_a_failed_task_is_stored_with_a_redacted_traceback():
    tasks, results = Queue(), Queue()
    for task in ({"func": failing_task, "args": ("anne@example.org",)}, {"func": len, "args": ("anne",)}):
        tasks.put({"id": "1", "name": "essai", "kwargs": {}, "timeout": -1, **task})
    tasks.put("STOP")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "error_reporter", None)
        patch.setattr(worker, "close_old_django_connections", lambda: None)
        # A worker above its memory limit stops after its task; the process of a test run is above it.
        patch.setattr(worker, "rss_check", lambda: False)
        run_worker(tasks, results, Value("f", -1), -1)
    failed, done = results.get(timeout=60), results.get(timeout=60)
    assert not failed["success"]
    assert failed["result"].startswith("ValueError\nTraceback")
    assert "in failing_task" in failed["result"]
    assert "anne" not in failed["result"]
    assert (done["success"], done["result"]) == (True, 4)


def failing_task(text):
    int(text)


def test_gunicorn_logs_no_user_input(capfd):
    configuration = runpy.run_path(settings.BASE_DIR / "gunicorn.conf.py")
    log = configuration["logger_class"](Config())
    log.warning("Invalid request from ip=192.0.2.7: Invalid HTTP request line: 'GET /?q=anne'")
    try:
        int("anne")
    except ValueError:
        log.exception("Error handling request %s %s", "GET", "/offres/?q=anne")
    said = capfd.readouterr().err
    assert "Invalid request" in said
    assert "Error handling request GET /offres/" in said
    assert "ValueError" in said
    assert "anne" not in said.replace('int("anne")', "")


def test_no_error_report_is_mailed():
    handlers = [handler["class"] for handler in settings.LOGGING["handlers"].values()]
    assert handlers == ["logging.StreamHandler"] * len(handlers)
    assert not any(isinstance(handler, AdminEmailHandler) for handler in logging.getLogger("django").handlers)
    assert (settings.ADMINS, settings.MANAGERS) == ([], [])
    for name in ("django", "django.security", "django-q"):
        assert not logging.getLogger(name).propagate
    assert all(handler["formatter"] == "line" for handler in settings.LOGGING["handlers"].values())
    assert settings.LOGGING["formatters"]["line"]["()"] == "jobboard.ops.logs.RedactingFormatter"
