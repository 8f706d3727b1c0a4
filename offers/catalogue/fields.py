"""Form fields of the search. An invalid value adds an error and leaves the valid values in `cleaned_data`."""

from functools import lru_cache
from html import escape
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError

from offers.companies.models import Company
from offers.places.lookup import ForeignArea, SeveralAreas, UnknownArea, parse_area
from offers.search.vocabulary import Term, Vocabulary
from offers.understanding.reading import Understanding

MAX_SKILLS = 10


class PartlyInvalid(ValidationError):
    """Some of the values are invalid; `valid_values` are the others."""

    def __init__(self, message, valid_values):
        super().__init__(message)
        self.valid_values = valid_values


def quoted(value: str) -> str:
    """Return a submitted value in quotes for an error message, cut to 40 characters."""
    return f"«\u00a0{value if len(value) <= 40 else value[:39] + '…'}\u00a0»"


def area_error(text: str, unknown: UnknownArea) -> str:
    """Return in French why a text of the location field is no area."""
    if isinstance(unknown, SeveralAreas):
        return f"{quoted(text)} nomme plusieurs lieux\u00a0: un seul à la fois est possible."
    if isinstance(unknown, ForeignArea):
        return f"{quoted(text)} est hors de France\u00a0: toutes les offres sont en France."
    advice = "" if unknown.suggestions else " Essayez la ville la plus proche."
    return f"{quoted(text)} n’est pas dans nos communes.{advice}"


def shallow_copy(instance):
    """Return a shallow copy, faster than `copy.copy`, which looks for a copy method first."""
    other = instance.__class__.__new__(instance.__class__)
    other.__dict__.update(instance.__dict__)
    return other


@lru_cache(maxsize=2_000)
def _escape(text) -> str:
    """Escape a value or a label. Cached: all pages have the same few hundred."""
    return escape(str(text))


class Option(NamedTuple):
    """A choice for templates/jinja2/catalogue/choices.html, with escaped `value` and `label`.

    `count` is the count of offers if it is selected, None if they are not counted.
    """

    value: str
    label: str
    count: int | None = None
    selected: bool = False
    disabled: bool = False

    @classmethod
    def of_term(cls, term: Term, *state) -> "Option":
        return cls(_escape(term.slug), _escape(term.label), *state)


class CountedChoices:
    """A widget mixin for choices with counts of offers. A choice without offers is disabled unless it is selected."""

    # By value; None before the offers are counted.
    counts: dict[str, int] | None = None

    def option_groups(self, *selected: str) -> list[tuple[str, list[Option]]]:
        """Return (label, options) of each group of choices; choices without a group have an empty label."""
        groups = []
        for key, label in self.choices:
            if isinstance(label, (list, tuple)):
                groups.append((_escape(key), self._options(label, selected)))
                continue
            if not groups or groups[-1][0]:
                groups.append(("", []))
            groups[-1][1].extend(self._options([(key, label)], selected))
        return groups

    def _options(self, choices, selected: tuple[str, ...]) -> list[Option]:
        options, counts = [], self.counts
        for value, label in choices:
            # The empty choice has no count: it does not filter.
            count = None if counts is None or not value else counts.get(value, 0)
            chosen = value in selected
            options.append(Option(_escape(value), _escape(label), count, chosen, count == 0 and not chosen))
        return options


class Select(CountedChoices, forms.Select):
    pass


class Checkboxes(CountedChoices, forms.CheckboxSelectMultiple):
    pass


class ChoiceField(forms.ChoiceField):
    widget = Select

    def validate(self, value):
        if value and not self.valid_value(value):
            raise ValidationError(f"{quoted(str(value))} n’est pas un choix possible.")


class MultipleChoiceField(forms.MultipleChoiceField):
    """Cleans to the valid values without duplicates, in the order of the choices, even if others are invalid."""

    widget = Checkboxes

    def clean(self, value):
        submitted = list(dict.fromkeys(item.strip() for item in self.to_python(value)))
        valid = [value for value in self.known() if value in submitted]
        if invalid := [item for item in submitted if item and item not in valid]:
            names = ", ".join(quoted(item) for item in invalid[:3])
            raise PartlyInvalid(f"{names} n’est pas un choix possible.", valid)
        return valid

    def known(self):
        return (str(key) for key, _ in self.choices)


class SkillsField(MultipleChoiceField):
    """Cleans slugs of skills to terms of the vocabulary.

    Not done in `clean_competence` of the form, which is not called if some of the values are invalid.
    """

    terms: dict[str, Term] = {}

    def known(self):
        return self.terms

    def clean(self, value):
        invalid = None
        try:
            slugs = super().clean(value)
        except PartlyInvalid as error:
            invalid, slugs = error, error.valid_values
        skills = [self.terms[slug] for slug in slugs[:MAX_SKILLS]]
        if len(slugs) > MAX_SKILLS:
            raise PartlyInvalid(f"{MAX_SKILLS} compétences au plus\u00a0: les suivantes sont ignorées.", skills)
        if invalid:
            raise PartlyInvalid(invalid.message, skills)
        return skills


class CriteriaForm(forms.Form):
    """The form of OfferFilter, which declares its fields.

    `other_areas` are, by field, other areas that its value may refer to; `notes` say how its value was read.
    `unknown_area` is the reason why the value of `ou` is invalid.
    """

    vocabulary: Vocabulary
    understanding = Understanding.literal("")
    unknown_area: UnknownArea | None = None

    def __init__(self, *args, **kwargs):
        # Shallow copies: the deep copies of Django take ten times as long, and the attributes are constant.
        declared, self.base_fields = self.base_fields, {}
        super().__init__(*args, **kwargs)
        for name, field in declared.items():
            self.fields[name] = shallow_copy(field)
            self.fields[name].widget = shallow_copy(field.widget)
        self.other_areas: dict[str, list] = {}
        self.notes: dict[str, str] = {}

    def add_error(self, field, error):
        super().add_error(field, error)
        if field and isinstance(error, PartlyInvalid):
            self.cleaned_data[field] = error.valid_values

    def clean_ou(self):
        text = self.cleaned_data["ou"]
        if not text:
            return None
        try:
            where = parse_area(text)
        except UnknownArea as unknown:
            self.other_areas["ou"] = unknown.suggestions
            self.unknown_area = unknown
            raise ValidationError(area_error(text, unknown)) from None
        self.other_areas["ou"] = where.alternatives
        self.notes["ou"] = where.note
        return where

    def clean_rayon(self):
        km = self.cleaned_data["rayon"]
        if not km:
            return None
        where = self.cleaned_data.get("ou")
        areas = [where] if where else self.understanding.areas
        if not any(area.places for area in areas):
            # An unknown commune has its own error.
            if "ou" not in self.errors:
                raise ValidationError("Le rayon se compte autour d’une commune\u00a0: dites laquelle.")
            return None
        return int(km)

    def clean_metier(self):
        slug = self.cleaned_data["metier"]
        return self.vocabulary.roles[slug] if slug else None

    def clean_entreprise(self):
        """Return the company if an offer has been published under its name; other companies are invalid."""
        slug = self.cleaned_data["entreprise"]
        if not slug:
            return None
        company = Company.objects.public().filter(slug=slug).only("name", "slug").first()
        if company is None:
            raise ValidationError("Aucune offre n’a paru sous ce nom d’entreprise.")
        return company

    def clean_depuis(self):
        days = self.cleaned_data["depuis"]
        return int(days) if days else None
