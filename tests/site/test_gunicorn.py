"""The site in gunicorn: no header of a request changes the responses to others, and no request gives its bare 500."""

import tempfile
from pathlib import Path

import pytest
from django.db import connection

from tests.site.gunicorn import Site, send

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="copies the SQLite database of the test run")

PATHS = [
    "/",
    "/metiers/",
    "/metiers/devops/",
    "/offres/",
    "/offres/1-devops/",
    "/offres/flux.rss",
    "/mentions-legales/",
]
POISON = "evil.example"
# Names that CGI, WSGI, gunicorn, proxies or frameworks give a meaning. A server maps “-” and “_” to the same variable.
NAMES = [
    *("SCRIPT_NAME", "PATH_INFO", "PATH_TRANSLATED", "QUERY_STRING", "REQUEST_METHOD", "REQUEST_URI", "RAW_URI"),
    *("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE", "GATEWAY_INTERFACE", "DOCUMENT_ROOT"),
    *("REMOTE_ADDR", "REMOTE_HOST", "REMOTE_PORT", "REMOTE_USER", "REMOTE_IDENT", "AUTH_TYPE", "HTTPS", "HTTP_HOST"),
    *("SCRIPT_URL", "SCRIPT_URI", "REDIRECT_URL", "URL_SCHEME", "WSGI_URL_SCHEME", "WSGI.URL_SCHEME", "WSGI_INPUT"),
    *("PROXY", "PROXY_PROTOCOL", "PROXY_ADDR", "FORWARDED", "VIA", "X_REAL_IP", "X_CLIENT_IP", "TRUE_CLIENT_IP"),
    *("X_FORWARDED_HOST", "X_FORWARDED_SERVER", "X_FORWARDED_PORT", "X_FORWARDED_PREFIX", "X_FORWARDED_PATH"),
    *("X_FORWARDED_SCHEME", "X_FORWARDED_PROTOCOL", "X_FORWARDED_SSL", "X_FORWARDED_URI", "X_FORWARDED_USER"),
    *("X_FORWARDED_BY", "X_FORWARDED_CLIENT_CERT", "X_SCRIPT_NAME", "X_ORIGINAL_URL", "X_ORIGINAL_HOST", "X_HOST"),
    *("X_REWRITE_URL", "X_URL_SCHEME", "X_SCHEME", "FRONT_END_HTTPS", "X_HTTP_METHOD", "X_HTTP_METHOD_OVERRIDE"),
    *("X_REQUESTED_WITH", "X_REQUEST_ID", "X_SENDFILE", "X_ACCEL_REDIRECT", "X_CSRFTOKEN", "HX_CURRENT_URL"),
    *("HX_TARGET", "HX_TRIGGER", "HX_BOOSTED", "HX_PROMPT", "REFERER", "ORIGIN", "USER_AGENT", "AUTHORIZATION"),
    *(
        "ACCEPT",
        "ACCEPT_LANGUAGE",
        "ACCEPT_CHARSET",
        "ACCEPT_ENCODING",
        "CACHE_CONTROL",
        "PRAGMA",
        "RANGE",
        "TE",
        "FROM",
    ),
]
# The values that reach further than POISON.
VALUES = {
    "SCRIPT_NAME": [f"/{POISON}", "/offres", "/metiers", f"//{POISON}"],
    "PATH_INFO": [f"/{POISON}", "/contact/"],
    "X_FORWARDED_SCHEME": ["http"],
    "X_FORWARDED_PROTOCOL": ["http", "ssl"],
    "X_FORWARDED_SSL": ["off", "on"],
    "X_HTTP_METHOD_OVERRIDE": ["POST"],
    "HTTPS": ["off", "on"],
    "RANGE": ["bytes=0-9"],
    "SERVER_PORT": ["666"],
}
HEADERS = [
    (written, value)
    for name in NAMES
    for written in dict.fromkeys([name, name.replace("_", "-"), name.title()])
    for value in VALUES.get(name, [POISON])
]


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    # Not tmp_path: the path of a Unix socket may have about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="jobboard-") as folder:
        with django_db_blocker.unblock():
            site = Site(Path(folder))
        yield site


def test_headers_do_not_change_responses(site):
    with site.serve("clean") as clean:
        expected = {path: send(clean, "GET", path) for path in PATHS}
        searches = {path: send(clean, "GET", f"{path}?x=1") for path in PATHS}
    assert {status for status, _, _ in expected.values()} == {200}
    with site.serve("poisoned") as poisoned:
        # Cold: the process-wide caches are filled by requests with all headers.
        cold = {path: send(poisoned, "GET", path, *HEADERS[:90]) for path in PATHS}
        assert cold == expected
        assert {path: send(poisoned, "GET", path) for path in PATHS} == expected
        # Each header on its own, warm, and cold by a query string that has not been cached.
        for index, header in enumerate(HEADERS):
            path = PATHS[index % len(PATHS)]
            assert send(poisoned, "GET", path, header) == expected[path], header
            first = send(poisoned, "GET", f"{path}?x=1", header)
            assert first == searches[path], header
        for path in PATHS:
            assert send(poisoned, "GET", path) == expected[path], path
            assert send(poisoned, "GET", f"{path}?x=1") == searches[path], path


def test_other_hosts_are_refused_and_change_nothing(site):
    with site.serve("hosts") as server:
        before = send(server, "GET", "/metiers/")
        for host in (POISON, f"jobboard.example.org@{POISON}", f"jobboard.example.org.{POISON}", "", "a b"):
            status, _, body = send(server, "GET", "/metiers/", ("Host", host))
            assert status == 400, host
            assert POISON.encode() not in body
            assert send(server, "GET", "/metiers/") == before


def test_unreadable_requests_give_the_error_page_of_the_site(site):
    form = "application/x-www-form-urlencoded"
    with site.serve("charset") as server:
        for cookie in ((), (("Cookie", "sessionid=x; csrftoken=y"),)):
            for path in (*PATHS, "/contact/", "/compte/login/", "/recruteurs/", "/admin/", "/nulle-part/", "/sante/"):
                for charset in ("latin-1", "utf-16", "rot13", "undefined", "punycode", "inconnu", "\xe9", "a" * 2_000):
                    for method in ("GET", "POST"):
                        content_type = ("Content-Type", f"{form}; charset={charset}")
                        status, headers, body = send(server, method, f"{path}?q=a", content_type, *cookie)
                        assert status == 400, (path, charset, method)
                        assert "n’a pas pu être lu" in body.decode()
                        assert "default-src 'none'" in headers["Content-Security-Policy"]
        for target, header in (
            ("/%E9", ("A", "b")),
            ("/metiers/?q=%E9", ("A", "b")),
            ("/metiers/", ("Cookie", "a=\xe9")),
            ("/metiers/", ("Content-Type", "text/html; charset*=inconnu''x")),
        ):
            status, _, body = send(server, "GET", target, header)
            assert status == 400, target
            assert "n’a pas pu être lu" in body.decode(), target
