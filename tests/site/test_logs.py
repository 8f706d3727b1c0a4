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
from tests.admin.staff import make_staff
from tests.factories import make_user
from tests.site.access import iterate_routes


@pytest.fixture
def records(caplog):
    """Collect the records, filtered as by the handlers of the site."""
    collected = []

    class CollectRecords(logging.Handler):
        def emit(self, record):
            collected.append(record)

    collectors = {name: CollectRecords() for name in ("django.security", "django.request")}
    for name, collector in collectors.items():
        for handler in logging.getLogger(name).handlers:
            for log_filter in handler.filters:
                collector.addFilter(log_filter)
        logging.getLogger(name).addHandler(collector)
    yield collected
    for name, collector in collectors.items():
        logging.getLogger(name).removeHandler(collector)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "host"), [("/?q=%00", "testserver"), ("/offres/1-a%00/", "testserver"), ("/", "evil.example.org")]
)
def test_rejected_request_logs_no_traceback(client, records, url, host):
    assert client.get(url, headers={"host": host}).status_code == 400
    assert records
    assert not any(record.exc_info for record in records)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/offers/offer/", "/admin/offers/offer/moderation/"]
)
def test_refused_user_is_logged_on_one_line(client, records, path):
    client.force_login(make_user())
    assert client.get(path, follow=True).status_code == 403
    assert [record.levelname for record in records] == ["WARNING"]
    assert not records[0].exc_info


@pytest.mark.django_db
def test_refused_member_of_the_team_is_logged_on_one_line(client, records):
    client.force_login(make_staff())
    assert client.get("/admin/offers/offer/").status_code == 403
    assert not records[0].exc_info


@pytest.mark.django_db
def test_error_500_keeps_its_traceback(client, records, monkeypatch):
    monkeypatch.setattr("jobboard.views.Role.objects.published", lambda: 1 / 0)
    client.raise_request_exception = False
    assert client.get("/").status_code == 500
    assert records[-1].exc_info


@pytest.fixture(scope="module")
def logged_path():
    """Return a function that formats a path as the access log does."""
    configuration = runpy.run_path(settings.BASE_DIR / "gunicorn.conf.py")
    log = configuration["logger_class"](Config())

    def name(path):
        environ = {"REQUEST_METHOD": "GET", "RAW_URI": "-", "SERVER_PROTOCOL": "-", "PATH_INFO": path}
        response = SimpleNamespace(status="200 OK", sent=0, headers=[])
        return log.atoms(response, SimpleNamespace(headers=[]), environ, timedelta())["U"]

    return name


def test_path_without_token_is_logged_unchanged(logged_path):
    assert logged_path("/offres/1-développeur/") == "/offres/1-développeur/"


def test_password_reset_token_is_not_logged(logged_path):
    assert logged_path("/compte/password/reset/key/1-d0xq2h-5f3b9c/") == "/compte/password/reset/key/…"
    assert logged_path("/compte/password/reset/key/1-set-password/") == "/compte/password/reset/key/…"
    assert logged_path("/compte/confirm-email/MQ:1abc-d_e/") == "/compte/confirm-email/…"
    assert logged_path("/compte/confirm-email/") == "/compte/confirm-email/"


def test_application_token_is_not_logged(logged_path):
    assert logged_path("/candidatures/0a1b2c.d3e4/") == "/candidatures/…/"
    assert logged_path("/recruteurs/invitations/0a1b:c2d3/") == "/recruteurs/invitations/…"
    assert logged_path("/candidatures/0a1b2c.d3e4/effacer/") == "/candidatures/…/effacer/"


@pytest.mark.parametrize("page", ["confirmer", "gerer", "arreter"])
def test_alert_token_is_not_logged(logged_path, page):
    assert logged_path(f"/alertes/{page}/42.1abc.signature/") == f"/alertes/{page}/…"


def test_path_cannot_forge_a_log_line(logged_path):
    assert logged_path('/a\r\n[today] "GET /admin/" 200\x1b[2J') == '/a??[today] "GET /admin/" 200?[2J'


