"""The criteria of a search, and their queries."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime

from tantivy import Query

from careers.enums import Level
from offers.fields import CHOICE_FILTERS, EXPERIENCE, FULLY_REMOTE, REMOTE
from offers.search.documents import AREA_POSITIONS, REGION_POSITIONS
from offers.search.terms import any_of, any_term, at_least, none_of, term

# Scores of a preferred choice, and of the commune that a radius is drawn around; a word in a title has 10 to 20.
CHOICE, CENTRE = 3.0, 4.0
_REMOTE_SHARES = {FULLY_REMOTE: 1.0, "3-5": 0.6}
_SENIOR = frozenset((Level.CONFIRMED, Level.EXPERT))


def choices(**values: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return `Criteria.choices` from the values of each facet: `choices(contract=["cdi", "cdd"], remote=["100"])`."""
    return frozenset((facet, value) for facet, several in values.items() for value in several)


@dataclass(frozen=True)
class Criteria:
    """A search: the conjunction of its criteria, each of which is a disjunction of its values.

    Empty criteria do not filter. `choices` are (facet, value) pairs of the choice filters (`offers/fields.py`).
    `places`, `roles`, `skills` and `company` are pks; offers need all of `skills`. `salary` (€ per year) and
    `daily_rate` (€ per day) are minimums, of which one is enough. `pay_stated`: whether offers state any pay.
    `since` is the earliest datetime of publication.
    `centres` are the communes around which `places` are searched: they do not filter, but come first by relevance.
    """

    q: str = ""
    places: frozenset[int] | None = None
    regions: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    choices: frozenset[tuple[str, str]] = frozenset()
    roles: frozenset[int] = frozenset()
    skills: frozenset[int] = frozenset()
    company: int | None = None
    salary: int | None = None
    daily_rate: int | None = None
    pay_stated: bool | None = None
    since: datetime | None = None
    centres: frozenset[int] = frozenset()

    def chosen(self, facet: str) -> frozenset[str]:
        """Return the selected values of a choice filter."""
        return frozenset(value for name, value in self.choices if name == facet)

    def uses(self, criterion: str) -> bool:
        """Return whether a criterion (a field name, or the facet of a choice filter) is not empty."""
        return bool(getattr(self, criterion) if criterion in _FIELDS else self.chosen(criterion))

    def without(self, criteria: Iterable[str]) -> "Criteria":
        """Return the search without some criteria."""
        removed = set(criteria)
        unset = {name: getattr(_UNSET, name) for name in removed & _FIELDS}
        choices = frozenset(choice for choice in self.choices if choice[0] not in removed)
        return replace(self, **{"choices": choices, **unset})


_FIELDS = frozenset(field.name for field in fields(Criteria))
_UNSET = Criteria()


def preferences(criteria: Criteria) -> list[tuple[Query, float]]:
    """Return queries, each with a score, that order offers which all match the criteria.

    More remote days come before fewer, the higher level of “senior” before the lower, and a town before its
    surroundings.
    """
    remote, levels = criteria.chosen(REMOTE.facet), criteria.chosen(EXPERIENCE.facet)
    scores = {}
    if len(remote) > 1:
        scores[REMOTE] = {value: share for value, share in _REMOTE_SHARES.items() if value in remote}
    if levels == _SENIOR:
        scores[EXPERIENCE] = {Level.EXPERT: 1.0}
    preferred = [
        (term(each.facet, each.numbers[value]), CHOICE * share)
        for each, shares in scores.items()
        for value, share in shares.items()
    ]
    if criteria.centres and criteria.centres != criteria.places:
        preferred.append((any_term("place", criteria.centres), CENTRE))
    return preferred


def narrowing_queries(criteria: Criteria) -> list[Query]:
    """Return the queries of all criteria except the words; offers have to match all of them."""
    queries = []
    if criteria.places is not None:
        queries.append(any_term("place", criteria.places) if criteria.places else Query.empty_query())
    values_by_field = {
        "region": [REGION_POSITIONS[code] for code in criteria.regions],
        "area": [AREA_POSITIONS[code] for code in criteria.departments],
        "role": criteria.roles,
    }
    for each in CHOICE_FILTERS:
        values_by_field[each.facet] = [each.numbers[value] for value in criteria.chosen(each.facet)]
    queries += [any_term(name, values) for name, values in values_by_field.items() if values]
    queries += [term("skill", skill) for skill in sorted(criteria.skills)]
    if criteria.company is not None:
        queries.append(term("employer", criteria.company) if criteria.company else Query.empty_query())
    pay = (("pay_year", criteria.salary), ("pay_day", criteria.daily_rate))
    if reached := [at_least(name, amount) for name, amount in pay if amount]:
        queries.append(any_of(reached))
    if criteria.pay_stated is not None:
        stated = any_of([at_least(name, 1) for name, _ in pay])
        queries.append(stated if criteria.pay_stated else none_of(stated))
    if criteria.since:
        queries.append(at_least("published", int(criteria.since.timestamp())))
    return queries
