"""Run the site in gunicorn with the configuration of production, and send it raw requests."""

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

from tests.site.environment import PRODUCTION, ROOT

ROWS = """
import django
django.setup()
from tests.factories import LYON, make_company, make_offer, make_place, make_role
role = make_role(slug="devops", name="DevOps")
make_offer(pk=1, title="DevOps", role=role, company=make_company(name="Ateliers"), place=make_place(**LYON))
"""


class Site:
    """A database with a role and an offer, and a search index, for servers of this site."""

    def __init__(self, folder: Path):
        """Copy the SQLite database of the test run, which is empty, and fill it."""
        self.folder = folder
        (folder / "var/static").mkdir(parents=True)
        with contextlib.closing(sqlite3.connect(folder / "site.sqlite3")) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment |= PRODUCTION | {
            "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
            "JOBBOARD_VAR": str(folder / "var"),
            "DJANGO_SETTINGS_MODULE": "tests.site.production_settings",
            "WEB_CONCURRENCY": "1",
            # The order of the directives of the Content-Security-Policy depends on it.
            "PYTHONHASHSEED": "0",
        }
        for arguments in (["-c", ROWS], ["manage.py", "search_index", "rebuild"]):
            subprocess.run([sys.executable, *arguments], cwd=ROOT, env=self.environment, check=True)

    @contextlib.contextmanager
    def serve(self, name: str):
        """Start gunicorn on a Unix socket, as docs/deployment.md does, and yield the path of the socket."""
        path = self.folder / f"{name}.sock"
        with open(self.folder / f"{name}.log", "w") as log:
            command = [sys.executable, "-m", "gunicorn", "--bind", f"unix:{path}", "jobboard.wsgi"]
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        try:
            wait_for(path, process, self.folder / f"{name}.log")
            yield path
        finally:
            process.terminate()
            process.wait(40)


def wait_for(path: Path, process, log: Path):
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            send(path, "GET", "/sante/")
            return
        time.sleep(0.2)
    raise AssertionError(f"gunicorn did not start: {log.read_text()[-3000:]}")


def send(path: Path, method: str, target: str, *headers: tuple[str, str], body: bytes = b"") -> tuple[int, dict, bytes]:
    """Send a request as the proxy of docs/deployment/nginx.conf does; return (status, headers, body).

    `headers` are appended as they are, to be read as latin-1.
    """
    lines = [
        f"{method} {target} HTTP/1.1",
        "Connection: close",
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: 192.0.2.1",
    ]
    if not any(name.lower() == "host" for name, _ in headers):
        lines.append(f"Host: {PRODUCTION['ALLOWED_HOSTS']}")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(path))
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, content = received.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    pairs = (field.split(": ", 1) for field in fields)
    return int(status.split()[1]), {name: value for name, value in pairs if name != "Date"}, content
