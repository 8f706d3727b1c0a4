"""What can be searched in offers: the one definition, for the pages and whatever else answers a search."""

import heapq
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import ClassVar
from urllib.parse import urlencode

import django_filters
from django import forms
from django.forms.utils import flatatt
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property

from careers.enums import Level
from jobboard.reversing import cached_reverse
from jobboard.text.numbers import NBSP, thousands
from offers.catalogue.fields import (
    AmountField,
    ChoiceField,
    CriteriaForm,
    MultipleChoiceField,
    Option,
    SkillsField,
    twin,
)
from offers.enums import Contract, EmployerKind
from offers.models import Offer
from offers.models.offer import PAY_BOUNDS
from offers.places.gazetteer import gazetteer
from offers.places.lookup import area_name
from offers.places.models import Place
from offers.places.territories import DEPARTMENT_REGION, Department, Region
from offers.search.current import Current, current
from offers.search.documents import DAILY_RATES, SALARIES
from offers.search.facets import count_once
from offers.search.query import DATE, RELEVANCE, SALARY, Criteria, Results, search
from offers.search.vocabulary import Vocabulary

RADIUS = [(str(km), f"{km} km autour".replace(" ", NBSP, 1)) for km in (10, 20, 30, 50, 100)]
REMOTE = [("0", "Sur site"), ("1-2", "1 à 2 jours"), ("3-5", "3 à 5 jours"), ("100", f"100{NBSP}%")]
SINCE = [
    ("1", "Hier ou aujourd’hui"),
    ("3", "3 jours"),
    ("7", "7 jours"),
    ("14", "14 jours"),
    ("30", "30 jours"),
]
# The values of `tri`, and how the engine calls them.
SORTS = {"pertinence": RELEVANCE, "date": DATE, "salaire": SALARY}
SORT_LABELS = {"pertinence": "Pertinence", "date": "Date", "salaire": "Salaire"}
# What makes no sense without another parameter.
TOGETHER = {"ou": ("ou", "rayon"), "q": ("q", "exact")}
# Skills offered as checkboxes; the others are in a list.
SKILLS_SHOWN = 8


def departments_by_region():
    """The departments under the names of their regions, both in the order of the alphabet."""
    regions = sorted(Region, key=lambda region: region.label.replace("Î", "I"))
    groups = [(region, [d for d in Department if DEPARTMENT_REGION[d] == region]) for region in regions]
    return [(region.label, [(d.value, f"{d.label} ({d.value})") for d in found]) for region, found in groups]


@lru_cache
def _euros(amount: int) -> str:
    return f"{thousands(amount)}{NBSP}€"


class _Filter(django_filters.Filter):
    """A parameter of the search; its field understands the value."""

    def __init__(self, field_class, **kwargs):
        self.field_class = field_class
        super().__init__(**kwargs)

    def __deepcopy__(self, memo):
        # Nobody changes one: a search would copy a hundred departments.
        return twin(self)


@dataclass(frozen=True)
class Bracket:
    """At least so much pay, one click away; with how many offers pay it."""

    label: str
    url: str
    count: int


@dataclass(frozen=True)
class Link:
    """Another search, one click away."""

    label: str
    url: str


