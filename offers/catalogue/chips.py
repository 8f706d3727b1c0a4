"""Links from a search to other searches: without one criterion, or with a minimum pay."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jobboard.text.numbers import NBSP, thousands
from offers.catalogue.parameters import PARAMETERS

# Parameters to remove with a parameter that they depend on.
REMOVED_TOGETHER = {"ou": ("ou", "rayon"), "q": ("q", "exact")}


@dataclass(frozen=True)
class Link:
    """A link to another search."""

    label: str
    url: str


@dataclass(frozen=True)
class Bracket:
    """A link to the search with a minimum pay, and the count of its offers."""

    label: str
    url: str
    count: int


def chips(search) -> list[Link]:
    """Return the labels of the criteria of an OfferFilter, each with the URL of the search without it."""
    return [Link(label, search.url(without=without)) for without, label in _labels(search.cleaned)]


def _labels(cleaned: dict) -> Iterator[tuple[tuple, str]]:
    """Yield, for each value, the argument `without` of `OfferFilter.url` that removes it, and its label."""
    for parameter in PARAMETERS:
        values = cleaned.get(parameter.name)
        if not values or not parameter.chip:
            continue
        if isinstance(values, list):
            for value in values:
                yield ((parameter.name, parameter.to_query(value)),), parameter.chip(value, cleaned)
        else:
            yield REMOVED_TOGETHER.get(parameter.name, (parameter.name,)), parameter.chip(values, cleaned)


def brackets(search, name: str, steps: tuple[int, ...], counts: dict[int, int]) -> list[Bracket]:
    """Return the brackets of a pay parameter; none if no matching offer states its pay."""
    if not any(counts.values()):
        return []
    base = search.url(without=(name,))
    base += f"{'&' if '?' in base else '?'}{name}="
    chosen = search.cleaned.get(name)
    return [Bracket(_euros(step), f"{base}{step}", counts.get(step, 0)) for step in steps if step != chosen]


@lru_cache
def _euros(amount: int) -> str:
    return f"{thousands(amount)}{NBSP}€"
