"""How many offers each value of each criterion would give, beside what is asked already.

A criterion ignores its own values: with “CDI” ticked, “CDD” shows what ticking it too would add. Skills are all wanted
together, so theirs count within the skills that are ticked.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate, chain

from tantivy import Query, Searcher

from offers.places.territories import DEPARTMENT_REGION
from offers.search.documents import (
    AREAS,
    COMBINATIONS,
    CONDITIONS,
    DAILY,
    DAILY_RATES,
    SALARIES,
    SKILL_COLUMNS,
    UNKNOWN,
    day,
)
from offers.search.query import Asked, Criteria, Results
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


# What is counted by each column, and which criteria that ignores.
_COUNTED = {
    "conditions": ("combination", ("contracts", "remote", "experience", "kinds")),
    "regions": ("area", ("regions",)),
    "departments": ("area", ("departments",)),
    "roles": ("role", ("roles",)),
    "skills": ("skill", ()),
    "pay": ("pay_step", ("salary", "daily_rate")),
    "ages": ("day", ("since",)),
}
# In the order of CONDITIONS.
_CONDITIONS = _COUNTED["conditions"][1]
# All of their values in a row, and where in it those of each of COMBINATIONS are.
_VALUES = [(name, value) for name, values in zip(_CONDITIONS, CONDITIONS.values(), strict=True) for value in values]
_PLACES = [tuple(map(_VALUES.index, zip(_CONDITIONS, values, strict=True))) for values in COMBINATIONS]
# Different values of a column.
_MOST = 10_000
# From so many offers on, their skills are counted by SKILL_COLUMNS: quicker for each offer, but with nine times as many
# counts to add up.
MANY = 12_000
# How many offers have each value of a column.
Counts = dict[int, int]


def count(
    searcher: Searcher,
    criteria: Criteria,
    *,
    now: datetime,
    thesaurus: Thesaurus = EMPTY,
    results: Results | None = None,
) -> Facets:
    """All of them, in one pass over the matching offers and one more for each criterion that is in use.

    The conditions of work take one together. `criteria.q` is what was searched, see `Results`. With `results`, what
    this searcher found for the criteria, it is counted in the quickest way. Days are those of the calendar.
    """
    asked, found = Asked(searcher, criteria, thesaurus), {}
    passes: dict[tuple[str, ...], list[str]] = {}
    for name, (_, ignores) in _COUNTED.items():
        ignored = tuple(other for other in ignores if getattr(criteria, other))
        passes.setdefault(ignored, []).append(name)
    for ignored, names in passes.items():
        columns, counts = {_COUNTED[name][0] for name in names}, None
        if not ignored and results and results.matches is not None:
            # These are the matches themselves.
            counts = _read(searcher, results.matches, columns)
        if counts is None:
            many = results is None or results.total >= MANY
            counts = _counted(searcher, asked.query(scored=False, without=ignored), columns, many)
        for name in names:
            found |= _told(name, counts[_COUNTED[name][0]], criteria, now)
    return Facets(**found)


def ignored_criteria(criteria: Criteria) -> set[tuple[str, ...]]:
    """Return the criteria in use that each count ignores, and () for the results."""
    return {(), *(tuple(name for name in names if getattr(criteria, name)) for _, names in _COUNTED.values())}


def _counted(searcher: Searcher, query: Query, columns: set[str], many: bool) -> dict[str, Counts]:
    """By the engine."""
    asked = columns - {"skill"} | set(SKILL_COLUMNS) if many and "skill" in columns else columns
    answer = searcher.aggregate(query, {column: {"terms": {"field": column, "size": _MOST}} for column in asked})
    # The engine gives whole numbers back as fractions.
    counts = {
        column: {int(bucket["key"]): bucket["doc_count"] for bucket in answer[column]["buckets"]} for column in asked
    }
    if many and "skill" in columns:
        skills = counts["skill"] = {}
        for skill, number in chain.from_iterable(counts.pop(column).items() for column in SKILL_COLUMNS):
            skills[skill] = skills.get(skill, 0) + number
    return counts


def _read(searcher: Searcher, matches: Sequence, columns: set[str]) -> dict[str, Counts] | None:
    """The same of a few offers, by the values of each; None where one of them has more skills than can be read."""

    def values(column: str) -> list:
        return searcher.fast_field_values(column, matches)

    counts = {column: Counter(values(column)) for column in columns - {"skill"}}
    if "skill" in columns:
        *first_skills, more_skills = SKILL_COLUMNS
        if any(values(more_skills)):
            return None
        counts["skill"] = Counter(chain.from_iterable(map(values, first_skills)))
    return counts


def _told(name: str, counts: Counts, criteria: Criteria, now: datetime) -> dict[str, dict]:
    """What the counts of a column say, by the names that Facets has for it."""
    match name:
        case "conditions":
            return _by_condition(counts, criteria.conditions)
        case "departments":
            return {name: _by_department(counts)}
        case "regions":
            regions = Counter()
            for code, count in _by_department(counts).items():
                regions[DEPARTMENT_REGION[code].value] += count
            return {name: dict(regions)}
        case "pay":
            return {"salaries": _reached(counts, 0, SALARIES), "daily_rates": _reached(counts, DAILY, DAILY_RATES)}
        case "ages":
            today = day(now)
            ages = {days: sum(count for at, count in counts.items() if at >= today - days) for days in AGES}
            return {name: {days: number for days, number in ages.items() if number}}
    # 0 stands for none.
    return {name: {number: count for number, count in counts.items() if number}}


def _by_department(counts: Counts) -> dict[str, int]:
    return {AREAS[number]: count for number, count in counts.items() if AREAS[number] != UNKNOWN}


def _by_condition(met: Counts, asked: tuple[frozenset[str], ...]) -> dict[str, dict[str, int]]:
    """From how many offers meet each of COMBINATIONS to how many each condition would give, beside what is `asked`.

    One pass for all of them, where each would take one of its own.
    """
    # In a row, since every search does this for hundreds of combinations.
    counts = [0] * len(_VALUES)
    asked = [(place, wanted) for place, wanted in enumerate(asked) if wanted]
    for number, count in met.items():
        values = COMBINATIONS[number]
        missed = [place for place, wanted in asked if values[place] not in wanted] if asked else ()
        if not missed:
            contract, remote, experience, kind = _PLACES[number]
            counts[contract] += count
            counts[remote] += count
            counts[experience] += count
            counts[kind] += count
        elif len(missed) == 1:
            # What misses one condition counts for that one, whose own values do not count against it.
            counts[_PLACES[number][missed[0]]] += count
    told = {name: {} for name in _CONDITIONS}
    for (name, value), count in zip(_VALUES, counts, strict=True):
        if count and value != UNKNOWN:
            told[name][value] = count
    return told


def _reached(counts: Counts, low: int, steps: tuple[int, ...]) -> dict[int, int]:
    """From how many stand on each `pay_step` above `low` to how many reach each of `steps`."""
    return _at_least([counts.get(low + place, 0) for place in range(1, len(steps) + 1)], steps)


def _at_least(counts: list[int], steps: tuple[int, ...]) -> dict[int, int]:
    """From how many stand between a step and the next to how many reach it."""
    totals = list(accumulate(reversed(counts)))[::-1]
    return {step: total for step, total in zip(steps, totals, strict=False) if total}


# What was counted for an index, and for which: other pages of a search, and other orders, have the same counts.
_kept: tuple[object, dict[tuple, Facets]] = (None, {})
MOST_KEPT = 200


def count_once(
    generation, searcher: Searcher, criteria: Criteria, *, now: datetime, thesaurus: Thesaurus, results: Results
) -> Facets:
    """The same as `count`, which is asked once by each process while neither the `generation` nor `now` change."""
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
