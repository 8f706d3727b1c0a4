"""What is typed or ticked to search offers, understood: fields that say what is wrong and keep what is right.

Nothing here touches offers: `cleaned_data` of the form is the search itself, whoever answers it.
"""

import re
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from jobboard.text.numbers import NARROW_NBSP, thousands
from offers.companies.models import Company
from offers.models import Offer
from offers.places.lookup import UnknownArea, parse_area
from offers.search.vocabulary import Term, Vocabulary

MOST_SKILLS = 10
AMOUNT = re.compile(r"([0-9]{1,3}(?:[ .]?[0-9]{3}){0,2})(?:,[0-9]{1,2})? ?(k?) ?(?:€|eur|euros?)?", re.IGNORECASE)


class PartlyRefused(ValidationError):
    """Some of the values make no sense; `kept` is what the search goes on with."""

    def __init__(self, message, kept):
        super().__init__(message)
        self.kept = kept


def quoted(value: str) -> str:
    """A typed value inside a message, bounded."""
    return f"«\u00a0{value if len(value) <= 40 else value[:39] + '…'}\u00a0»"


def shallow_copy(thing):
    """Return a copy that shares its attributes, as `copy.copy` does, but without looking up how to copy."""
    other = thing.__class__.__new__(thing.__class__)
    other.__dict__.update(thing.__dict__)
    return other


@lru_cache(maxsize=2_000)
def _escape(text) -> str:
    """Escape a value or a label, of which every page has the same few hundred."""
    return escape(str(text))


class Option(NamedTuple):
    """A choice of the search, as templates/jinja2/catalogue/choices.html renders it.

    `value` and `label` are escaped. `count` is how many offers it would give, None where they are not counted.
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
    """Choices with the count of offers that each would give. One that gives none can be unselected, not selected."""

    # By value; None before the offers are counted.
    counts: dict[str, int] | None = None

    def option_groups(self, *selected: str) -> list[tuple[str, list[Option]]]:
        """Return the options under the labels of their groups; those outside of a group are under an empty label."""
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
            # The empty choice leaves the search as wide as it is.
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
    """Known values are kept beside unknown ones, each once and in the order of the choices."""

    widget = Checkboxes

    def clean(self, value):
        typed = list(dict.fromkeys(item.strip() for item in self.to_python(value)))
        kept = [value for value in self.known() if value in typed]
        if refused := [item for item in typed if item and item not in kept]:
            names = ", ".join(quoted(item) for item in refused[:3])
            raise PartlyRefused(f"{names} n’est pas un choix possible.", kept)
        return kept

    def known(self):
        return (str(key) for key, _ in self.choices)


class SkillsField(MultipleChoiceField):
    """Skills by their slugs, as terms of the vocabulary.

    Here and not in the form's `clean_competence`, which is not called when some of the values are refused.
    """

    terms: dict[str, Term] = {}

    def known(self):
        return self.terms

    def clean(self, value):
        refused = None
        try:
            slugs = super().clean(value)
        except PartlyRefused as error:
            refused, slugs = error, error.kept
        skills = [self.terms[slug] for slug in slugs[:MOST_SKILLS]]
        if len(slugs) > MOST_SKILLS:
            raise PartlyRefused(f"{MOST_SKILLS} compétences au plus\u00a0: les suivantes sont ignorées.", skills)
        if refused:
            raise PartlyRefused(refused.message, skills)
        return skills


class AmountField(forms.CharField):
    """Whole euros, typed as people write them: 45000, 45 000 €, 45 K€, and 45 where thousands are meant."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, low, high, thousands_meant=False, **kwargs):
        super().__init__(max_length=20, **kwargs)
        self.low, self.high, self.thousands_meant = low, high, thousands_meant

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        match = AMOUNT.fullmatch(re.sub(rf"[\u00a0{NARROW_NBSP}]", " ", text))
        if not match:
            raise ValidationError(f"Un montant en euros est attendu, par exemple {thousands(self._example)}.")
        amount = int(re.sub(r"[ .]", "", match[1]))
        if match[2] or (self.thousands_meant and amount < 1000):
            amount *= 1000
        if not self.low <= amount <= self.high:
            raise ValidationError(
                f"Un montant entre {thousands(self.low)} et {thousands(self.high)}\u00a0€ est attendu."
            )
        return amount

    @property
    def _example(self) -> int:
        return 45_000 if self.thousands_meant else 500


class CriteriaForm(forms.Form):
    """The form of OfferFilter, which declares its fields.

    `near` has, for a field, the areas that may have been meant.
    """

    vocabulary: Vocabulary

    def __init__(self, *args, **kwargs):
        # Fields of its own: Django also copies what they hold, which nobody changes, in ten times the time.
        declared, self.base_fields = self.base_fields, {}
        super().__init__(*args, **kwargs)
        for name, field in declared.items():
            self.fields[name] = shallow_copy(field)
            self.fields[name].widget = shallow_copy(field.widget)
        self.near: dict[str, list] = {}

    def add_error(self, field, error):
        super().add_error(field, error)
        if field and isinstance(error, PartlyRefused):
            self.cleaned_data[field] = error.kept

    def clean_ou(self):
        text = self.cleaned_data["ou"]
        if not text:
            return None
        try:
            where = parse_area(text)
        except UnknownArea as unknown:
            self.near["ou"] = unknown.suggestions
            advice = "" if unknown.suggestions else " Essayez la ville la plus proche."
            raise ValidationError(f"{quoted(text)} n’est pas dans nos communes.{advice}") from None
        self.near["ou"] = where.alternatives
        return where

    def clean_rayon(self):
        km = self.cleaned_data["rayon"]
        if not km:
            return None
        where = self.cleaned_data.get("ou")
        if not (where and where.place):
            # Said only where it helps: an unknown town has its own message.
            if "ou" not in self.errors:
                raise ValidationError("Le rayon se compte autour d’une commune\u00a0: dites laquelle.")
            return None
        return int(km)

    def clean_metier(self):
        slug = self.cleaned_data["metier"]
        return self.vocabulary.roles[slug] if slug else None

    def clean_entreprise(self):
        """A company that has shown its name on an offer; any other is unknown here, whatever the database holds."""
        slug = self.cleaned_data["entreprise"]
        if not slug:
            return None
        signed = Offer.objects.filter(company=OuterRef("pk"), confidential=False, published_at__isnull=False)
        company = Company.objects.filter(Exists(signed), slug=slug).only("name", "slug").first()
        if company is None:
            raise ValidationError("Aucune offre n’a paru sous ce nom d’entreprise.")
        return company

    def clean_depuis(self):
        days = self.cleaned_data["depuis"]
        return int(days) if days else None
