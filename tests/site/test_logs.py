"""What the logs say of a request: one line, and nothing that opens a door."""

import logging
import runpy
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from gunicorn.config import Config


@pytest.fixture
def lines(caplog):
    """Records as the site's own handlers write them."""
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
def test_a_refused_request_leaves_no_traceback(client, lines, address, host):
    assert client.get(address, headers={"host": host}).status_code == 400
    assert lines
    assert not any(record.exc_info for record in lines)


@pytest.fixture(scope="module")
def logged():
    """How the access log names a path."""
    configuration = runpy.run_path(settings.BASE_DIR / "gunicorn.conf.py")
    log = configuration["logger_class"](Config())

    def name(path):
        environ = {"REQUEST_METHOD": "GET", "RAW_URI": "-", "SERVER_PROTOCOL": "-", "PATH_INFO": path}
        answer = SimpleNamespace(status="200 OK", sent=0, headers=[])
        return log.atoms(answer, SimpleNamespace(headers=[]), environ, timedelta())["U"]

    return name


def test_a_path_is_logged_as_it_is(logged):
    assert logged("/offres/1-développeur/") == "/offres/1-développeur/"


def test_the_key_of_a_password_reset_is_not_logged(logged):
    assert logged("/compte/password/reset/key/1-d0xq2h-5f3b9c/") == "/compte/password/reset/key/…"
    assert logged("/compte/password/reset/key/1-set-password/") == "/compte/password/reset/key/…"
    assert logged("/compte/confirm-email/MQ:1abc-d_e/") == "/compte/confirm-email/…"
    assert logged("/compte/confirm-email/") == "/compte/confirm-email/"


def test_the_key_of_an_application_is_not_logged(logged):
    assert logged("/candidatures/0a1b2c.d3e4/") == "/candidatures/…/"
    assert logged("/recruteurs/invitations/0a1b:c2d3/") == "/recruteurs/invitations/…"
    assert logged("/candidatures/0a1b2c.d3e4/effacer/") == "/candidatures/…/effacer/"


@pytest.mark.parametrize("page", ["confirmer", "gerer", "arreter"])
def test_the_link_of_an_alert_is_not_logged(logged, page):
    assert logged(f"/alertes/{page}/42.1abc.signature/") == f"/alertes/{page}/…"


def test_a_path_cannot_forge_a_line(logged):
    assert logged('/a\r\n[today] "GET /admin/" 200\x1b[2J') == '/a??[today] "GET /admin/" 200?[2J'
