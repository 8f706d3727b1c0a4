"""Generate, index, measure and report, on SQLite and PostgreSQL. Each step is a process with the site's settings."""

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
from tests.bench.targets import POSTGRESQL, SQLITE

SEED = 2026
# If DATABASE_URL is not a PostgreSQL URL.
POSTGRESQL_URL = "postgres://postgres@127.0.0.1:5432/jobboard"
# A follower that was stopped for longer rebuilds its index, which must not happen while requests are measured.
INDEX_TTL = timedelta(hours=12)
# The exit status of tests.bench.database for a database with another load.
OUTDATED = 3
# The size at which a run of the alerts is measured.
ALERTS_SIZE = 100_000


class Dataset:
    """Generated offers in a separate database, on the server or in the directory of `base_url`."""

    def __init__(self, offers: int, base_url: str):
        self.offers = offers
        url = urlsplit(base_url)
        self.vendor = SQLITE if url.scheme == "sqlite" else POSTGRESQL
        self.run = f"{self.vendor}-{offers}"
        self.search = results.VAR / self.run / "search"
        if self.vendor == SQLITE:
            self.file = Path(url.path[1:] or results.VAR / "offers.sqlite3")
            self.file = self.file.with_stem(f"{self.file.stem}-{offers}")
            self.url = f"sqlite:///{self.file}"
        else:
            self.server = urlunsplit(url._replace(path="/postgres"))
            self.name = f"{url.path[1:]}_bench_{offers}"
            self.url = urlunsplit(url._replace(path=f"/{self.name}"))

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of production, with this database and its index."""
        inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        return {
            **inherited,
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

    def exists(self) -> bool:
        if self.vendor == SQLITE:
            return self.file.exists()
        return bool(self.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]))

    def create(self):
        if self.vendor == SQLITE:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        elif not self.exists():
            self.execute(f'CREATE DATABASE "{self.name}"')

    def drop(self):
        """Delete the database and its index. Only after tests.bench.database has found the table `bench_load` in it."""
        if self.vendor == SQLITE:
            for file in self.file.parent.glob(f"{self.file.name}*"):
                file.unlink()
        else:
            self.execute(f'DROP DATABASE "{self.name}"')
        shutil.rmtree(self.search, ignore_errors=True)

    def execute(self, statement, values=()):
        """Execute a statement in the maintenance database of the server; return the first row."""
        import psycopg

        with psycopg.connect(self.server, autocommit=True, connect_timeout=5) as server:
            cursor = server.execute(statement, values)
            return cursor.fetchone() if cursor.description else None


_NOT_INHERITED = {
    "DEBUG",
    "SECRET_KEY_FALLBACKS",
    "BIND",
    "PORT",
    "WEB_THREADS",
    "TEST_DATABASE_NAME",
    "TRUSTED_PROXIES",
    "DATABASE_POOL_SIZE",
}


def base_urls(vendors: list[str]) -> list[str]:
    """Return the base URLs of the datasets, without PostgreSQL if its server does not respond."""
    url = os.environ.get("DATABASE_URL", "")
    urls = []
    if SQLITE in vendors:
        urls.append(url if url.startswith("sqlite") else "sqlite://")
    if POSTGRESQL in vendors:
        url = url if url.startswith("postgres") else POSTGRESQL_URL
        try:
            Dataset(0, url).execute("SELECT 1")
        except Exception as error:
            host = urlsplit(url)
            print(f"PostgreSQL is SKIPPED: {host.hostname}:{host.port or 5432} does not answer ({error})", flush=True)
        else:
            urls.append(url)
    return urls


def run(dataset: Dataset, module: str, *arguments, parse=False, accept=(0,), **environment):
    """Run a module of this package; return its exit code or, with `parse`, its output decoded from JSON."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)]
    out = subprocess.PIPE if parse else None
    process = subprocess.Popen(
        command, cwd=results.ROOT, env={**dataset.environment, **environment}, stdout=out, text=True
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        # Terminated, not killed, so that the process can stop its servers.
        process.terminate()
        process.wait()
        raise
    if process.returncode not in accept:
        raise subprocess.CalledProcessError(process.returncode, command)
    return json.loads(output) if parse else process.returncode


def measure(dataset: Dataset, options: argparse.Namespace, load: float):
    """Take every measurement that has no stored result. `load` is the load average before the benchmark."""
    offers, name = dataset.offers, dataset.run
    print(f"{offers:,} offers, {dataset.vendor}", flush=True)
    start = time.monotonic()
    load_offers(dataset, options.seed)
    if results.load(name, "machine") is None:
        results.save(name, "machine", {**machine(dataset), "load": load})
    index = results.load(name, "index")
    if index is None or _age(index) > INDEX_TTL or not (dataset.search / "current").exists():
        shutil.rmtree(dataset.search, ignore_errors=True)
        built = run(dataset, "indexing", "build", parse=True)
        built["cost"] = run(dataset, "indexing", "cost", parse=True)
        results.save(name, "index", built)
        print(f"  index: {built['documents'] / built['seconds']:,.0f} documents a second", flush=True)
    if "edits" not in options.skip and results.load(name, "edits") is None:
        edits = results.save(name, "edits", run(dataset, "indexing", "edits", parse=True))
        print(f"  an edit is searchable after {edits['median']:.2f} s, at most {edits['longest']:.2f} s", flush=True)
    if offers == ALERTS_SIZE and "alerts" not in options.skip and results.load(name, "alerts") is None:
        alerts = run(dataset, "alerts", parse=True, DATABASE_STATEMENT_TIMEOUT="0")
        results.save(name, "alerts", alerts)
        print(f"  {alerts['alerts']:,} alerts: {alerts['seconds']:.0f} s", flush=True)
    run(dataset, "serving", name, options.port)
    print(f"  {offers:,} offers, {dataset.vendor}: {time.monotonic() - start:.0f} s", flush=True)


def load_offers(dataset: Dataset, seed: int):
    """Load the offers into the database; one with another load is dropped first, with its results."""
    dataset.create()
    for accept in ((0, OUTDATED), (0,)):
        if not run(dataset, "database", dataset.offers, seed, accept=accept, DATABASE_STATEMENT_TIMEOUT="0"):
            return
        print("  the database holds another load, or an old one: it is loaded again", flush=True)
        dataset.drop()
        dataset.create()
        results.delete(dataset.run)


def _age(result: dict) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(result["at"])


def machine(dataset: Dataset) -> dict:
    """Describe the machine, without its host name."""
    processor, memory = platform.processor() or platform.machine(), 0
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), processor)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        pass
    versions = {"Python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in ("Django", "gunicorn", "tantivy")}
    if dataset.vendor == SQLITE:
        import sqlite3

        versions["SQLite"] = sqlite3.sqlite_version
    else:
        versions["PostgreSQL"] = dataset.execute("SHOW server_version")[0].split()[0]
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
    parser.add_argument("--database", choices=[SQLITE, POSTGRESQL], action="append", help="only this one (both)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--port", type=int, default=8107, help="of the site; the bare view has the next one")
    parser.add_argument("--skip", choices=["alerts", "edits"], action="append", default=[], help="leave this out")
    parser.add_argument("--fresh", action="store_true", help="measure again in spite of stored results")
    parser.add_argument("--report", action="store_true", help="only write the report")
    parser.add_argument("--drop", action="store_true", help="only delete the databases of these sizes")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    if not options.report:
        urls = base_urls(options.database or [SQLITE, POSTGRESQL])
        datasets = [Dataset(offers, url) for offers in options.sizes or (10_000, 100_000) for url in urls]
        if options.drop:
            drop(datasets, options.seed)
            return
        collect_static(datasets[0])
        for dataset in datasets:
            if options.fresh:
                results.delete(dataset.run)
            measure(dataset, options, load)
    write_report(Dataset(0, "sqlite://"))


def drop(datasets: list[Dataset], seed: int):
    for dataset in datasets:
        if dataset.exists():
            # Fails if the database holds offers that were not generated.
            run(dataset, "database", "check", dataset.offers, seed, accept=(0, OUTDATED))
            dataset.drop()
            print(f"Deleted: {dataset.offers:,} offers, {dataset.vendor}", flush=True)


def collect_static(dataset: Dataset):
    print("Static files", flush=True)
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=results.ROOT, env=dataset.environment, check=True)


def write_report(dataset: Dataset):
    run(dataset, "report")
    print("Written: docs/benchmarks.md, docs/img/benchmarks.svg")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped: the same command resumes the run.")
    except subprocess.CalledProcessError as error:
        sys.exit(f"Stopped: {' '.join(map(str, error.cmd[1:]))} ended with {error.returncode}.")