class OfferFilter(django_filters.FilterSet):
    """A search for offers.

    `form` understands the values and says what is wrong with them; `answer` asks the index for what could be
    understood. `data` is a QueryDict; no value in it raises.
    """

    q = _Filter(
        forms.CharField,
        label="Métier, compétence, entreprise",
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "placeholder": "CTO, Python, chef de projet…",
                "data-combobox": reverse_lazy("catalogue:suggestions"),
                "data-least": "1",
                "autocapitalize": "none",
                "enterkeyhint": "search",
            }
        ),
    )
    ou = _Filter(
        forms.CharField,
        label="Où",
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "placeholder": "Ville, code postal, région…",
                "data-combobox": reverse_lazy("places:suggest"),
                "autocomplete": "off",
                "enterkeyhint": "search",
            }
        ),
    )
    rayon = _Filter(ChoiceField, label="Rayon", choices=[("", "La commune seule"), *RADIUS])
    contrat = _Filter(MultipleChoiceField, label="Contrat", choices=Contract.choices)
    teletravail = _Filter(MultipleChoiceField, label="Télétravail par semaine", choices=REMOTE)
    salaire = _Filter(
        AmountField,
        label="Salaire annuel brut, au moins",
        low=PAY_BOUNDS["year"][0],
        high=PAY_BOUNDS["year"][1],
        thousands_meant=True,
    )
    tjm = _Filter(
        AmountField,
        label="Tarif par jour, au moins",
        low=PAY_BOUNDS["day"][0],
        high=PAY_BOUNDS["day"][1],
    )
    experience = _Filter(MultipleChoiceField, label="Expérience", choices=Level.choices)
    metier = _Filter(ChoiceField, label="Fiche métier")
    competence = _Filter(SkillsField, label="Compétences")
    region = _Filter(
        ChoiceField,
        label="Région",
        choices=[("", "Toutes"), *sorted(Region.choices, key=lambda choice: choice[1].replace("Î", "I"))],
    )
    departement = _Filter(
        ChoiceField,
        label="Département",
        choices=[("", "Tous"), *departments_by_region()],
    )
    employeur = _Filter(MultipleChoiceField, label="Employeur", choices=EmployerKind.choices)
    entreprise = _Filter(forms.CharField, label="Entreprise", max_length=120, widget=forms.HiddenInput)
    depuis = _Filter(ChoiceField, label="Publiée depuis", choices=[("", "Toutes dates"), *SINCE])
    tri = _Filter(ChoiceField, label="Tri", choices=list(SORT_LABELS.items()), widget=forms.HiddenInput)
    # What was typed and nothing like it.
    exact = _Filter(forms.BooleanField, label="Exactement", widget=forms.HiddenInput)

    class Meta:
        model = Offer
        fields = []

    # Understanding

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return self.current.vocabulary

    @classmethod
    def get_form_class(cls):
        """The same for every search: what a request adds is added to its own form."""
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
    def found(self) -> dict:
        """The values that were understood, by parameter; the search itself."""
        self.errors  # noqa: B018 - asks the form to understand
        return self.form.cleaned_data

    # Answering from the index

    @cached_property
    def moment(self) -> datetime:
        """What “for so many days” is counted from: the beginning of the day, as cards tell the days."""
        return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)

    @cached_property
    def criteria(self) -> Criteria:
        """What was understood, as the engine wants it."""
        found = self.found
        area = found["ou"].area if found.get("ou") else None
        places, regions, departments = None, set(), set()
        if isinstance(area, Region):
            regions.add(area.value)
        elif isinstance(area, Department):
            departments.add(area.value)
        elif area:
            km = found.get("rayon")
            places = gazetteer().within(km, area.latitude, area.longitude) if km else frozenset([area.pk])
        # Asked for twice, both hold: a region that the department does not lie in leaves nothing.
        regions, impossible = _both(regions, found.get("region"))
        departments, impossible_too = _both(departments, found.get("departement"))
        since = found.get("depuis")
        return Criteria(
            q=found.get("q", ""),
            places=frozenset() if impossible or impossible_too else places,
            regions=regions,
            departments=departments,
            contracts=frozenset(found.get("contrat", ())),
            remote=frozenset(found.get("teletravail", ())),
            experience=frozenset(found.get("experience", ())),
            kinds=frozenset(found.get("employeur", ())),
            roles=frozenset([found["metier"].pk] if found.get("metier") else ()),
            skills=frozenset(term.pk for term in found.get("competence", ())),
            company=found["entreprise"].pk if found.get("entreprise") else None,
            salary=found.get("salaire"),
            daily_rate=found.get("tjm"),
            since=self.moment - timedelta(days=since) if since else None,
        )

    def filter_queryset(self, queryset):
        raise NotImplementedError("the index answers a search: see answer()")

    def answer(self, offset: int = 0, limit: int = 20, sort: str | None = None) -> Results:
        """The numbers of the offers found, from `offset` on; raises SearchUnavailable.

        In the order that was asked for, or in that of `sort`, as the engine calls it.
        """
        current = self.current
        return search(
            current.searcher,
            self.criteria,
            thesaurus=current.thesaurus,
            sort=sort or self.sort,
            offset=offset,
            limit=limit,
            exact=bool(self.found.get("exact")),
        )

    @cached_property
    def current(self) -> Current:
        """The index as it is now, the same for all that one search asks of it."""
        return current()

    def count_choices(self, results: Results) -> None:
        """Write beside each choice of the form how many offers it would give; `results` is a page of what was found."""
        current = self.current
        facets = count_once(
            current.generation,
            current.searcher,
            replace(self.criteria, q=results.searched),
            now=self.moment,
            thesaurus=current.thesaurus,
            results=results,
        )
        fields = self.form.fields
        for name, counts in (
            ("contrat", facets.contracts),
            ("teletravail", facets.remote),
            ("experience", facets.experience),
            ("employeur", facets.kinds),
            ("region", facets.regions),
            ("departement", facets.departments),
            ("depuis", {str(days): number for days, number in facets.ages.items()}),
            ("metier", {term.slug: facets.roles.get(term.pk, 0) for term in self.vocabulary.roles.values()}),
        ):
            fields[name].widget.counts = counts
        asked, known = self.found.get("competence", ()), self.vocabulary.skills_by_pk
        skills = {pk: count for pk, count in facets.skills.items() if count and pk in known and known[pk] not in asked}
        # Their names are compared among those that may be shown only.
        least = min(heapq.nlargest(SKILLS_SHOWN, skills.values()), default=0)
        wanted = [(known[pk], count) for pk, count in skills.items() if count >= least]
        self.wanted_skills = sorted(wanted, key=lambda skill: (-skill[1], skill[0].label))[:SKILLS_SHOWN]
        self.found_skills = [(term, facets.skills.get(term.pk, 0)) for term in self.found.get("competence", ())]
        self.brackets = {
            "salaire": self._brackets("salaire", SALARIES, facets.salaries),
            "tjm": self._brackets("tjm", DAILY_RATES, facets.daily_rates),
        }

    @cached_property
    def skill_options(self) -> list[Option]:
        """Return the skills that have a checkbox: those of the search, then those most wanted."""
        return [
            Option.of_term(term, count, selected)
            for skills, selected in ((self.found_skills, True), (self.wanted_skills, False))
            for term, count in skills
        ]

    @cached_property
    def other_skills(self) -> list[Option]:
        """Return the skills that have no checkbox."""
        with_checkbox = {term.slug for term, _ in (*self.found_skills, *self.wanted_skills)}
        return [Option.of_term(term) for slug, term in self.vocabulary.skills.items() if slug not in with_checkbox]

    # The fields by what may be done to them while somebody is filling them in.

    TYPED = ("q", "ou", "salaire", "tjm")
    TICKED = ("contrat", "teletravail", "experience", "employeur")
    CHOSEN = ("rayon", "region", "departement", "metier", "depuis")

    def _brackets(self, name, steps, counts) -> list[Bracket]:
        """Nothing where no offer found says what it pays."""
        if not any(counts.values()):
            return []
        base = self.url(without=(name,))
        base += f"{'&' if '?' in base else '?'}{name}="
        asked = self.found.get(name)
        return [Bracket(_euros(step), f"{base}{step}", counts.get(step, 0)) for step in steps if step != asked]

    # The search as addresses

    @property
    def default_sort(self) -> str:
        return "pertinence" if self.found.get("q") else "date"

    @property
    def sort_name(self) -> str:
        """The order as `tri` calls it. Without words there is nothing to be relevant to."""
        asked = self.found.get("tri")
        return asked if asked and (asked != "pertinence" or self.found.get("q")) else self.default_sort

    @property
    def sort(self) -> str:
        return SORTS[self.sort_name]

    @cached_property
    def path(self) -> str:
        return cached_reverse("catalogue:list")

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """What was asked, nothing empty, nothing twice, in one order: the query string that is shared."""
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
        """The search in words."""
        labels = ", ".join(chip.label for chip in self.chips)
        return f"Offres d’emploi\u00a0: {labels}" if labels else "Offres d’emploi de l’informatique"

    @cached_property
    def _written(self) -> list[tuple[tuple[str, str], str]]:
        """Each of the pairs with how it stands in an address: a page has twenty of these, all but a little the same."""
        return [(pair, urlencode([pair])) for pair in self.pairs]

    @property
    def query_string(self) -> str:
        return "&".join(written for _, written in self._written)

    def url(self, *, without=(), **changes) -> str:
        """The list with the search changed. `without` holds names and (name, value) pairs to leave out."""
        kept = [
            written
            for pair, written in self._written
            if pair[0] not in changes and pair[0] not in without and pair not in without
        ]
        kept += [urlencode({name: value}) for name, value in changes.items() if value]
        return self.path + ("?" + "&".join(kept) if kept else "")

    @cached_property
    def chips(self) -> list[Link]:
        """What narrows the search, each with the address of the search without it."""
        found, chips = self.found, []
        for name, label in self._labels(found):
            without = TOGETHER.get(name if isinstance(name, str) else "", (name,))
            chips.append(Link(label, self.url(without=without)))
        return chips

    def _labels(self, found):
        """(name, or name and value, to leave out; what it means) of each value that was understood."""
        if found.get("q"):
            yield "q", found["q"]
        if where := found.get("ou"):
            km = found.get("rayon")
            yield "ou", area_name(where.area) + (f" et {km}{NBSP}km autour" if km else "")
        for name in ("contrat", "teletravail"):
            for value in found.get(name, ()):
                yield (name, value), self._choice(name, value)
        if amount := found.get("salaire"):
            yield "salaire", f"dès {thousands(amount)}{NBSP}€ par an"
        if amount := found.get("tjm"):
            yield "tjm", f"dès {thousands(amount)}{NBSP}€ par jour"
        for value in found.get("experience", ()):
            yield ("experience", value), Level(value).short_label
        if role := found.get("metier"):
            yield "metier", role.label
        for skill in found.get("competence", ()):
            yield ("competence", skill.slug), skill.label
        if code := found.get("region"):
            yield "region", Region(code).label
        if code := found.get("departement"):
            yield "departement", f"{Department(code).label} ({code})"
        for value in found.get("employeur", ()):
            yield ("employeur", value), self._choice("employeur", value)
        if company := found.get("entreprise"):
            yield "entreprise", company.name
        if days := found.get("depuis"):
            yield "depuis", "depuis hier" if days == 1 else f"depuis {days}{NBSP}jours"

    def _choice(self, name, value) -> str:
        label = dict(self.form.fields[name].choices)[value]
        return f"{label} de télétravail" if value in ("1-2", "3-5", "100") else label

    @cached_property
    def suggestions(self) -> dict[str, list[Link]]:
        """For “ou”, what else may have been meant."""
        self.errors  # noqa: B018 - understanding fills `near`
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
        """Whether something is wrong in a field that phones show folded."""
        return bool(set(self.errors) - {"q", "ou", "entreprise", "tri", "exact"})

    @property
    def exactly(self) -> Link:
        """What was typed and nothing like it: the way back from a correction."""
        return Link(self.found["q"], self.url(exact="1"))

    @property
    def sorts(self) -> list[tuple[Link, bool]]:
        """The orders, and whether each is the one in use."""
        return [
            (
                Link(label, self.url(without=("tri",), **({} if name == self.default_sort else {"tri": name}))),
                name == self.sort_name,
            )
            for name, label in SORT_LABELS.items()
            if name != "pertinence" or self.found.get("q")
        ]

    @property
    def wider(self) -> Link | None:
        """The same town with what lies around it, where only the town itself was asked for."""
        where = self.found.get("ou")
        if not (where and where.place) or self.found.get("rayon"):
            return None
        return Link(f"20{NBSP}km autour de {where.place.name}", self.url(rayon="20"))


class EmptySearch:
    """The search form before a request, for the home page: it answers without the index, and costs no query."""

    data = QueryDict()
    suggestions: ClassVar[dict[str, list[Link]]] = {}

    @cached_property
    def form(self) -> CriteriaForm:
        return OfferFilter.get_form_class()()


# One for all requests, so that its rendering can be cached.
EMPTY_SEARCH = EmptySearch()


def _both(values: set[str], asked: str | None) -> tuple[frozenset[str], bool]:
    """`values` and what was asked for beside them, and whether no offer can be both."""
    if not asked:
        return frozenset(values), False
    return frozenset([asked]), bool(values) and asked not in values
