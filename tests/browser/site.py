"""A site of its own for the browser: the real server on the real storage, made the way `make run` makes it.

Not pytest-django's live_server, which runs inside the test's process: there the pages would come without the hashed
and compressed files, without the task worker, and from a database connection that threads share.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
# What the shell has set for a site of one's own must not reach this one.
FOREIGN = (
    "JOBBOARD_MODE",
    "SEARCH_DIR",
    "DEBUG",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "SITE_URL",
    "EMAIL_URL",
    "TEAM_EMAILS",
)


@dataclass(frozen=True)
class Site:
    url: str
    var: Path
    passwords: dict[str, str]
    pages: dict[str, str]
    environment: dict[str, str]

    def run(self, code: str) -> None:
        """Run Python code in a process of the site’s own, as its task worker is one."""
        command = [sys.executable, "-c", "import django; django.setup()\n" + code]
        result = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr[-4000:]

    @property
    def mails(self) -> list[str]:
        """The mails that have left, as the local mode writes them: several in the file of each connection."""
        files = sorted((self.var / "mail").glob("*")) if self.var else []
        return [mail for path in files for mail in re.split(r"(?m)^-{70,}\n", path.read_text()) if mail.strip()]

    @property
    def recipients(self) -> list[str]:
        """To whom they went, in order."""
        return [address for mail in self.mails for address in re.findall(r"^To: (.+)$", mail, re.MULTILINE)]


@contextlib.contextmanager
def running_site(var: Path):
    """Make a site under `var`, on the database that the suite runs on, serve it, and take it down again."""
    port = free_port()
    with database() as database_url:
        environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        environment |= {
            "JOBBOARD_VAR": str(var),
            "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "jobboard.settings",
            "DATABASE_URL": database_url or f"sqlite:///{var}/jobboard.sqlite3",
            # A person takes longer than a test, and does not send as often.
            "CONTACT_MINIMUM_DELAY": "1",
            "CONTACT_LIMIT_PER_HOUR": "1000",
            "ALERT_LIMIT_PER_HOUR": "1000",
            "PYTHONUNBUFFERED": "1",
        }

        def python(*arguments) -> str:
            command = [sys.executable, *arguments]
            result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            assert result.returncode == 0, f"{arguments}: {result.stdout[-2000:]}{result.stderr[-4000:]}"
            return result.stdout

        passwords = dict(re.findall(r"(\S+@example\.org)\s+(\S+)", python("manage.py", "prepare", "--no-color")))
        pages = json.loads(python("-m", "tests.browser.seed"))
        with open(var / "server.log", "w") as log:
            command = [sys.executable, "manage.py", "serve", "--port", str(port)]
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/sante/", server, var / "server.log")
            yield Site(f"http://127.0.0.1:{port}", var, passwords, pages, environment)
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                raise


def free_port() -> int:
    """A port that is free now; the server takes it in a moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def database():
    """A PostgreSQL database beside that of the suite, or nothing on SQLite."""
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not url.scheme.startswith("postgres"):
        yield None
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = f"test_{url.path.strip('/')}_browser{worker}"
    with psycopg.connect(url._replace(scheme="postgresql", path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield url._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def wait_until_it_answers(url: str, server, log: Path):
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        # Not there yet, or there and slow on a busy machine: all of it is an OSError.
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=30):  # noqa: S310
            return
        time.sleep(0.2)
    raise AssertionError(f"The site did not start: {log.read_text()[-3000:]}")
