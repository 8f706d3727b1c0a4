"""Web hosts for tests: processes that follow one database, each with its own index directory."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager

from django.conf import settings
from django.db import connections

from offers.search.criteria import Criteria
from offers.search.index import Reader, SearchUnavailable
from offers.search.query import search


@contextmanager
def shared_database(folder):
    """Make the test database accessible to other processes; yield its URL."""
    original = connections["default"]
    values = original.settings_dict
    if original.vendor == "postgresql":
        credentials = f"{values['USER']}:{values['PASSWORD']}" if values["PASSWORD"] else values["USER"]
        yield f"postgres://{credentials}@{values['HOST']}:{values['PORT'] or 5432}/{values['NAME']}"
        return
    # The SQLite test database is in memory: copy it to a file.
    file = folder / "shared.sqlite3"
    original.ensure_connection()
    with contextlib.closing(sqlite3.connect(file)) as copy:
        original.connection.backup(copy)
    copy_connection = connections["default"] = type(original)({**values, "NAME": str(file)}, "default")
    try:
        yield f"sqlite:///{file}"
    finally:
        copy_connection.close()
        connections["default"] = original


class Host:
    """An index directory, the process that follows the database into it, and a reader."""

    def __init__(self, root, url, **options):
        self.root, self.url, self.options = root, url, options
        self.reader = Reader(root)
        self.log = root.with_suffix(".log")
        self.process = None

    def command(self, *arguments) -> list[str]:
        return [sys.executable, "manage.py", "search_index", *arguments]

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.url,
            "SEARCH_DIR": str(self.root),
            "JOBBOARD_VAR": str(self.root.parent),
            "DJANGO_SETTINGS_MODULE": "jobboard.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                self.command("follow"), cwd=settings.BASE_DIR, env=self.environment(), stdout=log, stderr=log,
                **self.options,
            )  # fmt: skip

    def run(self, *arguments):
        return subprocess.run(
            self.command(*arguments), cwd=settings.BASE_DIR, env=self.environment(), capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def matching_ids(self, q="", **criteria) -> set[int]:
        return set(search(self.reader.searcher(), Criteria(q=q, **criteria), limit=10_000).ids)

    def is_following(self) -> bool:
        with contextlib.suppress(SearchUnavailable):
            return "L’index est suivi" in self.log.read_text() and self.reader.searcher() is not None
        return False
