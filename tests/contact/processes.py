"""Run code in several processes on the test database, like the workers of a web server."""

import contextlib
import os
import sqlite3
import subprocess
import sys

from django.conf import settings
from django.db import connection

START = "import sys, django; django.setup(); print('ready', flush=True); sys.stdin.readline()\n"


def run_at_once(code: str, count: int, directory) -> list[str]:
    """Run `code` in `count` processes that start together. Return the lines that they print."""
    environment = {**os.environ, "JOBBOARD_VAR": str(directory), "DJANGO_SETTINGS_MODULE": "jobboard.settings"}
    environment |= {"DATABASE_URL": database_url(directory), "SECRET_KEY": "essai", "CONTACT_LIMIT_PER_HOUR": "5"}
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", START + code],
                    cwd=settings.BASE_DIR,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(count)
        ]
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
        return [line for process in processes for line in process.communicate(timeout=60)[0].splitlines()]


def database_url(directory) -> str:
    """Return the URL of the test database for another process.

    On SQLite, the test database is in the memory of this process: copy it to a file in `directory`.
    """
    if connection.vendor == "sqlite":
        path = directory / "copy.sqlite3"
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
        return f"sqlite:///{path}"
    values = connection.settings_dict
    login = values["USER"] + (f":{values['PASSWORD']}" if values["PASSWORD"] else "")
    return f"postgres://{login}@{values['HOST']}:{values['PORT'] or 5432}/{values['NAME']}"