def test_tokens_of_all_routes_are_redacted(logged_path):
    token_routes = [route for route, _ in iterate_routes() if re.search(r"<(?:\w+:)?(token|key)>", route)]
    assert len(token_routes) > 8
    for route in token_routes:
        path = re.sub(r"<[^>]+>", "0a1b-s3cret.d3e4", route)
        assert "s3cret" not in logged_path(path), path
        assert "s3cret" not in redact_tokens(f"Forbidden (CSRF token missing.): {path}")
    for path in (
        "/recruteurs/candidatures/12/note/",
        "/candidatures/effacee/",
        "/recruteurs/candidatures/decliner/",
        "/candidatures/envoi/",
    ):
        assert logged_path(path) == path


def test_nginx_redacts_the_same_urls():
    configuration = (settings.BASE_DIR / "docs/deployment/nginx.conf").read_text()
    redacted = re.compile("|".join(re.findall(r"^    ~(\^\S+) ", configuration, re.MULTILINE)))
    for route, _ in iterate_routes():
        if re.search(r"<(?:\w+:)?(token|key)>", route):
            path = re.sub(r"<[^>]+>", "0a1b-s3cret.d3e4", route)
            assert redacted.match(path), path


def make_database_error(value):
    try:
        try:
            int(value)
        except ValueError as error:
            raise DataError(f"DETAIL:  Key (email)=({value})") from error
    except DataError as error:
        return error


def test_traceback_has_no_exception_messages():
    error = make_database_error("anne@example.org")
    record = logging.LogRecord("essai", logging.ERROR, "", 1, "failed: %s", (error,), (DataError, error, None))
    # As if another handler had cached an unredacted traceback.
    record.exc_text = str(error)
    output = RedactingFormatter("{levelname} {message}", style="{").format(record)
    assert output.startswith("ERROR failed: django.db.utils.DataError\nTraceback (most recent call last):\n")
    assert "ValueError\n\nThe above exception was the direct cause of the following exception:\n\n" in output
    assert output.endswith("\ndjango.db.utils.DataError")
    assert "anne" not in output
    assert redact_exception(OSError(28, "No space left", "anne.pdf")) == "OSError: [Errno 28] No space left"


@pytest.mark.django_db
def test_values_quoted_by_the_database_are_not_logged():
    make_user(email="anne@example.org")
    with pytest.raises(IntegrityError) as error_info:
        User.objects.bulk_create([User(email="anne@example.org")])
    output = redact_traceback(error_info.value)
    assert "django.db.utils.IntegrityError" in output
    assert "anne@" not in output.replace('"anne@example.org"', "")
    if connection.vendor == "postgresql":
        assert "23505 accounts_user" in output


def test_failed_task_is_stored_with_a_redacted_traceback():
    tasks, results = Queue(), Queue()
    for task in ({"func": failing_task, "args": ("anne@example.org",)}, {"func": len, "args": ("anne",)}):
        tasks.put({"id": "1", "name": "essai", "kwargs": {}, "timeout": -1, **task})
    tasks.put("STOP")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "error_reporter", None)
        patch.setattr(worker, "close_old_django_connections", lambda: None)
        # A worker above its memory limit stops after its task, and the process of a test run is above it.
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
    output = capfd.readouterr().err
    assert "Invalid request" in output
    assert "Error handling request GET /offres/" in output
    assert "ValueError" in output
    assert "anne" not in output.replace('int("anne")', "")


def test_no_error_report_is_mailed():
    handlers = [handler["class"] for handler in settings.LOGGING["handlers"].values()]
    assert handlers == ["logging.StreamHandler"] * len(handlers)
    assert not any(isinstance(handler, AdminEmailHandler) for handler in logging.getLogger("django").handlers)
    assert (settings.ADMINS, settings.MANAGERS) == ([], [])
    for name in ("django", "django.security", "django-q"):
        assert not logging.getLogger(name).propagate
    assert all(handler["formatter"] == "line" for handler in settings.LOGGING["handlers"].values())
    assert settings.LOGGING["formatters"]["line"]["()"] == "jobboard.ops.logs.RedactingFormatter"
