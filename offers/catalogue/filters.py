"""The search for offers: the one definition, for the list, feeds and alerts."""

import heapq
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import ClassVar
from urllib.parse import urlencode

import django_filters
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property

from jobboard.reversing import cached_reverse
from jobboard.text.numbers import NBSP
from offers.catalogue.chips import Link, brackets, chips
from offers.catalogue.fields import CriteriaForm, MultipleChoiceField, Option
from offers.catalogue.parameters import PARAMETERS, SORT_LABELS, SORTS, Control, names_of
from offers.fields import CHOICE_FILTERS
from offers.models import Offer
from offers.places.gazetteer import gazetteer
from offers.places.lookup import area_name
from offers.places.models import Place
from offers.places.territories import Department, Region
from offers.search.criteria import Criteria, choices
from offers.search.current import Current, current
from offers.search.documents import DAILY_RATES, SALARIES
from offers.search.facets import count_once
from offers.search.query import Results, search
from offers.search.vocabulary import Vocabulary

# Skills with a checkbox beside the chosen ones; the others are in a list.
SKILLS_SHOWN = 8


class OfferFilter(django_filters.FilterSet):
    """A search for offers, with the parameters that `offers/catalogue/parameters.py` declares.

    `form` validates the values; `answer` searches the index for the valid ones. `data` is a QueryDict; no value in it
    raises.
    """

    class Meta:
        model = Offer
        fields = []

    # The controls of the form, by the way htmx may swap them while the user fills them in.
    TYPED, TICKED, CHOSEN = (names_of(control) for control in (Control.TYPED, Control.TICKED, Control.CHOSEN))

    @classmethod
    def get_filters(cls):
        return {parameter.name: parameter.filter() for parameter in PARAMETERS}

    # Validation

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return self.current.vocabulary

    @classmethod
    def get_form_class(cls):
        """Return one class for all searches; requests change only their own form."""
        if "_form_class" not in cls.__dict__:
            fields = {name: parameter.field for name, parameter in cls.base_filters.items()}
            for name, field in fields.items():
                # The element for errors is always on the page: htmx fills it without touching the field. Lazy URLs are
                # resolved and the attributes are written once per process, not once per page.
                attrs = {
                    **field.widget.attrs,
                    **field.widget_attrs(field.widget),
                    "aria-describedby": f"erreurs-{name}",
                }
                field.flat_attrs = flatatt(attrs)
            cls._form_class = type(f"{cls.__name__}Form", (CriteriaForm,), fields)
        return cls._form_class

    @cached_property
    def form(self) -> CriteriaForm:
        form = self.get_form_class()(self.data)
        form.vocabulary = self.vocabulary
        roles = self.vocabulary.roles.values()
        form.fields["metier"].choices = [("", "Toutes"), *((term.slug, term.label) for term in roles)]
        form.fields["competence"].terms = self.vocabulary.skills
        return form

    @cached_property
    def cleaned(self) -> dict:
        """Return the valid values by parameter: the search itself."""
        self.errors  # noqa: B018 - validates the form
        return self.form.cleaned_data

    # Search

    @cached_property
    def since_date(self) -> datetime:
        """Return the beginning of today, from which `depuis` counts days, as cards do."""
        return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)

    @cached_property
    def criteria(self) -> Criteria:
        """Return the search as `offers.search` takes it."""
        cleaned = self.cleaned
        area = cleaned["ou"].area if cleaned.get("ou") else None
        places, regions, departments = None, set(), set()
        if isinstance(area, Region):
            regions.add(area.value)
        elif isinstance(area, Department):
            departments.add(area.value)
        elif area:
            km = cleaned.get("rayon")
            places = gazetteer().within(km, area.latitude, area.longitude) if km else frozenset([area.pk])
        # Both apply where both are given: a department outside the region leaves no offer.
        regions, impossible = _both(regions, cleaned.get("region"))
        departments, impossible_too = _both(departments, cleaned.get("departement"))
        days = cleaned.get("depuis")
        return Criteria(
            q=cleaned.get("q", ""),
            places=frozenset() if impossible or impossible_too else places,
            regions=regions,
            departments=departments,
            choices=choices(**{each.facet: cleaned.get(each.parameter, ()) for each in CHOICE_FILTERS}),
            roles=frozenset([cleaned["metier"].pk] if cleaned.get("metier") else ()),
            skills=frozenset(term.pk for term in cleaned.get("competence", ())),
            company=cleaned["entreprise"].pk if cleaned.get("entreprise") else None,
            salary=cleaned.get("salaire"),
            daily_rate=cleaned.get("tjm"),
            since=self.since_date - timedelta(days=days) if days else None,
        )

    def filter_queryset(self, queryset):
        raise NotImplementedError("the index answers a search: see answer()")

    def answer(self, offset: int = 0, limit: int = 20, sort: str | None = None) -> Results:
        """Return a page of results; raises SearchUnavailable.

        In the order of the parameter `tri`, or in `sort`, one of the orders of `offers.search.query`.
        """
        current = self.current
        return search(
            current.searcher,
            self.criteria,
            thesaurus=current.thesaurus,
            sort=sort or self.sort,
            offset=offset,
            limit=limit,
            exact=bool(self.cleaned.get("exact")),
        )

    @cached_property
    def current(self) -> Current:
        """Return the current index, the same one for the whole search."""
        return current()

    def count_choices(self, results: Results) -> None:
        """Set the counts beside the choices of the form; `results` is a page of this search."""
        current = self.current
        counts = count_once(
            current.generation,
            current.searcher,
            replace(self.criteria, q=results.searched),
            now=self.since_date,
            thesaurus=current.thesaurus,
            results=results,
        )
        for parameter in PARAMETERS:
            if parameter.counts:
                self.form.fields[parameter.name].widget.counts = parameter.counts(counts, self.vocabulary)
        self._count_skills(counts["skills"])
        self.brackets = {
            "salaire": brackets(self, "salaire", SALARIES, counts["salaries"]),
            "tjm": brackets(self, "tjm", DAILY_RATES, counts["daily_rates"]),
        }

    def _count_skills(self, counts: dict[int, int]) -> None:
        """Set `chosen_skills`, and `common_skills`: the most frequent others; both as pairs of a term and a count."""
        chosen, known = self.cleaned.get("competence", ()), self.vocabulary.skills_by_pk
        others = {pk: count for pk, count in counts.items() if pk in known and known[pk] not in chosen}
        # Names are compared only among those that may be shown.
        least = min(heapq.nlargest(SKILLS_SHOWN, others.values()), default=0)
        common = [(known[pk], count) for pk, count in others.items() if count >= least]
        self.common_skills = sorted(common, key=lambda skill: (-skill[1], skill[0].label))[:SKILLS_SHOWN]
        self.chosen_skills = [(term, counts.get(term.pk, 0)) for term in chosen]

    @cached_property
    def skill_options(self) -> list[Option]:
        """Return the skills with a checkbox: those of the search, then the most frequent others."""
        return [
            Option.of_term(term, count, selected)
            for skills, selected in ((self.chosen_skills, True), (self.common_skills, False))
            for term, count in skills
        ]

    @cached_property
    def other_skills(self) -> list[Option]:
        """Return the skills without a checkbox."""
        with_checkbox = {term.slug for term, _ in (*self.chosen_skills, *self.common_skills)}
        return [option for slug, option in _unselected_skills(self.vocabulary).items() if slug not in with_checkbox]

    # URLs of this search and of others

    @property
    def default_sort(self) -> str:
        return "pertinence" if self.cleaned.get("q") else "date"

    @property
    def sort_name(self) -> str:
        """Return the value of `tri`; relevance only for a search with words."""
        chosen = self.cleaned.get("tri")
        return chosen if chosen and (chosen != "pertinence" or self.cleaned.get("q")) else self.default_sort

    @property
    def sort(self) -> str:
        return SORTS[self.sort_name]

    @cached_property
    def path(self) -> str:
        return cached_reverse("catalogue:list")

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters of the canonical query string: not empty, without duplicates, in one order."""
        pairs = []
        for name, field in self.form.fields.items():
            several = isinstance(field, MultipleChoiceField)
            values = self.data.getlist(name) if several else [self.data.get(name, "")]
            pairs += [(name, value.strip()) for value in dict.fromkeys(values) if value.strip()]
        return [pair for pair in pairs if pair != ("tri", self.default_sort)]

    @property
    def is_filtered(self) -> bool:
        return bool(self.pairs)

    @property
    def title(self) -> str:
        """Return the search in words."""
        labels = ", ".join(chip.label for chip in self.chips)
        return f"Offres d’emploi\u00a0: {labels}" if labels else "Offres d’emploi de l’informatique"

    @cached_property
    def _encoded(self) -> list[tuple[tuple[str, str], str]]:
        """Return the pairs with their encoded form, encoded once: a page has twenty URLs that differ in one of them."""
        return [(pair, urlencode([pair])) for pair in self.pairs]

    @property
    def query_string(self) -> str:
        return "&".join(encoded for _, encoded in self._encoded)

    def url(self, *, without=(), **changes) -> str:
        """Return the URL of the search with changes; `without` has names, and (name, value) pairs, to remove."""
        encoded = [
            written
            for pair, written in self._encoded
            if pair[0] not in changes and pair[0] not in without and pair not in without
        ]
        encoded += [urlencode({name: value}) for name, value in changes.items() if value]
        return self.path + ("?" + "&".join(encoded) if encoded else "")

    @cached_property
    def chips(self) -> list[Link]:
        """Return the criteria of the search, each with the URL of the search without it."""
        return chips(self)

    @cached_property
    def suggestions(self) -> dict[str, list[Link]]:
        """Return links to other areas that “ou” may mean."""
        self.errors  # noqa: B018 - validation fills `near`
        near = self.form.near
        return {
            "ou": [Link(self._area_label(area), self._area_url(area)) for area in near.get("ou", ())],
        }

    def _area_label(self, area) -> str:
        if isinstance(area, Department):
            return f"{area.label}, département ({area.value})"
        return area_name(area)

    def _area_url(self, area) -> str:
        if isinstance(area, Place):
            return self.url(ou=area_name(area))
        name = "region" if isinstance(area, Region) else "departement"
        return self.url(without=("ou", "rayon"), **{name: area.value})

    @property
    def has_folded_errors(self) -> bool:
        """Return whether a field that is collapsed on phones has an error."""
        return bool(set(self.errors) - {"q", "ou", *names_of(Control.HIDDEN)})

    @property
    def exactly(self) -> Link:
        """Return the link to the search for the words as typed, from a corrected search."""
        return Link(self.cleaned["q"], self.url(exact="1"))

    @property
    def sorts(self) -> list[tuple[Link, bool]]:
        """Return the links to the orders, each with whether it is the current one."""
        return [
            (
                Link(label, self.url(without=("tri",), **({} if name == self.default_sort else {"tri": name}))),
                name == self.sort_name,
            )
            for name, label in SORT_LABELS.items()
            if name != "pertinence" or self.cleaned.get("q")
        ]

    @property
    def wider(self) -> Link | None:
        """Return the link to the search around the commune, for a search in the commune itself."""
        where = self.cleaned.get("ou")
        if not (where and where.place) or self.cleaned.get("rayon"):
            return None
        return Link(f"20{NBSP}km autour de {where.place.name}", self.url(rayon="20"))


@lru_cache(maxsize=2)
def _unselected_skills(vocabulary: Vocabulary) -> dict[str, Option]:
    """Return the option of each skill by slug, cached: searches with the same vocabulary have nearly all in common."""
    return {slug: Option.of_term(term) for slug, term in vocabulary.skills.items()}


class EmptySearch:
    """The search form before a request, for the home page: it answers without the index, and costs no query."""

    data = QueryDict()
    suggestions: ClassVar[dict[str, list[Link]]] = {}

    @cached_property
    def form(self) -> CriteriaForm:
        return OfferFilter.get_form_class()()


# One for all requests, so that its form is built once.
EMPTY_SEARCH = EmptySearch()


def _both(values: set[str], chosen: str | None) -> tuple[frozenset[str], bool]:
    """Return `values` narrowed to the `chosen` one, if any, and whether that leaves none."""
    if not chosen:
        return frozenset(values), False
    return frozenset([chosen]), bool(values) and chosen not in values
