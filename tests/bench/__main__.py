"""Generate, index, measure, report. Each step is a process of its own with the site's settings."""

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.bench import results

SEED = 2026
# A follower that was away for longer builds its index anew, which must not happen while requests are measured.
INDEX_KEPT = timedelta(hours=12)
OUTDATED = 3
# Beside how many offers a run of the alerts is measured.
OFFERS_OF_ALERTS = 100_000


class Size:
    """One number of offers in one database."""

    def __init__(self, offers: int, base_url: str):
        self.offers = offers
        url = urlsplit(base_url)
        self.vendor = "sqlite" if url.scheme == "sqlite" else "postgresql"
        self.run = f"{self.vendor}-{offers}"
        self.search = results.VAR / self.run / "search"
        if self.vendor == "sqlite":
            self.file = Path(url.path[1:] or results.VAR / "offers.sqlite3")
            self.file = self.file.with_stem(f"{self.file.stem}-{offers}")
            self.url = f"sqlite:///{self.file}"
        else:
            self.server = urlunsplit(url._replace(path="/postgres"))
            self.name = f"{url.path[1:]}_bench_{offers}"
            self.url = urlunsplit(url._replace(path=f"/{self.name}"))

    @property
    def environment(self) -> dict[str, str]:
        """Production, with this database and an index of its own."""
        kept = {name: value for name, value in os.environ.items() if name not in _OF_THE_SHELL}
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "jobboard.settings",
            "JOBBOARD_MODE": "production",
            "JOBBOARD_VAR": str(results.VAR),
            "SEARCH_DIR": str(self.search),
            "DATABASE_URL": self.url,
            "SECRET_KEY": "of-the-benchmark-and-of-nothing-else-0123456789abcdef",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": "https://127.0.0.1",
            "EMAIL_URL": "consolemail://",
            "DEFAULT_FROM_EMAIL": "bench@example.org",
            "LOG_LEVEL": "WARNING",
            "WEB_CONCURRENCY": "2",
        }

    def create(self):
        if self.vendor == "sqlite":
            self.file.parent.mkdir(parents=True, exist_ok=True)
        elif not self._on_server("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]):
            self._on_server(f'CREATE DATABASE "{self.name}"')

    def drop(self):
        """Only after its own mark was found in it: see tests.bench.database."""
        if self.vendor == "sqlite":
            for file in self.file.parent.glob(f"{self.file.name}*"):
                file.unlink()
        else:
            self._on_server(f'DROP DATABASE "{self.name}"')

    def _on_server(self, statement, values=()):
        import psycopg

        with psycopg.connect(self.server, autocommit=True) as server:
            cursor = server.execute(statement, values)
            return cursor.fetchone() if cursor.description else None


_OF_THE_SHELL = {
    "DEBUG",
    "SECRET_KEY_FALLBACKS",
    "BIND",
    "PORT",
    "WEB_THREADS",
    "TEST_DATABASE_NAME",
    "TRUSTED_PROXIES",
}


def base_url(named: str | None) -> str:
    """The database to stand beside: the one named, else DATABASE_URL where a PostgreSQL answers, else a file."""
    url = named or os.environ.get("DATABASE_URL", "")
    if url.startswith("sqlite"):
        return url
    if url.startswith("postgres"):
        try:
            Size(0, url)._on_server("SELECT 1")
        except Exception as error:
            if named:
                raise SystemExit(f"The database does not answer: {error}") from error
            print(f"No PostgreSQL answers at DATABASE_URL, so SQLite is measured: {error}")
        else:
            return url
    return "sqlite://"


def run(size: Size, module: str, *words, answers=False, accept=(0,), **environment):
    """Run a module of this package; its exit code or, where it `answers`, what it printed, read."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, words)]
    out = subprocess.PIPE if answers else None
    process = subprocess.Popen(
        command, cwd=results.ROOT, env={**size.environment, **environment}, stdout=out, text=True
    )
    try:
        said, _ = process.communicate()
    except BaseException:
        # Asked, not killed: it has servers of its own to end.
        process.terminate()
        process.wait()
        raise
    if process.returncode not in accept:
        raise subprocess.CalledProcessError(process.returncode, command)
    return json.loads(said) if answers else process.returncode


def measure(size: Size, seed: int, port: int, load: float):
    """`load` is what the machine had to do before this began."""
    print(f"{size.offers:,} offers, {size.vendor}", flush=True)
    began = time.monotonic()
    size.create()
    for attempt in (1, 2):
        accept = (0, OUTDATED) if attempt == 1 else (0,)
        if not run(size, "database", size.offers, seed, accept=accept, DATABASE_STATEMENT_TIMEOUT="0"):
            break
        print("  the database is of another time: it is made anew", flush=True)
        size.drop()
        size.create()
        shutil.rmtree(size.search, ignore_errors=True)
        shutil.rmtree(results.VAR / "results" / size.run, ignore_errors=True)
    if results.load(size.run, "machine") is None:
        results.save(size.run, "machine", {**machine(size), "load": load})
    index = results.load(size.run, "index")
    if index is None or _age(index) > INDEX_KEPT or not (size.search / "current").exists():
        shutil.rmtree(size.search, ignore_errors=True)
        built = run(size, "indexing", "build", answers=True)
        built["cost"] = run(size, "indexing", "cost", answers=True)
        results.save(size.run, "index", built)
        print(f"  index: {built['documents'] / built['seconds']:,.0f} documents a second", flush=True)
    if results.load(size.run, "edits") is None:
        edits = results.save(size.run, "edits", run(size, "indexing", "edits", answers=True))
        print(f"  an edit is searchable after {edits['median']:.2f} s, at most {edits['longest']:.2f} s", flush=True)
    if size.offers == OFFERS_OF_ALERTS and results.load(size.run, "alerts") is None:
        alerts = run(size, "alerts", answers=True, DATABASE_STATEMENT_TIMEOUT="0")
        results.save(size.run, "alerts", alerts)
        print(f"  {alerts['alerts']:,} alerts: {alerts['seconds']:.0f} s", flush=True)
    run(size, "serving", size.run, port)
    print(f"  {size.offers:,} offers: {time.monotonic() - began:.0f} s", flush=True)


def _age(result: dict) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(result["at"])


def machine(size: Size) -> dict:
    """The machine without its name."""
    processor, memory = platform.processor() or platform.machine(), 0
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), processor)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        pass
    versions = {"Python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in ("Django", "gunicorn", "tantivy")}
    if size.vendor == "sqlite":
        import sqlite3

        versions["SQLite"] = sqlite3.sqlite_version
    else:
        versions["PostgreSQL"] = size._on_server("SHOW server_version")[0].split()[0]
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "processor": processor,
        "memory": memory,
        "system": platform.system(),
        "versions": versions,
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, help="numbers of offers (10000 100000)")
    parser.add_argument("--database-url", help="server and name to stand beside (DATABASE_URL, else SQLite)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--port", type=int, default=8107, help="of the site; the bare view has the next one")
    parser.add_argument("--fresh", action="store_true", help="measure again what is measured already")
    parser.add_argument("--report", action="store_true", help="only write the report")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    if not options.report:
        base = base_url(options.database_url)
        sizes = [Size(offers, base) for offers in options.sizes or (10_000, 100_000)]
        collect_static(sizes[0])
        for size in sizes:
            if options.fresh:
                shutil.rmtree(results.VAR / "results" / size.run, ignore_errors=True)
            measure(size, options.seed, options.port, load)
    write_report(Size(0, "sqlite://"))


def collect_static(size: Size):
    print("Static files", flush=True)
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=results.ROOT, env=size.environment, check=True)


def write_report(size: Size):
    run(size, "report")
    print("Written: docs/benchmarks.md, docs/img/benchmarks.svg")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped: the same command goes on where this one was.")
    except subprocess.CalledProcessError as error:
        sys.exit(f"Stopped: {' '.join(map(str, error.cmd[1:]))} ended with {error.returncode}.")
