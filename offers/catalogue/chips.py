"""A search in words and in links: its chips, its title, and other searches one click away."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jobboard.text.numbers import NBSP, thousands
from offers.catalogue.parameters import PARAMETERS

# Parameters that make no sense without another one, which are removed with it.
TOGETHER = {"ou": ("ou", "rayon"), "q": ("q", "exact")}


@dataclass(frozen=True)
class Link:
    """Another search, one click away."""

    label: str
    url: str


@dataclass(frozen=True)
class Bracket:
    """A search for at least so much pay, one click away, with the count of its offers."""

    label: str
    url: str
    count: int


def chips(search) -> list[Link]:
    """Return what narrows an OfferFilter, each with the URL of the search without it."""
    return [Link(label, search.url(without=without)) for without, label in _labels(search.cleaned)]


def _labels(cleaned: dict) -> Iterator[tuple[tuple, str]]:
    """Yield, for each value, the `without` of `OfferFilter.url` that removes it, and its words."""
    for parameter in PARAMETERS:
        values = cleaned.get(parameter.name)
        if not values or not parameter.chip:
            continue
        if isinstance(values, list):
            for value in values:
                yield ((parameter.name, parameter.written(value)),), parameter.chip(value, cleaned)
        else:
            yield TOGETHER.get(parameter.name, (parameter.name,)), parameter.chip(values, cleaned)


def brackets(search, name: str, steps: tuple[int, ...], counts: dict[int, int]) -> list[Bracket]:
    """Return the steps of a pay parameter; none where no matching offer says what it pays."""
    if not any(counts.values()):
        return []
    base = search.url(without=(name,))
    base += f"{'&' if '?' in base else '?'}{name}="
    chosen = search.cleaned.get(name)
    return [Bracket(_euros(step), f"{base}{step}", counts.get(step, 0)) for step in steps if step != chosen]


@lru_cache
def _euros(amount: int) -> str:
    return f"{thousands(amount)}{NBSP}€"
