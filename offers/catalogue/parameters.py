"""Declarations of the query parameters of the list of offers: form field, chip, counts, and value in saved searches.

Those with a few known values are derived from `offers/fields.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import django_filters
from django import forms
from django.urls import reverse_lazy

from jobboard.text.fields import AmountField
from jobboard.text.numbers import NBSP, thousands
from offers.catalogue.fields import (
    ChoiceField,
    MultipleChoiceField,
    SkillsField,
    shallow_copy,
)
from offers.fields import CHOICE_FILTERS, FILTERS, ChoiceFilter
from offers.models.offer import PAY_BOUNDS
from offers.places.areas import PostalArea, area_name
from offers.places.territories import DEPARTMENT_REGION, Department, Region
from offers.search.facets import FacetCounts
from offers.search.query import DATE, RELEVANCE, SALARY
from offers.search.vocabulary import Vocabulary
from offers.understanding.durations import RADII

RADIUS = [(str(km), f"{km}{NBSP}km autour") for km in RADII]
SINCE = [
    ("1", "Hier ou aujourd’hui"),
    ("3", "3 jours"),
    ("7", "7 jours"),
    ("14", "14 jours"),
    ("30", "30 jours"),
]
# Values of `remuneration`: whether offers state their pay.
PAY_STATED, PAY_NOT_STATED = "indiquee", "non-indiquee"
PAY_STATED_LABELS = {PAY_STATED: "Salaire communiqué", PAY_NOT_STATED: "Salaire non communiqué"}
# The values of `tri`, and the orders of `offers.search.query`.
SORTS = {"pertinence": RELEVANCE, "date": DATE, "salaire": SALARY}
SORT_LABELS = {"pertinence": "Pertinence", "date": "Date", "salaire": "Salaire"}


class Control(StrEnum):
    """The form control of a parameter. htmx swaps a control to update its counts, except text inputs."""

    TEXT = "text"
    CHECKBOXES = "checkboxes"
    SELECT = "select"
    SKILLS = "skills"
    HIDDEN = "hidden"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A query parameter of the list of offers.

    `field` is its form field class and `options` are its arguments. `chip` returns the label of a value, given the
    value and the cleaned values of all parameters; without it the parameter has no chip. `counts` returns the counts of
    its choices by value. `to_query` returns a cleaned value as in the query string. `saved`: whether alerts store it.
    """

    name: str
    label: str
    control: Control
    field: Callable[..., forms.Field]
    options: dict[str, Any] = field(default_factory=dict)
    chip: Callable[[Any, dict], str] | None = None
    counts: Callable[[FacetCounts, Vocabulary], dict[str, int]] | None = None
    to_query: Callable[[Any], str] = str
    saved: bool = True

    def filter(self) -> "ParameterFilter":
        return ParameterFilter(self.field, label=self.label, **self.options)


class ParameterFilter(django_filters.Filter):
    """A parameter as a filter of `FilterSet`, used for its form field only: the index filters."""

    def __init__(self, field_class, **kwargs):
        self.field_class = field_class
        super().__init__(**kwargs)

    def __deepcopy__(self, memo):
        # Filters are never changed, and a deep copy would copy a hundred departments for each search.
        return shallow_copy(self)


def departments_by_region():
    """Return the departments as choices grouped by region, in alphabetical order."""
    regions = sorted(Region, key=lambda region: region.label.replace("Î", "I"))
    groups = [(region, [d for d in Department if DEPARTMENT_REGION[d] == region]) for region in regions]
    return [(region.label, [(d.value, f"{d.label} ({d.value})") for d in group]) for region, group in groups]


def _choices(choice_filter: ChoiceFilter) -> Parameter:
    return _parameter(
        choice_filter.parameter,
        Control.CHECKBOXES,
        MultipleChoiceField,
        {"choices": [(choice.value, choice.label) for choice in choice_filter.choices]},
        chip=lambda value, cleaned: choice_filter.by_value[value].chip,
        counts=lambda counts, vocabulary: counts[choice_filter.facet],
    )


def _parameter(name: str, control: Control, field_class, options=None, **kwargs) -> Parameter:
    """Return a parameter with the label declared in `offers/fields.py`."""
    label = FILTERS[name].label
    return Parameter(name=name, label=label, control=control, field=field_class, options=options or {}, **kwargs)


def _place_chip(where, cleaned: dict) -> str:
    km, area = cleaned.get("rayon"), where.area
    return (area.label if isinstance(area, PostalArea) else area_name(area)) + (
        f" et {km}{NBSP}km autour" if km else ""
    )


