"""Measures whole requests, case by case: `python -m tests.bench.serving RUN PORT`, in the environment of the site.

Two gunicorns stand side by side, of the same configuration: the site, and the bare view. Blocks of requests alternate
between them, in turned order, and a ratio is taken within each pair: what the machine does meanwhile falls on both.
"""

import os
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from itertools import count, cycle
from pathlib import Path
from random import Random

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection
from django.template.backends.django import Template
from django.test import Client

from tests.bench import client, results
from tests.bench.cases import Case, cases
from tests.bench.progress import Progress

SEED = 3
# Pairs of blocks by number of connections: times need more of them than rates do.
ROUNDS = {2: int(os.environ.get("BENCH_ROUNDS", "6")), 8: int(os.environ.get("BENCH_ROUNDS", "6")) // 2 or 1}
SECONDS = float(os.environ.get("BENCH_SECONDS", "0.5"))
# Requests before the first block, for every worker to have its code and its connections ready.
WARM_UP = 20
PROFILED = 12


class Server:
    """A gunicorn with two workers, of the project's configuration."""

    def __init__(self, application: str, port: int, cheap: str, log: Path):
        """`cheap` is what is asked for to open a connection."""
        self.port, self.cheap = port, cheap
        command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "--workers", "2",
                   "--bind", f"127.0.0.1:{port}", "--max-requests", "0", application]  # fmt: skip
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log, self._log = log, log.open("w")
        self._process = subprocess.Popen(command, cwd=results.ROOT, stdout=self._log, stderr=self._log)
        self.memory = {"pss": 0, "anonymous": 0, "resident": 0}

    @property
    def workers(self) -> list[int]:
        pid = self._process.pid
        try:
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            return []

    def ready(self):
        for _ in range(300):
            if self._process.poll() is not None:
                raise RuntimeError(f"gunicorn ended; its log: {self.log}")
            try:
                connection = client.Connection(self.port)
                connection.ask(self.cheap)
                connection.close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("gunicorn does not answer")

    def look(self):
        """Note the most memory that the workers have taken together, in bytes."""
        now = dict.fromkeys(self.memory, 0)
        for worker in self.workers:
            try:
                rollup = Path(f"/proc/{worker}/smaps_rollup").read_text()
                status = Path(f"/proc/{worker}/status").read_text()
            except OSError:
                continue
            now["pss"] += _kilobytes(rollup, "Pss:")
            now["anonymous"] += _kilobytes(status, "RssAnon:")
            now["resident"] += _kilobytes(status, "VmHWM:")
        self.memory = {name: max(most, now[name]) for name, most in self.memory.items()}

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._log.close()


def _kilobytes(text: str, name: str) -> int:
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(name)), 0)


def measure(case: Case, site: Server, bare: Server) -> dict:
    """All figures of a case, in seconds and bytes."""
    paths = list(case.paths)
    Random(SEED).shuffle(paths)
    asked = map(client.request, replace(case, paths=paths).addresses())
    size = _warm_up(site, paths, all_of_them=case.everyone)
    bare_path = f"/{size}/"
    plain = cycle([client.request(bare_path)])
    _warm_up(bare, [bare_path])
    result = {"name": case.name, "everyone": case.everyone, "paths": len(paths), "bytes": size}
    for connections, rounds in ROUNDS.items():
        blocks = {site: [], bare: []}
        for number in range(rounds):
            pair = [(site, asked), (bare, plain)]
            for server, requests in pair if number % 2 else reversed(pair):
                held = client.connect(server.port, connections, server.workers, server.cheap)
                blocks[server].append(client.run(held, requests, SECONDS))
                for one in held:
                    one.close()
            site.look()
        result[f"at_{connections}"] = _figures(blocks[site], blocks[bare])
    result["memory"] = site.memory
    return result


def _warm_up(server: Server, paths: list[str], all_of_them=False) -> int:
    """Ask every worker a few times, or for every page that everyone asks for; the usual size of an answer."""
    held = client.connect(server.port, 2, server.workers, server.cheap)
    chosen = (
        paths
        if all_of_them and len(paths) > WARM_UP
        else [path for path, _ in zip(cycle(paths), range(WARM_UP), strict=False)]
    )
    sizes = []
    for path in chosen:
        for one in held:
            if (status := one.ask(path)) != 200:
                raise RuntimeError(f"{path} answers {status}: see {server.log}")
            sizes.append(one.bytes)
    for one in held:
        one.close()
    return int(statistics.median(sizes))


