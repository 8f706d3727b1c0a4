"""The search for offers, shared by the list, feeds and alerts."""

import heapq
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

import django_filters
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property

from offers.catalogue.chips import brackets
from offers.catalogue.fields import CriteriaForm, Option, area_error, quoted
from offers.catalogue.links import SearchLinks
from offers.catalogue.parameters import PARAMETERS, PAY_STATED, Control, names_with
from offers.catalogue.understood import located_in
from offers.fields import CHOICE_FILTERS, FULLY_REMOTE, REMOTE
from offers.models import Offer
from offers.places.areas import LocationKeyword
from offers.places.lookup import AreaMatch, ForeignArea, SeveralAreas
from offers.places.territories import Department, Region
from offers.search.criteria import Criteria, choices
from offers.search.documents import DAILY_RATES, SALARIES
from offers.search.facets import count_once
from offers.search.parser import MAX_LENGTH
from offers.search.query import Results, SearchRequest, search
from offers.search.snapshot import SearchSnapshot, current_snapshot
from offers.search.terms import Corpus
from offers.search.vocabulary import Vocabulary
from offers.understanding.names import Names
from offers.understanding.reading import Understanding, understand

# Count of skills with a checkbox besides the selected ones; the others are in a select.
SKILL_CHECKBOXES = 8


class OfferFilter(SearchLinks, django_filters.FilterSet):
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

    # The words that were searched, possibly corrected; None before the search.
    searched: str | None = None

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
        areas = [match.area for match in self.areas]
        located = located_in(areas, self.radius)
        # Area and select both apply: a department outside of the region matches no offer.
        regions, is_region_empty = _intersect(located["regions"], cleaned.get("region"))
        departments, is_department_empty = _intersect(located["departments"], cleaned.get("departement"))
        # An unknown place has no offers: without this criterion the search would be for all of France.
        is_nowhere = is_region_empty or is_department_empty or "ou" in self.errors
        days = cleaned.get("depuis") or read.amount("depuis")
        return Criteria(
            q=read.words,
            places=frozenset() if is_nowhere else located["places"],
            centres=located["centres"] if self.radius else frozenset(),
            regions=regions,
            departments=departments,
            choices=choices(**self._choices(areas)),
            roles=frozenset([cleaned["metier"].pk] if cleaned.get("metier") else ()),
            skills=frozenset(term.pk for term in cleaned.get("competence", ())),
            company=cleaned["entreprise"].pk if cleaned.get("entreprise") else None,
            salary=cleaned.get("salaire") or read.amount("salaire"),
            daily_rate=cleaned.get("tjm") or read.amount("tjm"),
            pay_stated=cleaned["remuneration"] == PAY_STATED if cleaned.get("remuneration") else None,
            since=self.since_date - timedelta(days=days) if days else None,
        )

    @cached_property
    def understanding(self) -> Understanding:
        """Return the conditions and the words of the search box.

        If a place is chosen in the form, names of places in the text are words.
        """
        text = " ".join(self.data.get("q", "").split())
        if not text or len(text) > MAX_LENGTH or "\0" in text:
            return Understanding.literal("")
        if self.data.get("exact"):
            return Understanding.literal(text)
        names = Names.of(Corpus(self.snapshot.searcher), self.snapshot.thesaurus)
        # Not the cleaned values: cleaning the radius needs the places of the text.
        has_place = (
            bool(self.data.get("ou", "").strip())
            or self.data.get("region") in Region.values
            or self.data.get("departement") in Department.values
        )
        return understand(text, names, with_places=not has_place)

    @property
    def radius(self) -> int | None:
        """Return the kilometres around the communes."""
        return self.cleaned.get("rayon") or self.understanding.radius

    def _choices(self, areas) -> dict[str, list[str]]:
        """Return the values of the choice filters by facet. “Télétravail” as a place is a choice of remote work."""
        values = {
            each.facet: _combine(self.cleaned.get(each.parameter, ()), self.understanding.choices(each.parameter))
            for each in CHOICE_FILTERS
        }
        if LocationKeyword.REMOTE in areas and not values[REMOTE.facet]:
            values[REMOTE.facet] = [FULLY_REMOTE]
        return values

    @property
    def areas(self) -> list[AreaMatch]:
        """Return the places of the form, or those of the text."""
        where = self.cleaned.get("ou")
        return [where] if where else self.understanding.areas

    @property
    def has_place(self) -> bool:
        """Return whether places filter."""
        criteria = self.criteria
        return bool(criteria.places is not None or criteria.regions or criteria.departments)

    @property
    def has_communes(self) -> bool:
        """Return whether a radius can be drawn."""
        return any(match.places for match in self.areas)

    @property
    def unknown_place(self) -> str:
        """Return the text of the location field if it names no place."""
        return self.data["ou"].strip() if "ou" in self.errors else ""

    @property
    def place_question(self) -> str:
        """Return in French why the text of the location field names no place, for the page that asks for another."""
        unknown = self.form.unknown_area
        if isinstance(unknown, SeveralAreas | ForeignArea):
            return area_error(self.unknown_place, unknown)
        return f"Nous ne connaissons pas de lieu {quoted(self.unknown_place)}."

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

    def count(self, criteria: Criteria | None = None) -> int:
        """Return the count of offers of this search, or of other criteria, for the words that were searched."""
        criteria = criteria or self.criteria
        if self.searched is not None:
            criteria = replace(criteria, q=self.searched)
        return SearchRequest(self.snapshot.searcher, criteria, self.snapshot.thesaurus).count()

    def variant(self, url: str) -> "OfferFilter":
        """Return the search of a URL of this one, on the same snapshot of the index."""
        other = OfferFilter(QueryDict(urlsplit(url).query))
        other.snapshot = self.snapshot
        return other

    def count_choices(self, results: Results) -> None:
        """Set the counts of the choices of the form; `results` is a page of this search."""
        snapshot = self.snapshot
        self.searched = results.searched
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


@lru_cache(maxsize=2)
def _unselected_skills(vocabulary: Vocabulary) -> dict[str, Option]:
    """Return the option of each skill by slug, cached: searches with the same vocabulary have nearly all in common."""
    return {slug: Option.of_term(term) for slug, term in vocabulary.skills.items()}


def _combine(chosen: Sequence[str], stated: Sequence[str]) -> list[str]:
    """Return the values of a filter that are chosen in the form and stated in the text; any of both if none is."""
    return [value for value in chosen if value in stated] or [*chosen, *stated]


def _intersect(values: set[str], chosen: str | None) -> tuple[frozenset[str], bool]:
    """Return the intersection of `values` and `chosen` (empty sets do not filter), and whether they are disjoint."""
    if not chosen:
        return frozenset(values), False
    return frozenset([chosen]), bool(values) and chosen not in values