def _amount(name: str, period: str, unit: str, **options) -> Parameter:
    low, high = PAY_BOUNDS[period]
    return _parameter(
        name,
        Control.TEXT,
        AmountField,
        {"low": low, "high": high, **options},
        chip=lambda amount, cleaned: f"dès {thousands(amount)}{NBSP}€ {unit}",
    )


def _slug(value) -> str:
    return value.slug


PARAMETERS = (
    _parameter(
        "q",
        Control.TEXT,
        forms.CharField,
        {
            "max_length": 100,
            "help_text": f"Astuces{NBSP}: php OU java (ou php/java), SAUF stage, «{NBSP}chef de projet{NBSP}».",
            "widget": forms.TextInput(
                attrs={
                    "placeholder": "data engineer python lyon 50k",
                    "data-combobox": reverse_lazy("catalogue:suggestions"),
                    "data-least": "1",
                    "autocapitalize": "none",
                    "enterkeyhint": "search",
                }
            ),
        },
        chip=lambda text, cleaned: text,
    ),
    _parameter(
        "ou",
        Control.TEXT,
        forms.CharField,
        {
            "max_length": 100,
            "widget": forms.TextInput(
                attrs={
                    "placeholder": "Ville, code postal, région…",
                    "data-combobox": reverse_lazy("places:suggest"),
                    "autocomplete": "off",
                    "enterkeyhint": "search",
                }
            ),
        },
        chip=_place_chip,
    ),
    # Without a chip: that of `ou` contains the radius.
    _parameter("rayon", Control.SELECT, ChoiceField, {"choices": [("", "La commune seule"), *RADIUS]}),
    *map(_choices, CHOICE_FILTERS),
    _amount("salaire", "year", "par an", assume_thousands=True),
    _amount("tjm", "day", "par jour"),
    _parameter(
        "remuneration",
        Control.HIDDEN,
        ChoiceField,
        {"choices": list(PAY_STATED_LABELS.items()), "widget": forms.HiddenInput},
        chip=lambda value, cleaned: PAY_STATED_LABELS[value],
    ),
    _parameter(
        "metier",
        Control.SELECT,
        ChoiceField,
        chip=lambda role, cleaned: role.label,
        counts=lambda counts, vocabulary: {
            term.slug: counts["roles"].get(term.pk, 0) for term in vocabulary.roles.values()
        },
        to_query=_slug,
    ),
    _parameter("competence", Control.SKILLS, SkillsField, chip=lambda skill, cleaned: skill.label, to_query=_slug),
    _parameter(
        "region",
        Control.SELECT,
        ChoiceField,
        {"choices": [("", "Toutes"), *sorted(Region.choices, key=lambda choice: choice[1].replace("Î", "I"))]},
        chip=lambda code, cleaned: Region(code).label,
        counts=lambda counts, vocabulary: counts["regions"],
    ),
    _parameter(
        "departement",
        Control.SELECT,
        ChoiceField,
        {"choices": [("", "Tous"), *departments_by_region()]},
        chip=lambda code, cleaned: f"{Department(code).label} ({code})",
        counts=lambda counts, vocabulary: counts["departments"],
    ),
    _parameter(
        "entreprise",
        Control.HIDDEN,
        forms.CharField,
        {"max_length": 120, "widget": forms.HiddenInput},
        chip=lambda company, cleaned: company.name,
        to_query=_slug,
    ),
    # Not saved: alerts search new offers only.
    _parameter(
        "depuis",
        Control.SELECT,
        ChoiceField,
        {"choices": [("", "Toutes dates"), *SINCE]},
        chip=lambda days, cleaned: "depuis hier" if days == 1 else f"depuis {days}{NBSP}jours",
        counts=lambda counts, vocabulary: {str(days): count for days, count in counts["ages"].items()},
        saved=False,
    ),
    Parameter(
        name="tri",
        label="Tri",
        control=Control.HIDDEN,
        field=ChoiceField,
        options={"choices": list(SORT_LABELS.items()), "widget": forms.HiddenInput},
        saved=False,
    ),
    # Searches words as they are: without correction and conditions.
    Parameter(
        name="exact",
        label="Exactement",
        control=Control.HIDDEN,
        field=forms.BooleanField,
        options={"widget": forms.HiddenInput},
        to_query=lambda value: "1",
    ),
)


PARAMETERS_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


def names_with(control: Control) -> tuple[str, ...]:
    """Return the names of the parameters with this control."""
    return tuple(parameter.name for parameter in PARAMETERS if parameter.control == control)
