"""A site for the browser tests: the server and the storage of production, started as `make run` does.

The live_server of pytest-django runs in the process of the tests: it would serve no hashed and compressed files, run no
task worker, and share one database connection among threads.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
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
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
# Variables of the shell that would configure this site.
IGNORED_VARIABLES = (
    "JOBBOARD_MODE",
    "SEARCH_DIR",
    "DEBUG",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "SITE_URL",
    "EMAIL_URL",
    "TEAM_EMAILS",
)

COLLECT = """
import django
django.setup()
from jobboard.ops.management.commands.prepare import Command
Command().collect_static()
"""


@dataclass(frozen=True)
class Site:
    url: str
    var: Path
    passwords: dict[str, str]
    pages: dict[str, str]
    environment: dict[str, str]

    def run(self, code: str) -> str:
        """Run Python code in another process of the site, like its task worker, and return its output."""
        command = [sys.executable, "-c", "import django; django.setup()\n" + code]
        result = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr[-4000:]
        return result.stdout

    @property
    def mails(self) -> list[str]:
        """The sent mails, as the local mode writes them: one file for each SMTP connection, with several mails."""
        files = sorted((self.var / "mail").glob("*")) if self.var else []
        return [mail for path in files for mail in re.split(r"(?m)^-{70,}\n", path.read_text()) if mail.strip()]

    @property
    def recipients(self) -> list[str]:
        """The recipients of the sent mails, in order."""
        return [address for mail in self.mails for address in re.findall(r"^To: (.+)$", mail, re.MULTILINE)]


@contextlib.contextmanager
def running_site(var: Path):
    """Prepare a site in `var` on the database engine of the test run, serve it, and stop it at the end."""
    port = free_port()
    with database() as database_url:
        environment = {name: value for name, value in os.environ.items() if name not in IGNORED_VARIABLES}
        environment |= {
            "JOBBOARD_VAR": str(var),
            "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "jobboard.settings",
            "DATABASE_URL": database_url or f"sqlite:///{var}/jobboard.sqlite3",
            # Tests submit forms faster and more often than people.
            "CONTACT_MINIMUM_DELAY": "1",
            "CONTACT_LIMIT_PER_HOUR": "1000",
            "ALERT_LIMIT_PER_HOUR": "1000",
            "APPLICATION_LINKS_LIMIT_PER_HOUR": "1000",
            "PYTHONUNBUFFERED": "1",
        }

        def run_python(*arguments, **variables) -> str:
            command = [sys.executable, *arguments]
            values = environment | variables
            result = subprocess.run(command, cwd=ROOT, env=values, capture_output=True, text=True, check=False)
            assert result.returncode == 0, f"{arguments}: {result.stdout[-2000:]}{result.stderr[-4000:]}"
            return result.stdout

        copy_static_files(run_python, var)
        passwords = dict(re.findall(r"(\S+@example\.org)\s+(\S+)", run_python("manage.py", "prepare", "--no-color")))
        pages = json.loads(run_python("-m", "tests.browser.seed"))
        with open(var / "server.log", "w") as log:
            command = [sys.executable, "manage.py", "serve", "--port", str(port)]
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/sante/", server, var / "server.log")
            yield Site(f"http://127.0.0.1:{port}", var, passwords, pages, environment)
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                raise


def copy_static_files(run_python, var: Path):
    """Copy the static files from a directory shared by all sites of this checkout, as compressing takes ten seconds.

    They are collected there by `prepare`, again after changes.
    """
    shared = settings.VAR_DIR / "browser"
    shared.mkdir(parents=True, exist_ok=True)
    with open(shared / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run_python("-c", COLLECT, JOBBOARD_VAR=str(shared))
        shutil.copytree(shared / "static", var / "static")
        for name in ("static.sha256", "staticfiles.json"):
            shutil.copy(shared / name, var)


def free_port() -> int:
    """Return a port that is free now, for the server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def database():
    """Create a PostgreSQL database beside that of the test run and yield its URL, or None on SQLite."""
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not url.scheme.startswith("postgres"):
        yield None
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = f"test_{url.path.strip('/')}_browser{worker}"
    with psycopg.connect(url._replace(scheme="postgresql", path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        # As for the database of the test run.
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit TO off')
        try:
            yield url._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def wait_until_healthy(url: str, server, log: Path):
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        # Refused connections, error statuses and timeouts are all OSErrors.
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=30):  # noqa: S310
            return
        time.sleep(0.2)
    raise AssertionError(f"The site did not start: {log.read_text()[-3000:]}")
