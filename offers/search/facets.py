"""How many offers each value of each criterion would give, beside what is asked already.

A criterion ignores its own values: with “CDI” ticked, “CDD” shows what ticking it too would add. Skills are all wanted
together, so theirs count within the skills that are ticked.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from tantivy import Searcher

from offers.search.documents import ID_BITS, UNKNOWN, newest_key
from offers.search.query import Asked, Criteria
from offers.search.synonyms import EMPTY, Thesaurus

SALARIES = (30_000, 35_000, 40_000, 45_000, 50_000, 60_000, 70_000, 80_000, 100_000)
DAILY_RATES = (300, 400, 500, 600, 700, 800)
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


# What is counted: by which field, and which criteria it ignores.
_DIMENSIONS = {
    "contracts": ("contract", ("contracts",)),
    "remote": ("remote", ("remote",)),
    "experience": ("experience", ("experience",)),
    "regions": ("region", ("regions",)),
    "departments": ("department", ("departments",)),
    "kinds": ("kind", ("kinds",)),
    "roles": ("role", ("roles",)),
    "skills": ("skill", ()),
    "salaries": ("pay_year", ("salary", "daily_rate")),
    "daily_rates": ("pay_day", ("salary", "daily_rate")),
    "ages": ("newest", ("since",)),
}
_MOST = 1_000


def count(
    searcher: Searcher,
    criteria: Criteria,
    *,
    now: datetime,
    thesaurus: Thesaurus = EMPTY,
    dimensions: tuple[str, ...] = tuple(_DIMENSIONS),
    skills: int = 30,
) -> Facets:
    """All `dimensions`, in one pass over the matching offers and one more for each criterion that is in use.

    Of the skills, the `skills` most wanted and those of `criteria`. `criteria.q` is what was searched, see `Results`.
    """
    asked = Asked(searcher, criteria, thesaurus)
    passes: dict[tuple[str, ...], list[str]] = {}
    for name in dimensions:
        ignored = tuple(other for other in _DIMENSIONS[name][1] if getattr(criteria, other))
        passes.setdefault(ignored, []).append(name)
    found = {}
    for ignored, names in passes.items():
        wanted = {name: _aggregation(name, now, skills) for name in names}
        answer = searcher.aggregate(asked.query(scored=False, without=ignored), wanted)
        found |= {name: _numbers(name, answer[name]["buckets"]) for name in names}
    for skill in criteria.skills - found.get("skills", {}).keys() if "skills" in dimensions else ():
        # Beyond the most wanted; all that match ask for it.
        if total := asked.count():
            found["skills"][skill] = total
    return Facets(**found)


def _aggregation(name: str, now: datetime, skills: int) -> dict:
    column = _DIMENSIONS[name][0]
    if name in ("salaries", "daily_rates"):
        steps = [*(SALARIES if name == "salaries" else DAILY_RATES), None]
    elif name == "ages":
        steps = [_since(now, days) for days in reversed(AGES)] + [None]
    else:
        return {"terms": {"field": column, "size": skills if name == "skills" else _MOST}}
    ranges = [{"from": low, "to": high} if high else {"from": low} for low, high in pairwise(steps)]
    return {"range": {"field": column, "ranges": ranges}}


def _since(now: datetime, days: int) -> int:
    return newest_key(now - timedelta(days=days)) >> ID_BITS << ID_BITS


def _numbers(name: str, buckets: list[dict]) -> dict:
    if _DIMENSIONS[name][0] not in ("pay_year", "pay_day", "newest"):
        return {
            (int(bucket["key"]) if name in ("roles", "skills") else bucket["key"]): bucket["doc_count"]
            for bucket in buckets
            if bucket["key"] not in (0, UNKNOWN)
        }
    if not buckets:
        return {}
    # From the ranges between the steps to “from this step on”. Below the first step is a range of the engine's own.
    counted = [bucket["doc_count"] for bucket in sorted(buckets, key=lambda b: b.get("from", -1)) if "from" in bucket]
    totals = list(accumulate(reversed(counted)))[::-1]
    if name == "ages":
        return {days: total for days, total in zip(reversed(AGES), totals, strict=True) if total}
    steps = SALARIES if name == "salaries" else DAILY_RATES
    return {step: total for step, total in zip(steps, totals, strict=True) if total}
