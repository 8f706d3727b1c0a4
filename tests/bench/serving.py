"""Measure whole requests, case by case: `python -m tests.bench.serving RUN PORT`, in the environment of the site.

Two gunicorn servers with the same configuration run side by side: the site and the bare view. Blocks of requests
alternate between them, in alternating order, and a ratio is that of a pair of blocks: other load slows down both.
"""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from itertools import count, cycle, islice
from pathlib import Path
from random import Random

import django

if __name__ == "__main__":
    django.setup()

from tests.bench import client, results
from tests.bench.cases import Case, cases
from tests.bench.edits import Editor
from tests.bench.profile import profile
from tests.bench.progress import Progress

SEED = 3
# Pairs of blocks by number of connections: latencies need more of them than rates do.
ROUNDS = {2: int(os.environ.get("BENCH_ROUNDS", "6")), 8: int(os.environ.get("BENCH_ROUNDS", "6")) // 2 or 1}
SECONDS = float(os.environ.get("BENCH_SECONDS", "0.5"))
# Requests before the first block, so that every worker has loaded its code and opened its connections.
WARM_UP = 20


class Server:
    """A gunicorn server with two workers and the configuration of the project."""

    def __init__(self, application: str, port: int, cheap_path: str, log: Path):
        """`cheap_path` is requested when a connection is opened."""
        self.port, self.cheap_path = port, cheap_path
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

    def wait_until_ready(self):
        for _ in range(300):
            if self._process.poll() is not None:
                raise RuntimeError(f"gunicorn ended; its log: {self.log}")
            try:
                connection = client.Connection(self.port)
                connection.get(self.cheap_path)
                connection.close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("gunicorn does not answer")

    def record_memory(self):
        """Update the peak memory of all workers together, in bytes."""
        current = dict.fromkeys(self.memory, 0)
        for worker in self.workers:
            try:
                rollup = Path(f"/proc/{worker}/smaps_rollup").read_text()
                status = Path(f"/proc/{worker}/status").read_text()
            except OSError:
                continue
            current["pss"] += _kilobytes(rollup, "Pss:")
            current["anonymous"] += _kilobytes(status, "RssAnon:")
            current["resident"] += _kilobytes(status, "VmHWM:")
        self.memory = {name: max(peak, current[name]) for name, peak in self.memory.items()}

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._log.close()


def _kilobytes(text: str, name: str) -> int:
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(name)), 0)


def measure(case: Case, site: Server, bare: Server) -> dict:
    """Return all figures of a case, in seconds and bytes."""
    paths = list(case.paths)
    Random(SEED).shuffle(paths)
    requests = map(client.request, replace(case, paths=paths).urls())
    size = _warm_up(site, paths, every_path=case.popular)
    bare_path = f"/{size}/"
    bare_requests = cycle([client.request(bare_path)])
    _warm_up(bare, [bare_path])
    result = {"name": case.name, "popular": case.popular, "paths": len(paths), "bytes": size}
    with Editor(case.edits) if case.edits else contextlib.nullcontext() as editor:
        for connections, rounds in ROUNDS.items():
            blocks = {site: [], bare: []}
            for index in range(rounds):
                pair = [(site, requests), (bare, bare_requests)]
                for server, source in pair if index % 2 else reversed(pair):
                    open_connections = client.connect(server.port, connections, server.workers, server.cheap_path)
                    blocks[server].append(client.run(open_connections, source, SECONDS * case.longer))
                    for connection in open_connections:
                        connection.close()
                site.record_memory()
            result[f"at_{connections}"] = _figures(blocks[site], blocks[bare])
    result["edits"] = editor.edits if editor else 0
    result["memory"] = site.memory
    return result


def _warm_up(server: Server, paths: list[str], every_path=False) -> int:
    """Request some paths, or every one, from each worker; return the median size of a response in bytes."""
    open_connections = client.connect(server.port, 2, server.workers, server.cheap_path)
    chosen = dict.fromkeys(paths) if every_path and len(paths) > WARM_UP else islice(cycle(paths), WARM_UP)
    sizes = {}
    for path in chosen:
        for connection in open_connections:
            if (status := connection.get(path)) != 200:
                raise RuntimeError(f"{path} answers {status}: see {server.log}")
            sizes[path] = connection.bytes
    for connection in open_connections:
        connection.close()
    return int(statistics.median(sizes[path] for path in paths if path in sizes))


def _figures(blocks: list[client.Block], bare_blocks: list[client.Block]) -> dict:
    pairs = list(zip(blocks, bare_blocks, strict=True))
    return {
        **_latencies(blocks),
        "rate": statistics.median(block.rate for block in blocks),
        "requests": sum(len(block.latencies) for block in blocks),
        "errors": sum(sum(block.errors.values()) for block in blocks),
        "bare": {**_latencies(bare_blocks), "rate": statistics.median(block.rate for block in bare_blocks)},
        "p50_ratio": statistics.median(
            statistics.median(block.latencies) / statistics.median(bare.latencies) for block, bare in pairs
        ),
        "rate_ratio": statistics.median(block.rate / bare.rate for block, bare in pairs),
    }


def _latencies(blocks: list[client.Block]) -> dict:
    times = sorted(time for block in blocks for time in block.latencies)
    return {f"p{share}": times[min(int(len(times) * share / 100), len(times) - 1)] for share in (50, 95, 99)}


def main(run: str, port: int):
    progress = Progress()
    pending = [case for case in cases(SEED) if results.load(run, f"case-{case.slug}") is None]
    if not pending:
        progress.step("every case has a result already")
        return
    follower = subprocess.Popen([sys.executable, "manage.py", "search_index", "follow"], cwd=results.ROOT,
                                stdout=subprocess.DEVNULL)  # fmt: skip
    logs = results.VAR / "logs"
    site = Server("jobboard.wsgi", port, "/sante/", logs / "site.log")
    bare = Server("tests.bench.bare", port + 1, "/500/", logs / "bare.log")
    try:
        site.wait_until_ready()
        bare.wait_until_ready()
        for index, case in zip(count(1), pending, strict=False):
            progress.step(f"[{index}/{len(pending)}] {case.name}")
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
    # SystemExit, so that the servers are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(sys.argv[1], int(sys.argv[2]))
