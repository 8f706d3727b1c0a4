"""The criteria of a search beside its words, and the queries that narrow a search by them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime

from tantivy import Query

from offers.fields import CHOICE_FILTERS
from offers.search.documents import ID_BITS, NUMBER_OF_AREA, NUMBER_OF_REGION, newest_key
from offers.search.terms import any_of, any_term, at_least, term


def choices(**values: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return `Criteria.choices` from the values of each facet: `choices(contract=["cdi", "cdd"], remote=["100"])`."""
    return frozenset((facet, value) for facet, several in values.items() for value in several)


@dataclass(frozen=True)
class Criteria:
    """A search. An empty criterion does not narrow it; values within one criterion widen it, criteria narrow it.

    `choices` are pairs of a facet and a value of the choice filters (`offers/fields.py`). `places`, `roles`, `skills`
    and `company` are primary keys, and an offer has all of `skills`. `salary` (€ a year) and `daily_rate` (€) together
    find offers that reach either. `since` is the earliest datetime of publication.
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
    since: datetime | None = None

    def chosen(self, facet: str) -> frozenset[str]:
        """Return the values of a choice filter."""
        return frozenset(value for name, value in self.choices if name == facet)

    def uses(self, criterion: str) -> bool:
        """Return whether a criterion, a field or the facet of a choice filter, narrows the search."""
        return bool(getattr(self, criterion) if criterion in _FIELDS else self.chosen(criterion))

    def without(self, criteria: Iterable[str]) -> "Criteria":
        """Return the search with some criteria removed."""
        removed = set(criteria)
        unset = {name: getattr(_UNSET, name) for name in removed & _FIELDS}
        kept = frozenset(choice for choice in self.choices if choice[0] not in removed)
        return replace(self, **{"choices": kept, **unset})


_FIELDS = frozenset(field.name for field in fields(Criteria))
_UNSET = Criteria()


def narrowing_queries(criteria: Criteria) -> list[Query]:
    """Return the queries that an offer has to match, one for each criterion but the words."""
    queries = []
    if criteria.places is not None:
        queries.append(any_term("place", criteria.places) if criteria.places else Query.empty_query())
    numbers = {
        "region": [NUMBER_OF_REGION[code] for code in criteria.regions],
        "area": [NUMBER_OF_AREA[code] for code in criteria.departments],
        "role": criteria.roles,
    }
    for each in CHOICE_FILTERS:
        numbers[each.facet] = [each.numbers[value] for value in criteria.chosen(each.facet)]
    queries += [any_term(name, values) for name, values in numbers.items() if values]
    queries += [term("skill", skill) for skill in sorted(criteria.skills)]
    if criteria.company is not None:
        queries.append(term("employer", criteria.company) if criteria.company else Query.empty_query())
    pay = (("pay_year", criteria.salary), ("pay_day", criteria.daily_rate))
    if reached := [at_least(name, amount) for name, amount in pay if amount]:
        queries.append(any_of(reached))
    if criteria.since:
        queries.append(at_least("newest", newest_key(criteria.since) >> ID_BITS << ID_BITS))
    return queries
