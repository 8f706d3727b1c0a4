"""How many offers each value of each criterion would find, beside the rest of the search.

A facet ignores its own values: with “CDI” ticked, “CDD” says how many offers ticking it too would add. Skills narrow
each other, so theirs count within the skills that are ticked.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, chain

from tantivy import Query, Searcher

from offers.fields import CHOICE_FILTERS, ChoiceFilter
from offers.places.territories import DEPARTMENT_REGION
from offers.search.criteria import Criteria
from offers.search.documents import (
    AREAS,
    CHOICE_NUMBERS,
    DAILY,
    DAILY_RATES,
    SALARIES,
    SKILL_COLUMNS,
    day,
    unpack_choices,
)
from offers.search.query import Results, SearchRequest
from offers.search.synonyms import EMPTY, Thesaurus

AGES = (1, 3, 7, 14, 30)
# Most different values of a numeric field.
MOST_VALUES = 10_000
# From so many offers on, skills are counted by SKILL_COLUMNS: faster for each offer, with nine times as many buckets.
MANY = 12_000
# Most searches whose counts are cached.
CACHE_SIZE = 200

# Offers by value of a numeric field of the index.
Counts = dict[int, int]
# Offers by value of each facet, by facet name. A value without offers is missing.
FacetCounts = dict[str, dict]


@dataclass(frozen=True)
class Facet:
    """Counts by one numeric field of the index.

    `ignores`: the criteria that do not narrow the counts. `decode` turns the counts of the field, and the day that the
    ages of offers are counted from (`documents.day`), into those of the facet.
    """

    name: str
    field: str
    ignores: tuple[str, ...]
    decode: Callable[[Counts, int], dict]

    def ignored(self, criteria: Criteria) -> tuple[str, ...]:
        """Return the criteria in use that do not narrow the counts."""
        return tuple(criterion for criterion in self.ignores if criteria.uses(criterion))


def _choice_facet(choice_filter: ChoiceFilter) -> Facet:
    def decode(counts: Counts, today: int) -> dict[str, int]:
        return {value: counts[number] for number, value in choice_filter.values.items() if counts.get(number)}

    return Facet(choice_filter.facet, choice_filter.facet, (choice_filter.facet,), decode)


def _decode_pks(counts: Counts, today: int) -> dict[int, int]:
    return {pk: count for pk, count in counts.items() if pk}


def _decode_departments(counts: Counts, today: int) -> dict[str, int]:
    return {AREAS[number]: count for number, count in counts.items() if number}


def _decode_regions(counts: Counts, today: int) -> dict[str, int]:
    regions = Counter()
    for code, count in _decode_departments(counts, today).items():
        regions[DEPARTMENT_REGION[code].value] += count
    return dict(regions)


def _pay_facet(name: str, base: int, steps: tuple[int, ...]) -> Facet:
    """Return the facet of the offers that pay at least each of `steps`; `base` is the `pay_step` below the first."""

    def decode(counts: Counts, today: int) -> dict[int, int]:
        on_step = [counts.get(base + place, 0) for place in range(1, len(steps) + 1)]
        reached = list(accumulate(reversed(on_step)))[::-1]
        return {step: count for step, count in zip(steps, reached, strict=True) if count}

    return Facet(name, "pay_step", ("salary", "daily_rate"), decode)


def _decode_ages(counts: Counts, today: int) -> dict[int, int]:
    """Return how many offers are at most so many days old, by calendar day."""
    ages = {days: sum(count for at, count in counts.items() if at >= today - days) for days in AGES}
    return {days: count for days, count in ages.items() if count}


FACETS = (
    *map(_choice_facet, CHOICE_FILTERS),
    Facet("regions", "area", ("regions",), _decode_regions),
    Facet("departments", "area", ("departments",), _decode_departments),
    Facet("roles", "role", ("roles",), _decode_pks),
    Facet("skills", "skill", (), _decode_pks),
    _pay_facet("salaries", 0, SALARIES),
    _pay_facet("daily_rates", DAILY, DAILY_RATES),
    Facet("ages", "day", ("since",), _decode_ages),
)


def count(
    searcher: Searcher,
    criteria: Criteria,
    *,
    now: datetime,
    thesaurus: Thesaurus = EMPTY,
    results: Results | None = None,
) -> FacetCounts:
    """Count all facets: one aggregation of the matching offers, and one more for each facet that is in use.

    Choice filters share theirs: see `_count_choices`.

    `criteria.q` is the text that was searched, see `Results`. `results`, those of this searcher for the criteria, let
    the fastest way be chosen. Ages are counted from the day of `now`.
    """
    request, today = SearchRequest(searcher, criteria, thesaurus), day(now)
    passes: dict[tuple[str, ...], list[Facet]] = {}
    for facet in FACETS:
        passes.setdefault(facet.ignored(criteria), []).append(facet)
    decoded = {}
    if len(chosen := _chosen_numbers(criteria)) > 1:
        packed = _aggregate(searcher, request.query(scored=False, without=tuple(chosen)), {"choices"}, many=False)
        for name, counts in _count_choices(packed["choices"], chosen).items():
            (facet,) = passes.pop((name,))
            decoded[name] = facet.decode(counts, today)
    for ignored, facets in passes.items():
        names, counts = {facet.field for facet in facets}, None
        if not ignored and results and results.matches is not None:
            counts = _read(searcher, results.matches, names)
        if counts is None:
            many = results is None or results.total >= MANY
            counts = _aggregate(searcher, request.query(scored=False, without=ignored), names, many)
        decoded |= {facet.name: facet.decode(counts[facet.field], today) for facet in facets}
    return decoded


def _chosen_numbers(criteria: Criteria) -> dict[str, set[int]]:
    """Return the numbers of the chosen values of each choice filter that is in use, by facet."""
    return {
        each.facet: {each.numbers[value] for value in chosen}
        for each in CHOICE_FILTERS
        if (chosen := criteria.chosen(each.facet))
    }


def _count_choices(packed: Counts, chosen: dict[str, set[int]]) -> dict[str, Counts]:
    """Count the values of several choice filters from one aggregation without all of them.

    An offer that has chosen values of all counts for each; one that misses a single filter counts for that one, which
    ignores its own values. With three filters and words a search took half as long again with a pass for each.
    """
    counts = {facet: Counter() for facet in chosen}
    wanted = [(position, chosen[name], counts[name]) for position, name in enumerate(CHOICE_NUMBERS) if name in chosen]
    for value, count in packed.items():
        numbers = unpack_choices(value)
        missed = [each for each in wanted if numbers[each[0]] not in each[1]]
        if len(missed) < 2:
            for position, _, counted in missed or wanted:
                counted[numbers[position]] += count
    return counts


def ignored_criteria(criteria: Criteria) -> set[tuple[str, ...]]:
    """Return the criteria in use that each count ignores, and () for the results."""
    return {(), *(facet.ignored(criteria) for facet in FACETS)}


def _aggregate(searcher: Searcher, query: Query, names: set[str], many: bool) -> dict[str, Counts]:
    """Count by an aggregation of Tantivy."""
    columns = names - {"skill"} | set(SKILL_COLUMNS) if many and "skill" in names else names
    answer = searcher.aggregate(query, {name: {"terms": {"field": name, "size": MOST_VALUES}} for name in columns})
    counts = {name: dict(map(decode_bucket, answer[name]["buckets"])) for name in columns}
    if many and "skill" in names:
        skills = counts["skill"] = Counter()
        for name in SKILL_COLUMNS:
            skills.update(counts.pop(name))
    return counts


def decode_bucket(bucket: dict) -> tuple[int, int]:
    """Return the value and the count of a bucket; Tantivy returns whole numbers as floats."""
    return int(bucket["key"]), bucket["doc_count"]


def _read(searcher: Searcher, matches: Sequence, names: set[str]) -> dict[str, Counts] | None:
    """Count by reading the values of each match; None where one has more skills than the columns of a single value."""

    def values(name: str) -> list:
        return searcher.fast_field_values(name, matches)

    counts = {name: Counter(values(name)) for name in names - {"skill"}}
    if "skill" in names:
        *first_skills, more_skills = SKILL_COLUMNS
        if any(values(more_skills)):
            return None
        counts["skill"] = Counter(chain.from_iterable(map(values, first_skills)))
    return counts


# The generation of the index, and the counts for it: other pages and orders of a search have the same counts.
_cache: tuple[object, dict[tuple, FacetCounts]] = (None, {})


def count_once(
    generation, searcher: Searcher, criteria: Criteria, *, now: datetime, thesaurus: Thesaurus, results: Results
) -> FacetCounts:
    """Return `count`, cached in this process by criteria and `now` while the `generation` of the index stays."""
    global _cache
    # Read once: another thread may replace it at any time.
    cached_for, cached = _cache
    if cached_for != generation or len(cached) >= CACHE_SIZE:
        cached = {}
        _cache = (generation, cached)
    cache_key = (criteria, now)
    if cache_key not in cached:
        cached[cache_key] = count(searcher, criteria, now=now, thesaurus=thesaurus, results=results)
    return cached[cache_key]
