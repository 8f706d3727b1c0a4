"""The search for offers, shared by the list, feeds and alerts."""

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
from offers.catalogue.chips import Link, brackets, chips, chosen_labels
from offers.catalogue.fields import CriteriaForm, MultipleChoiceField, Option
from offers.catalogue.parameters import PARAMETERS, SORT_LABELS, SORTS, Control, names_with
from offers.catalogue.understood import located_in, text_note
from offers.fields import CHOICE_FILTERS, FULLY_REMOTE, REMOTE
from offers.models import Offer
from offers.places.areas import LocationKeyword, area_label, area_name
from offers.places.territories import Department, Region
from offers.search.criteria import Criteria, choices
from offers.search.documents import DAILY_RATES, SALARIES
from offers.search.facets import count_once
from offers.search.parser import MAX_LENGTH
from offers.search.query import Results, search
from offers.search.snapshot import SearchSnapshot, current_snapshot
from offers.search.terms import Corpus
from offers.search.vocabulary import Vocabulary
from offers.understanding.names import Names
from offers.understanding.reading import Understanding, understand

# Count of skills with a checkbox besides the selected ones; the others are in a select.
SKILL_CHECKBOXES = 8


class OfferFilter(django_filters.FilterSet):
    """A search for offers with the query parameters of `offers/catalogue/parameters.py`.

    `data` is a QueryDict. `form` validates it, and `answer` searches the index with the valid values: invalid ones
    never raise.
    """

    class Meta:
        model = Offer
        fields = []

    # Names of the form fields by their control: htmx swaps them differently.
    TEXT, CHECKBOXES, SELECT, SKILLS = (
        names_with(control) for control in (Control.TEXT, Control.CHECKBOXES, Control.SELECT, Control.SKILLS)
    )

    @classmethod
    def get_filters(cls):
        return {parameter.name: parameter.filter() for parameter in PARAMETERS}

    # Validation

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return self.snapshot.vocabulary

    @classmethod
    def get_form_class(cls):
        """Return the form class, created once per process; requests change only instances."""
        if "_form_class" not in cls.__dict__:
            fields = {name: parameter.field for name, parameter in cls.base_filters.items()}
            for name, field in fields.items():
                # The element for errors is always on the page, so that htmx can fill it without swapping the field.
                # Lazy URLs are resolved and attributes rendered once per process.
                attrs = {
                    **field.widget.attrs,
                    **field.widget_attrs(field.widget),
                    "aria-describedby": f"aide-{name} erreurs-{name}" if field.help_text else f"erreurs-{name}",
                }
                field.flat_attrs = flatatt(attrs)
            cls._form_class = type(f"{cls.__name__}Form", (CriteriaForm,), fields)
        return cls._form_class

    @cached_property
    def form(self) -> CriteriaForm:
        form = self.get_form_class()(self.data)
        form.vocabulary = self.vocabulary
        form.understanding = self.understanding
        roles = self.vocabulary.roles.values()
        form.fields["metier"].choices = [("", "Toutes"), *((term.slug, term.label) for term in roles)]
        form.fields["competence"].terms = self.vocabulary.skills
        return form

    @cached_property
    def cleaned(self) -> dict:
        """Return the valid values by parameter."""
        self.errors  # noqa: B018 - validates the form
        return self.form.cleaned_data

    # Search

    @cached_property
    def since_date(self) -> datetime:
        """Return the start of today, from which `depuis` counts days."""
        return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)

    @cached_property
    def criteria(self) -> Criteria:
        """Return the search as criteria for `offers.search`."""
        cleaned, read = self.cleaned, self.understanding
        areas = [cleaned["ou"].area] if cleaned.get("ou") else [match.area for match in read.areas]
        located = located_in(areas, self._radius)
        # Area and select both apply: a department outside of the region matches no offer.
        regions, is_region_empty = _intersect(located["regions"], cleaned.get("region"))
        departments, is_department_empty = _intersect(located["departments"], cleaned.get("departement"))
        # An unknown place has no offers: without this criterion the search would be for all of France.
        is_nowhere = is_region_empty or is_department_empty or "ou" in self.errors
        days = cleaned.get("depuis") or read.amount("depuis")
        return Criteria(
            q=read.words,
            places=frozenset() if is_nowhere else located["places"],
            regions=regions,
            departments=departments,
            choices=choices(**self._choices(areas)),
            roles=frozenset([cleaned["metier"].pk] if cleaned.get("metier") else ()),
            skills=frozenset(term.pk for term in cleaned.get("competence", ())),
            company=cleaned["entreprise"].pk if cleaned.get("entreprise") else None,
            salary=cleaned.get("salaire") or read.amount("salaire"),
            daily_rate=cleaned.get("tjm") or read.amount("tjm"),
            since=self.since_date - timedelta(days=days) if days else None,
        )

    @cached_property
    def understanding(self) -> Understanding:
        """Return the conditions and the words of the search box.

        If a place is chosen in the form, names of places in the text are words.
        """
        text = self.data.get("q", "").strip()
        if not text or len(text) > MAX_LENGTH or "\0" in text:
            return Understanding.literal("")
        if self.data.get("exact"):
            return Understanding.literal(text)
        names = Names.of(Corpus(self.snapshot.searcher), self.snapshot.thesaurus)
        has_place = any(self.data.get(name, "").strip() for name in ("ou", "region", "departement"))
        return understand(text, names, with_places=not has_place)

    @property
    def _radius(self) -> int | None:
        """Return the kilometres around the communes."""
        return self.cleaned.get("rayon") or self.understanding.amount("rayon")

    def _choices(self, areas) -> dict[str, list[str]]:
        """Return the values of the choice filters by facet. “Télétravail” as a place is a choice of remote work."""
        values = {
            each.facet: [*self.cleaned.get(each.parameter, ()), *self.understanding.choices(each.parameter)]
            for each in CHOICE_FILTERS
        }
        if LocationKeyword.REMOTE in areas and not values[REMOTE.facet]:
            values[REMOTE.facet] = [FULLY_REMOTE]
        return values

    @property
    def unknown_place(self) -> str:
        """Return the text of the location field if it names no place."""
        return self.data["ou"].strip() if "ou" in self.errors else ""

    def filter_queryset(self, queryset):
        raise NotImplementedError("searches use the index: see answer()")

    def answer(self, offset: int = 0, limit: int = 20, sort: str | None = None) -> Results:
        """Return a page of results. Raise SearchUnavailable.

        `sort` is one of the orders of `offers.search.query`; by default that of the parameter `tri`.
        """
        snapshot = self.snapshot
        return search(
            snapshot.searcher,
            self.criteria,
            thesaurus=snapshot.thesaurus,
            sort=sort or self.sort,
            offset=offset,
            limit=limit,
            exact=bool(self.cleaned.get("exact")),
        )

    @cached_property
    def snapshot(self) -> SearchSnapshot:
        """Return the search snapshot, the same one for the count, the page and the facets."""
        return current_snapshot()

    def count_choices(self, results: Results) -> None:
        """Set the counts of the choices of the form; `results` is a page of this search."""
        snapshot = self.snapshot
        counts = count_once(
            snapshot.generation,
            snapshot.searcher,
            replace(self.criteria, q=results.searched),
            now=self.since_date,
            thesaurus=snapshot.thesaurus,
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
        """Set `chosen_skills` and `common_skills`, the most frequent others, as (term, count) pairs."""
        chosen, known = self.cleaned.get("competence", ()), self.vocabulary.skills_by_pk
        others = {pk: count for pk, count in counts.items() if pk in known and known[pk] not in chosen}
        # Sort by name only the skills that can be among the most frequent.
        min_count = min(heapq.nlargest(SKILL_CHECKBOXES, others.values()), default=0)
        common = [(known[pk], count) for pk, count in others.items() if count >= min_count]
        self.common_skills = sorted(common, key=lambda skill: (-skill[1], skill[0].label))[:SKILL_CHECKBOXES]
        self.chosen_skills = [(term, counts.get(term.pk, 0)) for term in chosen]

    @cached_property
    def skill_options(self) -> list[Option]:
        """Return the skills with a checkbox: the selected ones, then the most frequent others."""
        return [
            Option.of_term(term, count, selected)
            for skills, selected in ((self.chosen_skills, True), (self.common_skills, False))
            for term, count in skills
        ]

    @cached_property
    def other_skills(self) -> list[Option]:
        """Return the skills without a checkbox."""
        shown_slugs = {term.slug for term, _ in (*self.chosen_skills, *self.common_skills)}
        return [option for slug, option in _unselected_skills(self.vocabulary).items() if slug not in shown_slugs]

    # URLs of this search and of others

    @property
    def default_sort(self) -> str:
        return "pertinence" if self.understanding.words else "date"

    @property
    def sort_name(self) -> str:
        """Return the effective value of `tri`: relevance requires a search with words."""
        chosen = self.cleaned.get("tri")
        return chosen if chosen and (chosen != "pertinence" or self.understanding.words) else self.default_sort

    @property
    def sort(self) -> str:
        return SORTS[self.sort_name]

    @cached_property
    def path(self) -> str:
        return cached_reverse("catalogue:list")

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the canonical (name, value) pairs: in the order of the form, without duplicates and empty values."""
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
        """Return the search in French words."""
        labels = ", ".join(chip.label for chip in self.chips)
        return f"Offres d’emploi\u00a0: {labels}" if labels else "Offres d’emploi de l’informatique"

    @cached_property
    def _encoded(self) -> list[tuple[tuple[str, str], str]]:
        """Return the pairs with their URL-encoded form. Cached: a page has twenty URLs that differ in one pair."""
        return [(pair, urlencode([pair])) for pair in self.pairs]

    @property
    def query_string(self) -> str:
        return "&".join(encoded for _, encoded in self._encoded)

    def url(self, *, without=(), **changes) -> str:
        """Return the URL of the search with changed parameters, without the names and pairs in `without`."""
        encoded = [
            written
            for pair, written in self._encoded
            if pair[0] not in changes and pair[0] not in without and pair not in without
        ]
        encoded += [urlencode({name: value}) for name, value in changes.items() if value]
        return self.path + ("?" + "&".join(encoded) if encoded else "")

    @cached_property
    def chips(self) -> list[Link]:
        """Return the labels of the criteria, each with the URL of the search without it."""
        return chips(self)

    def chosen_labels(self, names) -> list[str]:
        """Return the labels of the values of the parameters `names`."""
        return [label for name in names for label in chosen_labels(self, name)]

    @cached_property
    def unfiltered_url(self) -> str:
        """Return the URL of the search without its filters: with words, place, company and order only."""
        return self.url(without={name for name, _ in self.pairs} - {"q", "ou", "exact", "entreprise", "tri"})

    @cached_property
    def suggestions(self) -> dict[str, list[Link]]:
        """Return links to other areas that “ou”, or a name in “q”, may refer to."""
        self.errors  # noqa: B018 - validation fills `other_areas`
        other_areas = self.form.other_areas
        return {
            "ou": [Link(area_label(area), self._area_url(area)) for area in other_areas.get("ou", ())],
            "q": [
                Link(area_label(area), self.url(q=self.understanding.replaced(condition, area_name(area))))
                for condition in self.understanding.of("ou")
                for area in condition.values[0].alternatives
            ],
        }

    @property
    def notes(self) -> dict[str, str]:
        """Return by field how its value was read, if that is not obvious."""
        self.errors  # noqa: B018 - validation fills `notes`
        return {**self.form.notes, "q": text_note(self.understanding)}

    def _area_url(self, area) -> str:
        if isinstance(area, (Region, Department)):
            name = "region" if isinstance(area, Region) else "departement"
            return self.url(without=("ou", "rayon"), **{name: area.value})
        return self.url(ou=area_name(area))

    def has_errors(self, names) -> bool:
        """Return whether one of the parameters `names` has an error."""
        return any(name in self.errors for name in names)

    @property
    def has_folded_errors(self) -> bool:
        """Return whether a field of the filters, which are closed on phones, has an error."""
        return bool(set(self.errors) - {"q", "ou", *names_with(Control.HIDDEN)})

    @property
    def exact_link(self) -> Link:
        """Return the link to the search for the text as it is: without conditions and corrections."""
        return Link(self.cleaned["q"], self.url(exact="1"))

    @property
    def sort_links(self) -> list[tuple[Link, bool]]:
        """Return (link, is_current) of each order."""
        return [
            (
                Link(label, self.url(without=("tri",), **({} if name == self.default_sort else {"tri": name}))),
                name == self.sort_name,
            )
            for name, label in SORT_LABELS.items()
            if name != "pertinence" or self.understanding.words
        ]

    @property
    def wider_link(self) -> Link | None:
        """Return the link to the search within 20 km, if the search is for one commune."""
        areas = [self.cleaned["ou"]] if self.cleaned.get("ou") else self.understanding.areas
        if len(areas) != 1 or not areas[0].place or self._radius:
            return None
        return Link(f"20{NBSP}km autour de {areas[0].place.name}", self.url(rayon="20"))


@lru_cache(maxsize=2)
def _unselected_skills(vocabulary: Vocabulary) -> dict[str, Option]:
    """Return the option of each skill by slug, cached: searches with the same vocabulary have nearly all in common."""
    return {slug: Option.of_term(term) for slug, term in vocabulary.skills.items()}


class EmptySearch:
    """The empty search form of the home page, without the index and without queries."""

    data = QueryDict()
    suggestions: ClassVar[dict[str, list[Link]]] = {}
    notes: ClassVar[dict[str, str]] = {}

    @cached_property
    def form(self) -> CriteriaForm:
        return OfferFilter.get_form_class()()


# One instance for all requests, so that its form is built once.
EMPTY_SEARCH = EmptySearch()


def _intersect(values: set[str], chosen: str | None) -> tuple[frozenset[str], bool]:
    """Return the intersection of `values` and `chosen` (empty sets do not filter), and whether they are disjoint."""
    if not chosen:
        return frozenset(values), False
    return frozenset([chosen]), bool(values) and chosen not in values
