"""What is to be reached on two cores, as data; and whether it was."""

from collections.abc import Callable
from dataclasses import dataclass

# Requests that are under way at once where one number stands for a case: one a core for times, four for throughput.
FOR_TIMES, FOR_RATES = "at_2", "at_8"
SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000
# Results of one database by size: {"cases": {slug: …}, "index": …, "edits": …}.
Runs = dict[int, dict]


@dataclass(frozen=True)
class Target:
    """`figures` gives the values by name, all of which are to be at most (or at least) `limit`."""

    text: str
    limit: float
    unit: str
    figures: Callable[[Runs], dict[str, float]]
    at_least: bool = False
    # Of which number of offers it speaks, where it is one.
    size: int | None = None
    # Whether it is about how an index is built.
    of_index: bool = False

    def reached_by(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    def written(self, value: float) -> str:
        if self.unit == "×":
            return f"{value:.2f} ×"
        digits = 2 if value < 10 and self.unit == "s" else 0
        return f"{value:,.{digits}f} {self.unit}"


@dataclass(frozen=True)
class Outcome:
    """`missed` are the figures that are on the wrong side, the worst first; `worst` is the worst of all."""

    target: Target
    worst: tuple[str, float] | None
    missed: list[tuple[str, float]]

    @property
    def verdict(self) -> str:
        if self.worst is None:
            return "not measured"
        return "not reached" if self.missed else "reached"


def outcome(target: Target, runs: Runs) -> Outcome:
    figures = sorted(target.figures(runs).items(), key=lambda item: item[1], reverse=not target.at_least)
    missed = [item for item in figures if not target.reached_by(item[1])]
    return Outcome(target, figures[0] if figures else None, missed)


def _cases(size: int, value, *, everyone=False):
    def figures(runs: Runs) -> dict[str, float]:
        found = runs.get(size, {}).get("cases", {}).values()
        return {case["name"]: value(case) for case in found if case["everyone"] or not everyone}

    return figures


def _growth(runs: Runs) -> dict[str, float]:
    small, large = (runs.get(size, {}).get("cases", {}) for size in (SMALL, LARGE))
    return {
        case["name"]: case[FOR_TIMES]["p50"] / small[slug][FOR_TIMES]["p50"]
        for slug, case in large.items()
        if slug in small
    }


def by_size(size: int) -> str:
    return f"{size:,} offers"


def _indexing(runs: Runs) -> dict[str, float]:
    return {
        by_size(size): run["index"]["documents"] / run["index"]["seconds"]
        for size, run in runs.items()
        if run.get("index") and size >= MIDDLE
    }


def _edits(runs: Runs) -> dict[str, float]:
    run = runs.get(LARGE, {})
    return {"the slowest of the edits": run["edits"]["longest"]} if run.get("edits") else {}


def _memory(runs: Runs) -> dict[str, float]:
    return {
        by_size(size): max(case["memory"]["pss"] for case in run["cases"].values()) / 1e6
        for size, run in runs.items()
        if run.get("cases")
    }


TARGETS = [
    Target(
        "At 100,000 offers, p50 of every case at most 2.5 times the bare view’s",
        2.5,
        "×",
        _cases(MIDDLE, lambda case: case[FOR_TIMES]["p50_ratio"]),
        size=MIDDLE,
    ),
    Target(
        "At 100,000 offers, the pages that everyone asks for at 1.5 times the bare view’s throughput",
        1.5,
        "×",
        _cases(MIDDLE, lambda case: case[FOR_RATES]["rate_ratio"], everyone=True),
        at_least=True,
        size=MIDDLE,
    ),
    Target(
        "At 1,000,000 offers, p95 of every case at most 100 ms",
        100,
        "ms",
        _cases(LARGE, lambda case: case[FOR_TIMES]["p95"] * 1000),
        size=LARGE,
    ),
    Target("p50 of every case at 1,000,000 offers at most 4 times that at 10,000", 4, "×", _growth, size=LARGE),
    Target("Indexing at least 10,000 offers a second", 10_000, "a second", _indexing, at_least=True, of_index=True),
    Target("At 1,000,000 offers, an edit is searchable in under a second", 1, "s", _edits, size=LARGE),
    Target("The two web workers together under 400 MB", 400, "MB", _memory),
]
