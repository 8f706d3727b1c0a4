"""How many offers each value of each criterion would give, beside what is asked already.

A criterion ignores its own values: with “CDI” ticked, “CDD” shows what ticking it too would add. Skills are all wanted
together, so theirs count within the skills that are ticked.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate, chain, pairwise

from tantivy import Searcher

from offers.search.documents import BETWEEN, DAILY, DAILY_RATES, ID_BITS, SALARIES, SKILL_COLUMNS, UNKNOWN, newest_key
from offers.search.query import Asked, Criteria
from offers.search.synonyms import EMPTY, Thesaurus

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


# What is counted: by which columns, and which criteria it ignores.
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
    searcher: Searcher, criteria: Criteria, *, now: datetime, thesaurus: Thesaurus = EMPTY, total: int = MANY
) -> Facets:
    """All of them, in one pass over the matching offers and one more for each criterion that is in use.

    Several conditions of work take one together. `criteria.q` is what was searched, see `Results`; `total` is about how
    many offers match, for the quickest way to count.
    """
    asked, found = Asked(searcher, criteria, thesaurus), {}
    dimensions = _DIMENSIONS if total < MANY else _DIMENSIONS | {"skills": (SKILL_COLUMNS, ())}
    conditions = tuple(name for name in _CONDITIONS if getattr(criteria, name))
    if len(conditions) > 1:
        query = asked.query(scored=False, without=conditions)
        answer = searcher.aggregate(query, {"met": {"terms": {"field": "conditions", "size": _MOST}}})
        found = _by_condition(answer["met"]["buckets"], criteria)
    passes: dict[tuple[str, ...], list[str]] = {}
    for name, (_, ignores) in dimensions.items():
        if name not in found:
            ignored = tuple(other for other in ignores if getattr(criteria, other))
            passes.setdefault(ignored, []).append(name)
    for ignored, names in passes.items():
        columns = {column for name in names for column in dimensions[name][0]}
        wanted = {column: _aggregation(column, now) for column in columns}
        answer = searcher.aggregate(asked.query(scored=False, without=ignored), wanted)
        for name in names:
            buckets = [answer[column]["buckets"] for column in dimensions[name][0]]
            found[name] = _numbers(name, list(chain.from_iterable(buckets)))
    return Facets(**found)


def _by_condition(buckets: list[dict], criteria: Criteria) -> dict[str, dict[str, int]]:
    """From how many offers meet each combination of conditions to how many each condition would give.

    One pass for all of them, where each would take one of its own.
    """
    counts = [Counter() for _ in _CONDITIONS]
    asked = [(place, wanted) for place, wanted in enumerate(criteria.conditions) if wanted]
    for bucket in buckets:
        values, missed = _separate(bucket["key"]), None
        for place, wanted in asked:
            if values[place] not in wanted:
                if missed is not None:
                    break
                missed = place
        else:
            # What misses one condition counts for that one, whose own values do not count against it.
            for place in range(len(values)) if missed is None else (missed,):
                counts[place][values[place]] += bucket["doc_count"]
    for count in counts:
        del count[UNKNOWN]
    return {name: dict(count) for name, count in zip(_CONDITIONS, counts, strict=True)}


@lru_cache(maxsize=_MOST)
def _separate(conditions: str) -> list[str]:
    return conditions.split(BETWEEN)


# What was counted for an index, and for which: other pages of a search, and other orders, have the same counts.
_kept: tuple[object, dict[tuple, Facets]] = (None, {})
MOST_KEPT = 200


def count_once(
    generation, searcher: Searcher, criteria: Criteria, *, now: datetime, thesaurus: Thesaurus, total: int
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
        kept[asked] = count(searcher, criteria, now=now, thesaurus=thesaurus, total=total)
    return kept[asked]


def _aggregation(column: str, now: datetime) -> dict:
    if column != "newest":
        return {"terms": {"field": column, "size": _MOST}}
    starts = [_since(now, days) for days in reversed(AGES)]
    ranges = [{"from": low, "to": high} for low, high in pairwise(starts)]
    return {"range": {"field": column, "ranges": [*ranges, {"from": starts[-1]}]}}


def _since(now: datetime, days: int) -> int:
    return newest_key(now - timedelta(days=days)) >> ID_BITS << ID_BITS


def _numbers(name: str, buckets: list[dict]) -> dict:
    if name == "ages":
        # Below the first is a range of the engine's own.
        counted = sorted((bucket["from"], bucket["doc_count"]) for bucket in buckets if "from" in bucket)
        return _at_least([count for _, count in counted], tuple(reversed(AGES)))
    if name in ("salaries", "daily_rates"):
        low, steps = (0, SALARIES) if name == "salaries" else (DAILY, DAILY_RATES)
        counts = {int(bucket["key"]) - low: bucket["doc_count"] for bucket in buckets}
        return _at_least([counts.get(place, 0) for place in range(1, len(steps) + 1)], steps)
    counts = {}
    for bucket in buckets:
        key = bucket["key"]
        counts[key] = counts.get(key, 0) + bucket["doc_count"]
    for nothing in (0, UNKNOWN):
        counts.pop(nothing, None)
    # The engine gives whole numbers back as fractions.
    return {int(key): number for key, number in counts.items()} if name in ("roles", "skills") else counts


def _at_least(counts: list[int], steps: tuple[int, ...]) -> dict[int, int]:
    """From how many stand between a step and the next to how many reach it."""
    totals = list(accumulate(reversed(counts)))[::-1]
    return {step: total for step, total in zip(steps, totals, strict=False) if total}
