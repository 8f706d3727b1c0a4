"""The targets on two cores, and the verdicts."""

from collections.abc import Callable
from dataclasses import dataclass

# Keys of the figures by number of concurrent requests: one per core for latencies, four for throughput.
FOR_TIMES, FOR_RATES = "at_2", "at_8"
SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000
SQLITE, POSTGRESQL = "sqlite", "postgresql"
# Results of one database by size: {"cases": {slug: …}, "index": …, "edits": …}.
Runs = dict[int, dict]
# The runs of each database, by its vendor.
Results = dict[str, Runs]
# p50 of each case divided by the bare view's at 100,000 offers on SQLite, at commit b521d4f (2026-11-30).
BASELINE = {
    "home": 0.49, "first-page": 0.16, "page-50": 1.82, "keyword": 2.12, "keyword-again": 0.18, "common-word": 1.86,
    "radius": 1.86, "filters": 2.00, "typo": 1.72, "towns": 1.45, "suggestions": 2.08, "role": 0.32, "offer": 0.53,
    "offer-first": 3.80,
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """`figures(results, vendor)` returns the values by name, each of which must be at most (or at least) `limit`."""

    text: str
    limit: float
    unit: str
    figures: Callable[[Results, str], dict[str, float]]
    at_least: bool = False
    # The number of offers, if the target is about one size.
    size: int | None = None
    # Whether the target is about building the index.
    of_index: bool = False
    databases: tuple[str, ...] = (SQLITE, POSTGRESQL)

    def is_reached_by(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    def format(self, value: float) -> str:
        if self.unit == "×":
            return f"{value:.2f} ×"
        digits = 2 if value < 10 and self.unit == "s" else 0
        return f"{value:,.{digits}f} {self.unit}"


@dataclass(frozen=True)
class Outcome:
    """`missed` are the figures beyond the limit, worst first; `worst` is the worst of all figures."""

    target: Target
    worst: tuple[str, float] | None
    missed: list[tuple[str, float]]

    @property
    def verdict(self) -> str:
        if self.worst is None:
            return "not measured"
        return "not reached" if self.missed else "reached"


def outcome(target: Target, results: Results, vendor: str) -> Outcome:
    figures = target.figures(results, vendor).items()
    figures = sorted(figures, key=lambda item: item[1], reverse=not target.at_least)
    missed = [item for item in figures if not target.is_reached_by(item[1])]
    return Outcome(target, figures[0] if figures else None, missed)


def _cases_of(results: Results, vendor: str, size: int) -> dict[str, dict]:
    return results.get(vendor, {}).get(size, {}).get("cases", {})


def _cases(size: int, value: Callable[[dict], float], applies: Callable[[dict], bool] = lambda case: True):
    """Return `figures` of the cases to which the target applies. The case with edits has a separate target."""

    def figures(results: Results, vendor: str) -> dict[str, float]:
        cases = _cases_of(results, vendor, size).values()
        return {case["name"]: value(case) for case in cases if applies(case)}

    return figures


def _is_steady(case: dict) -> bool:
    return not case["edits"]


def _is_popular(case: dict) -> bool:
    return case["popular"] and _is_steady(case)


def _is_edited(case: dict) -> bool:
    return bool(case["edits"])


def _p50_ratio(case: dict) -> float:
    return case[FOR_TIMES]["p50_ratio"]


def _rate_ratio(case: dict) -> float:
    return case[FOR_RATES]["rate_ratio"]


def _growth(results: Results, vendor: str) -> dict[str, float]:
    small, large = (_cases_of(results, vendor, size) for size in (SMALL, LARGE))
    return {
        case["name"]: case[FOR_TIMES]["p50"] / small[slug][FOR_TIMES]["p50"]
        for slug, case in large.items()
        if slug in small
    }


def _against_baseline(results: Results, vendor: str) -> dict[str, float]:
    cases = _cases_of(results, vendor, MIDDLE)
    return {case["name"]: _p50_ratio(case) / BASELINE[slug] for slug, case in cases.items() if slug in BASELINE}


def _against_sqlite(value: Callable[[dict], float]):
    """Return `figures` that divide a case's value on a database by its value on SQLite."""

    def figures(results: Results, vendor: str) -> dict[str, float]:
        sqlite, cases = (_cases_of(results, database, MIDDLE) for database in (SQLITE, vendor))
        return {case["name"]: value(case) / value(sqlite[slug]) for slug, case in cases.items() if slug in sqlite}

    return figures


def describe_size(size: int) -> str:
    return f"{size:,} offers"


def _indexing(results: Results, vendor: str) -> dict[str, float]:
    return {
        describe_size(size): run["index"]["documents"] / run["index"]["seconds"]
        for size, run in results.get(vendor, {}).items()
        if run.get("index") and size >= MIDDLE
    }


def _edits(results: Results, vendor: str) -> dict[str, float]:
    run = results.get(vendor, {}).get(LARGE, {})
    return {"the slowest of the edits": run["edits"]["longest"]} if run.get("edits") else {}


def _memory(results: Results, vendor: str) -> dict[str, float]:
    return {
        describe_size(size): max(case["memory"]["pss"] for case in run["cases"].values()) / 1e6
        for size, run in results.get(vendor, {}).items()
        if run.get("cases")
    }


TARGETS = [
    Target(
        "At 100,000 offers, p50 of every case at most 2.5 times the bare view’s",
        2.5,
        "×",
        _cases(MIDDLE, _p50_ratio, _is_steady),
        size=MIDDLE,
    ),
    Target(
        "At 100,000 offers, p50 of every case, relative to the bare view’s, at most 1.2 times that of 2026-11-30",
        1.2,
        "×",
        _against_baseline,
        size=MIDDLE,
        databases=(SQLITE,),
    ),
    Target(
        "At 100,000 offers, p50 of every case, relative to the bare view’s, at most 1.5 times that on SQLite",
        1.5,
        "×",
        _against_sqlite(_p50_ratio),
        size=MIDDLE,
        databases=(POSTGRESQL,),
    ),
    Target(
        "At 100,000 offers, throughput of every case, relative to the bare view’s, at least 0.67 times that on SQLite",
        2 / 3,
        "×",
        _against_sqlite(_rate_ratio),
        at_least=True,
        size=MIDDLE,
        databases=(POSTGRESQL,),
    ),
    Target(
        "At 100,000 offers, popular pages at 1.5 times the bare view’s throughput",
        1.5,
        "×",
        _cases(MIDDLE, _rate_ratio, _is_popular),
        at_least=True,
        size=MIDDLE,
    ),
    Target(
        "At 100,000 offers, a mix of popular pages with one edit a second at 3 times the bare view’s throughput",
        3,
        "×",
        _cases(MIDDLE, _rate_ratio, _is_edited),
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