def _figures(blocks: list[client.Block], plain: list[client.Block]) -> dict:
    pairs = list(zip(blocks, plain, strict=True))
    return {
        **_latencies(blocks),
        "rate": statistics.median(block.rate for block in blocks),
        "requests": sum(len(block.latencies) for block in blocks),
        "errors": sum(sum(block.errors.values()) for block in blocks),
        "bare": {**_latencies(plain), "rate": statistics.median(block.rate for block in plain)},
        "p50_ratio": statistics.median(
            statistics.median(one.latencies) / statistics.median(other.latencies) for one, other in pairs
        ),
        "rate_ratio": statistics.median(one.rate / other.rate for one, other in pairs),
    }


def _latencies(blocks: list[client.Block]) -> dict:
    times = sorted(time for block in blocks for time in block.latencies)
    return {f"p{share}": times[min(int(len(times) * share / 100), len(times) - 1)] for share in (50, 95, 99)}


# Where the time goes --------------------------------------------------------------------------------------------------


class _Counter:
    """Counts SQL queries and times them and the templates, in this process."""

    def __init__(self):
        self.queries, self.sql, self.templates, self._sql_in_templates, self._depth = 0, 0.0, 0.0, 0.0, 0

    def query(self, execute, sql, params, many, context):
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = time.perf_counter() - began
            self.queries += 1
            self.sql += took
            self._sql_in_templates += took if self._depth else 0

    def render(self, template, *args, **kwargs):
        self._depth += 1
        began = time.perf_counter()
        try:
            return _render(template, *args, **kwargs)
        finally:
            self._depth -= 1
            if not self._depth:
                self.templates += time.perf_counter() - began - self._sql_in_templates
                self._sql_in_templates = 0.0


_render = Template.render


def profile(case: Case) -> dict:
    """SQL queries of a request and where its time goes, the first time that it is made and the same again."""
    visitor = Client(SERVER_NAME="127.0.0.1", HTTP_X_FORWARDED_PROTO="https", raise_request_exception=True)
    visitor.get("/sante/")
    paths = list(case.paths)
    Random(SEED + 1).shuffle(paths)
    found = {"first": [], "again": []}
    for path in paths[:PROFILED]:
        for moment in ("first", "again"):
            counter = _Counter()
            Template.render = lambda self, *args, counter=counter, **kwargs: counter.render(self, *args, **kwargs)
            began = time.perf_counter()
            with connection.execute_wrapper(counter.query):
                visitor.get(path)
            took = time.perf_counter() - began
            Template.render = _render
            found[moment].append((counter.queries, took, counter.sql, counter.templates))
    return {moment: _middle(figures) for moment, figures in found.items()}


def _middle(figures) -> dict:
    queries, *times = zip(*figures, strict=True)
    seconds, sql, templates = map(statistics.median, times)
    return {"queries": max(queries), "seconds": seconds, "sql": sql, "templates": templates}


def main(run: str, port: int):
    progress = Progress()
    todo = [case for case in cases(SEED) if results.load(run, f"case-{case.slug}") is None]
    if not todo:
        progress.step("every case is measured already")
        return
    follower = subprocess.Popen([sys.executable, "manage.py", "search_index", "follow"], cwd=results.ROOT,
                                stdout=subprocess.DEVNULL)  # fmt: skip
    logs = results.VAR / "logs"
    site = Server("jobboard.wsgi", port, "/sante/", logs / "site.log")
    bare = Server("tests.bench.bare", port + 1, "/500/", logs / "bare.log")
    try:
        site.ready()
        bare.ready()
        for number, case in zip(count(1), todo, strict=False):
            progress.step(f"[{number}/{len(todo)}] {case.name}")
            result = {**measure(case, site, bare), "profile": profile(case)}
            result["load"] = os.getloadavg()[0]
            results.save(run, f"case-{case.slug}", result)
            few, many = (result[f"at_{connections}"] for connections in ROUNDS)
            progress.step(
                f"      p50 {few['p50'] * 1000:.1f} ms, p95 {few['p95'] * 1000:.1f} ms: {few['p50_ratio']:.2f} × bare;"
                f" {many['rate']:.0f} a second: {many['rate_ratio']:.2f} × bare;"
                f" {result['profile']['first']['queries']} queries"
            )
    finally:
        for server in (site, bare):
            server.stop()
        follower.terminate()
        follower.wait()


if __name__ == "__main__":
    # To end by way of what ends the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(sys.argv[1], int(sys.argv[2]))
