"""Links from a search to other searches: without one criterion, or with a minimum pay."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jobboard.text.numbers import NBSP, thousands
from offers.catalogue.parameters import PARAMETERS, PARAMETERS_BY_NAME, Control
from offers.catalogue.understood import condition_kind, condition_label

# Parameters to remove with a parameter that they depend on.
_AMOUNTS = ("salaire", "tjm", "depuis")
REMOVED_TOGETHER = {"ou": ("ou", "rayon"), "q": ("q", "exact")}


@dataclass(frozen=True)
class Link:
    """A link to another search. `kind` is that of a condition which the search box has understood."""

    label: str
    url: str
    kind: str = ""


@dataclass(frozen=True)
class Chip(Link):
    """A criterion, and the URL of the search without it. `is_text`: the label is a text that a visitor has typed."""

    is_text: bool = False


@dataclass(frozen=True)
class CountedLink:
    """A link to another search, and the count of its offers."""

    label: str
    url: str
    count: int


def chips(search) -> list[Chip]:
    """Return the criteria of an OfferFilter: first the conditions and the words of the search box."""
    return [*_text_chips(search), *_field_chips(search)]


def _text_chips(search) -> Iterator[Chip]:
    read, cleaned = search.understanding, search.cleaned
    by_label: dict[str, list] = {}
    for condition in read.conditions:
        # Of amounts the one of the form has priority, then the first one. The place has the radius.
        is_applied = condition is read.of(condition.parameter)[0] and not cleaned.get(condition.parameter)
        if condition.parameter != "rayon" and (condition.parameter not in _AMOUNTS or is_applied):
            by_label.setdefault(condition_label(condition), []).append(condition)
    for label, conditions in by_label.items():
        parameter, removed = conditions[0].parameter, REMOVED_TOGETHER["q"]
        if parameter == "ou":
            label += f" et {search.radius}{NBSP}km autour" if search.radius and search.has_communes else ""
            removed = (*removed, "rayon") if len(read.areas) == 1 else removed
        text = read.without(conditions)
        yield Chip(label, search.url(without=removed, q=text), condition_kind(conditions[0]))
    if read.words:
        text, kind = read.without_words, "mots" if read.conditions else ""
        yield Chip(read.words, search.url(without=REMOVED_TOGETHER["q"], q=text), kind, is_text=True)


def _field_chips(search) -> Iterator[Chip]:
    cleaned = search.cleaned
    for parameter in PARAMETERS:
        values = cleaned.get(parameter.name)
        if not values or not parameter.chip or parameter.name == "q":
            continue
        if isinstance(values, list):
            for value in values:
                pair = (parameter.name, parameter.to_query(value))
                yield Chip(parameter.chip(value, cleaned), search.url(without=(pair,)))
        else:
            names = REMOVED_TOGETHER.get(parameter.name, (parameter.name,))
            yield Chip(parameter.chip(values, cleaned), search.url(without=names))


def chosen_labels(search, name: str) -> list[str]:
    """Return the short labels of the values of a parameter, for the summary of its group of filters."""
    parameter, values, cleaned = PARAMETERS_BY_NAME[name], search.cleaned.get(name), search.cleaned
    if not values:
        return []
    if parameter.control == Control.CHECKBOXES or not parameter.chip:
        labels = dict(search.form.fields[name].choices)
        # “Confirmé” of “Confirmé, 4 à 8 ans”.
        return [labels[str(value)].partition(",")[0] for value in (values if isinstance(values, list) else [values])]
    return [parameter.chip(value, cleaned) for value in (values if isinstance(values, list) else [values])]


def brackets(search, name: str, steps: tuple[int, ...], counts: dict[int, int]) -> list[CountedLink]:
    """Return the brackets of a pay parameter; none if no matching offer states its pay."""
    if not any(counts.values()):
        return []
    base = search.url(without=(name,))
    base += f"{'&' if '?' in base else '?'}{name}="
    chosen = search.cleaned.get(name)
    return [CountedLink(_euros(step), f"{base}{step}", counts.get(step, 0)) for step in steps if step != chosen]


@lru_cache
def _euros(amount: int) -> str:
    return f"{thousands(amount)}{NBSP}€"
