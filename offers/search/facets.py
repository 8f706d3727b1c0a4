"""How many offers each value of each criterion would give, beside what is asked already.

A criterion ignores its own values: with “CDI” ticked, “CDD” shows what ticking it too would add. Skills are all wanted
together, so theirs count within the skills that are ticked.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, chain, pairwise

from tantivy import Searcher

from offers.search.documents import (
    AREAS,
    COMBINATIONS,
    DAILY,
    DAILY_RATES,
    ID_BITS,
    SALARIES,
    SKILL_COLUMNS,
    UNKNOWN,
    newest_key,
)
from offers.search.query import NOTHING, Asked, Criteria, Results
from offers.search.synonyms import EMPTY, Thesaurus
from offers.territory import REGION_OF

AGES = (1, 3, 7, 14, 30)


@dataclass(frozen=True)
class Facets:
    """Numbers of offers by value. A value that is not there has none.

    `salaries` and `daily_rates` say how many pay at least so much, `ages` how many are at most so many days old.
    """

    contracts: dict[str, int] = field(default_factory=dict)
    remote: dict[str, int] = field(default_factory=dict)
    experience: dict[str, int] = field(default_factory=dict)
    regions: dict[str, int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    roles: dict[int, int] = field(default_factory=dict)
    skills: dict[int, int] = field(default_factory=dict)
    salaries: dict[int, int] = field(default_factory=dict)
    daily_rates: dict[int, int] = field(default_factory=dict)
    ages: dict[int, int] = field(default_factory=dict)


# What the engine counts: by which columns, and which criteria each ignores.
_DIMENSIONS = {
    "contracts": (("contract",), ("contracts",)),
    "remote": (("remote",), ("remote",)),
    "experience": (("experience",), ("experience",)),
    "regions": (("region",), ("regions",)),
    "departments": (("department",), ("departments",)),
    "kinds": (("kind",), ("kinds",)),
    "roles": (("role",), ("roles",)),
    "skills": (("skill",), ()),
    "salaries": (("pay_step",), ("salary", "daily_rate")),
    "daily_rates": (("pay_step",), ("salary", "daily_rate")),
    "ages": (("newest",), ("since",)),
}
# In the order of CONDITIONS.
_CONDITIONS = ("contracts", "remote", "experience", "kinds")
# Different values of a column.
_MOST = 10_000
# From so many offers on, their skills are counted by SKILL_COLUMNS: quicker for each offer, but with nine times as many
# counts to add up.
MANY = 12_000


def count(
    searcher: Searcher,
    criteria: Criteria,
    *,
    now: datetime,
    thesaurus: Thesaurus = EMPTY,
    results: Results | None = None,
) -> Facets:
    """All of them, in one pass over the matching offers and one more for each criterion that is in use.

    Several conditions of work take one together. `criteria.q` is what was searched, see `Results`. With `results`, what
    this searcher found for the criteria, it is counted in the quickest way.
    """
    asked, found = Asked(searcher, criteria, thesaurus), {}
    many = results is None or results.total >= MANY
    dimensions = _DIMENSIONS | {"skills": (SKILL_COLUMNS, ())} if many else _DIMENSIONS
    conditions = tuple(name for name in _CONDITIONS if getattr(criteria, name))
    if len(conditions) > 1:
        query = asked.query(scored=False, without=conditions)
        answer = searcher.aggregate(query, {"met": {"terms": {"field": "combination", "size": _MOST}}})
        met = {int(bucket["key"]): bucket["doc_count"] for bucket in answer["met"]["buckets"]}
        found = _by_condition(met, criteria.conditions)
    passes: dict[tuple[str, ...], list[str]] = {}
    for name, (_, ignores) in dimensions.items():
        if name not in found:
            ignored = tuple(other for other in ignores if getattr(criteria, other))
            passes.setdefault(ignored, []).append(name)
    if results and results.matches is not None and (read := _read(searcher, results.matches, now)):
        # Nothing ignored: these are the matches themselves.
        found |= {name: read[name] for name in passes.pop((), ())}
    for ignored, names in passes.items():
        columns = {column for name in names for column in dimensions[name][0]}
        wanted = {column: _aggregation(column, now) for column in columns}
        answer = searcher.aggregate(asked.query(scored=False, without=ignored), wanted)
        for name in names:
            buckets = chain.from_iterable(answer[column]["buckets"] for column in dimensions[name][0])
            found[name] = _numbers(name, buckets)
    return Facets(**found)


def _read(searcher: Searcher, matches: Sequence, now: datetime) -> dict[str, dict] | None:
    """The counts of a few offers, by the values of each; None where one of them has more skills than can be read."""

    def values(column: str) -> list:
        return searcher.fast_field_values(column, matches)

    *first_skills, more_skills = SKILL_COLUMNS
    if any(values(more_skills)):
        return None
    departments = {AREAS[number]: count for number, count in Counter(values("area")).items() if number}
    regions = Counter()
    for code, count in departments.items():
        regions[REGION_OF[code].value] += count
    steps, newest = Counter(values("pay_step")), values("newest")
    ages = {days: sum(map(_since(now, days).__le__, newest)) for days in AGES}
    return _by_condition(Counter(values("combination")), NOTHING.conditions) | {
        "regions": dict(regions),
        "departments": departments,
        "roles": _without(0, Counter(values("role"))),
        "skills": _without(0, Counter(chain.from_iterable(map(values, first_skills)))),
        "salaries": _reached(steps, 0, SALARIES),
        "daily_rates": _reached(steps, DAILY, DAILY_RATES),
        "ages": {days: number for days, number in ages.items() if number},
    }


def _by_condition(met: dict[int, int], asked: tuple[frozenset[str], ...]) -> dict[str, dict[str, int]]:
    """From how many offers meet each of COMBINATIONS to how many each condition would give, beside what is `asked`.

    One pass for all of them, where each would take one of its own.
    """
    counts = [Counter() for _ in _CONDITIONS]
    asked = [(place, wanted) for place, wanted in enumerate(asked) if wanted]
    for number, count in met.items():
        values, missed = COMBINATIONS[number], None
        for place, wanted in asked:
            if values[place] not in wanted:
                if missed is not None:
                    break
                missed = place
        else:
            # What misses one condition counts for that one, whose own values do not count against it.
            for place in range(len(values)) if missed is None else (missed,):
                counts[place][values[place]] += count
    return {name: _without(UNKNOWN, count) for name, count in zip(_CONDITIONS, counts, strict=True)}


# What was counted for an index, and for which: other pages of a search, and other orders, have the same counts.
_kept: tuple[object, dict[tuple, Facets]] = (None, {})
MOST_KEPT = 200


def count_once(
    generation, searcher: Searcher, criteria: Criteria, *, now: datetime, thesaurus: Thesaurus, results: Results
) -> Facets:
    """The same as `count`, which is asked once by each process while neither the `generation` nor the minute change."""
    global _kept
    # Read once: another thread may put the counts of another index there at any moment.
    kept_for, kept = _kept
    if kept_for != generation or len(kept) >= MOST_KEPT:
        kept = {}
        _kept = (generation, kept)
    asked = (criteria, now)
    if asked not in kept:
        kept[asked] = count(searcher, criteria, now=now, thesaurus=thesaurus, results=results)
    return kept[asked]


def _aggregation(column: str, now: datetime) -> dict:
    if column != "newest":
        return {"terms": {"field": column, "size": _MOST}}
    starts = [_since(now, days) for days in reversed(AGES)]
    ranges = [{"from": low, "to": high} for low, high in pairwise(starts)]
    return {"range": {"field": column, "ranges": [*ranges, {"from": starts[-1]}]}}


def _since(now: datetime, days: int) -> int:
    return newest_key(now - timedelta(days=days)) >> ID_BITS << ID_BITS


def _numbers(name: str, buckets: Iterable[dict]) -> dict:
    """What the engine has counted, which gives whole numbers back as fractions."""
    if name == "ages":
        # Below the first is a range of the engine's own.
        counted = sorted((bucket["from"], bucket["doc_count"]) for bucket in buckets if "from" in bucket)
        return _at_least([count for _, count in counted], tuple(reversed(AGES)))
    counts = {}
    for bucket in buckets:
        key = bucket["key"]
        counts[key] = counts.get(key, 0) + bucket["doc_count"]
    if name == "salaries":
        return _reached(counts, 0, SALARIES)
    if name == "daily_rates":
        return _reached(counts, DAILY, DAILY_RATES)
    if name in ("roles", "skills"):
        return _without(0, {int(key): count for key, count in counts.items()})
    return _without(UNKNOWN, counts)


def _without(nothing, counts: dict) -> dict:
    counts.pop(nothing, None)
    return dict(counts)


def _reached(counts: dict[int, int], low: int, steps: tuple[int, ...]) -> dict[int, int]:
    """From how many stand on each `pay_step` above `low` to how many reach each of `steps`."""
    return _at_least([counts.get(low + place, 0) for place in range(1, len(steps) + 1)], steps)


def _at_least(counts: list[int], steps: tuple[int, ...]) -> dict[int, int]:
    """From how many stand between a step and the next to how many reach it."""
    totals = list(accumulate(reversed(counts)))[::-1]
    return {step: total for step, total in zip(steps, totals, strict=False) if total}
