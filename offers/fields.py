"""Declare each field of an offer once: wizard, moderation, index, list of offers and admin derive the rest.

To add a field: write the column in `offers/models/offer.py` and its declaration here, and put its control into the
template of its wizard step. `tests/offers/test_fields.py` names every field whose declaration is missing or wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from careers.enums import Level
from offers.enums import Contract, EmployerKind, WorkLanguage

# Slugs of the wizard steps (`offers/posting/forms`).
JOB, TERMS, TEXT, APPLY = "poste", "conditions", "annonce", "candidatures"


class Kind(StrEnum):
    """How a version of an offer holds the field: its value, one row of another table, or several."""

    VALUE = "value"
    POINTER = "pointer"
    ROWS = "rows"


class Section(StrEnum):
    """Fieldsets of the admin form, in order."""

    JOB = "Le poste"
    EMPLOYER = "L’employeur"
    PLACE = "Le lieu"
    PAY = "La rémunération"
    TEXT = "Le texte"
    DATES = "Les dates"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A parameter of the list of offers. `offers.catalogue.parameters` says which form field reads it."""

    parameter: str
    label: str


class Choice(NamedTuple):
    """A value of a ChoiceFilter: `label` beside its checkbox, `chip` on its own; `words` find offers that have it."""

    value: str
    label: str
    chip: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class ChoiceFilter(Filter):
    """A parameter with a few known values, drawn as checkboxes: the whole of its form, chips, counts and index.

    `facet` names its criterion, its counts and its numeric field of the index. `columns` of the row of an offer are the
    arguments of `code`, which returns one of the values, or "" where the offer says nothing.
    """

    facet: str
    columns: tuple[str, ...]
    choices: tuple[Choice, ...]
    code: Callable[..., str] = lambda value: value or ""

    @cached_property
    def by_value(self) -> dict[str, Choice]:
        return {choice.value: choice for choice in self.choices}

    @cached_property
    def numbers(self) -> dict[str, int]:
        """What the index holds for each value: 1, 2, … in the order of the choices, 0 where nothing is said."""
        return {"": 0, **{choice.value: number for number, choice in enumerate(self.choices, 1)}}

    @cached_property
    def values(self) -> dict[int, str]:
        """The inverse of `numbers`, without 0."""
        return {number: value for value, number in self.numbers.items() if value}


def _remote_code(days: int | None, fully: bool | int) -> str:
    if fully:
        return "100"
    if days is None:
        return ""
    return "3-5" if days >= 3 else "1-2" if days else "0"


CONTRACT = ChoiceFilter(
    parameter="contrat",
    label="Contrat",
    facet="contract",
    columns=("contract",),
    choices=tuple(Choice(each.value, each.label, each.label, each.label) for each in Contract),
)
REMOTE = ChoiceFilter(
    parameter="teletravail",
    label="Télétravail par semaine",
    facet="remote",
    columns=("remote_days", "fully_remote"),
    code=_remote_code,
    choices=(
        Choice("0", "Sur site", "Sur site"),
        Choice("1-2", "1 à 2 jours", "1 à 2 jours de télétravail", "télétravail"),
        Choice("3-5", "3 à 5 jours", "3 à 5 jours de télétravail", "télétravail"),
        Choice("100", "100\u00a0%", "100\u00a0% de télétravail", "télétravail remote 100"),
    ),
)
EXPERIENCE = ChoiceFilter(
    parameter="experience",
    label="Expérience",
    facet="experience",
    columns=("experience",),
    choices=tuple(Choice(each.value, each.label, each.short_label, each.short_label) for each in Level),
)


def _in_language(label: str) -> str:
    return f"Travail en {label.lower()}"


# As the offer states it: “Français” finds no offer that asks for both languages.
LANGUAGE = ChoiceFilter(
    parameter="langue",
    label="Langue de travail, telle que l’offre l’indique",
    facet="language",
    columns=("work_language",),
    choices=tuple(Choice(each.value, each.label, _in_language(each.label), each.label) for each in WorkLanguage),
)
EMPLOYER = ChoiceFilter(
    parameter="employeur",
    label="Employeur",
    facet="kind",
    columns=("company__kind",),
    choices=tuple(Choice(each.value, each.label, each.label) for each in EmployerKind),
)


@dataclass(frozen=True, kw_only=True)
class OfferField:
    """One field of the model Offer.

    `label`: where it stands alone, if not the model's verbose name. `step`: slug of the wizard step that writes it.
    `material`: a change is read by a moderator before the public sees it. `copied`: a duplicate begins with it.
    `section`: fieldset of the admin, in the order of this file; `beside`: on the row of the field before.
    `columns`: of the database, which the document of the index is made of; `indexed`: fields of that document.
    `filters`: parameters of the list. `card`: whether a list reads it. `fact`: how the page of the offer and the feeds
    word its choice, after place, contract and pay.
    """

    name: str
    kind: Kind = Kind.VALUE
    label: str = ""
    step: str | None
    material: bool
    copied: bool
    section: Section | None
    beside: bool = False
    columns: tuple[str, ...]
    indexed: tuple[str, ...]
    filters: tuple[Filter, ...]
    card: bool
    fact: Callable[[str], str] | None = None


def _internal(name: str, *, section=None, beside=False, columns=(), indexed=(), filters=(), card=False) -> OfferField:
    """Return the declaration of a field that the site itself writes."""
    return OfferField(
        name=name, step=None, material=False, copied=False, section=section, beside=beside, columns=columns,
        indexed=indexed, filters=filters, card=card,
    )  # fmt: skip


OFFER_FIELDS = (
    _internal("id", columns=("id",), indexed=("id", "newest"), card=True),
    OfferField(
        name="title", step=JOB, material=True, copied=True, section=Section.JOB, card=True,
        columns=("title",), indexed=("title", "pairs", "label", "all"),
        filters=(Filter(parameter="q", label="Métier, compétence, entreprise"),),
    ),
    OfferField(
        name="contract", step=JOB, material=True, copied=True, section=Section.JOB, card=True,
        columns=("contract",), indexed=("contract", "all"), filters=(CONTRACT,),
    ),
    OfferField(
        name="experience", step=JOB, material=True, copied=True, section=Section.JOB, beside=True, card=False,
        columns=("experience",), indexed=("experience", "all"), filters=(EXPERIENCE,), fact=str,
    ),
    OfferField(
        name="role", kind=Kind.POINTER, step=JOB, material=True, copied=True, section=Section.JOB, card=False,
        columns=("role_id",), indexed=("role",), filters=(Filter(parameter="metier", label="Fiche métier"),),
    ),
    OfferField(
        name="skills", kind=Kind.ROWS, step=TEXT, material=True, copied=True, section=Section.JOB, card=False,
        columns=(), indexed=("skill",), filters=(Filter(parameter="competence", label="Compétences"),),
    ),
    OfferField(
        name="company", kind=Kind.POINTER, step=JOB, material=True, copied=True, section=Section.EMPLOYER, card=True,
        columns=("company_id", "company__name", "company__kind"), indexed=("employer", "company", "kind", "all"),
        filters=(EMPLOYER, Filter(parameter="entreprise", label="Entreprise")),
    ),
    OfferField(
        name="confidential", step=APPLY, material=True, copied=True, section=Section.EMPLOYER, card=True,
        columns=("confidential",), indexed=("employer", "company"), filters=(),
    ),
    OfferField(
        name="employer_descriptor", step=APPLY, material=True, copied=True, section=Section.EMPLOYER, card=True,
        columns=("employer_descriptor",), indexed=("all",), filters=(),
    ),
    OfferField(
        name="apply_url", step=APPLY, material=True, copied=True, section=Section.EMPLOYER, card=False,
        columns=(), indexed=(), filters=(),
    ),
    OfferField(
        name="external_reference", step=APPLY, material=False, copied=False, section=Section.EMPLOYER, card=False,
        columns=(), indexed=(), filters=(),
    ),
    OfferField(
        name="place", kind=Kind.POINTER, step=TERMS, material=True, copied=True, section=Section.PLACE, card=True,
        columns=("place_id", "place__name", "place__department", "place__region"),
        indexed=("place", "town", "area", "region", "all"),
        filters=(
            Filter(parameter="ou", label="Où"),
            Filter(parameter="rayon", label="Rayon"),
            Filter(parameter="region", label="Région"),
            Filter(parameter="departement", label="Département"),
        ),
    ),
    OfferField(
        name="remote_days", step=TERMS, material=True, copied=True, section=Section.PLACE, card=True,
        columns=("remote_days",), indexed=("remote", "all"), filters=(REMOTE,),
    ),
    OfferField(
        name="fully_remote", step=TERMS, material=True, copied=True, section=Section.PLACE, beside=True, card=True,
        columns=("fully_remote",), indexed=("remote", "all"), filters=(),
    ),
    OfferField(
        name="work_language", step=TERMS, material=True, copied=True, section=Section.PLACE, card=False,
        columns=("work_language",), indexed=("language", "all"), filters=(LANGUAGE,), fact=_in_language,
    ),
    OfferField(
        name="pay_min", step=TERMS, material=True, copied=True, section=Section.PAY, card=True,
        columns=(), indexed=(), filters=(),
    ),
    OfferField(
        name="pay_max", label="rémunération, à (€)", step=TERMS, material=True, copied=True, section=Section.PAY,
        beside=True, card=True,
        columns=("pay_max",), indexed=("pay_year", "pay_day", "pay_step", "best_paid"),
        filters=(
            Filter(parameter="salaire", label="Salaire annuel brut, au moins"),
            Filter(parameter="tjm", label="Tarif par jour, au moins"),
        ),
    ),
    OfferField(
        name="highlights", step=TEXT, material=True, copied=True, section=Section.TEXT, card=True,
        columns=("highlights",), indexed=("highlights", "all"), filters=(),
    ),
    OfferField(
        name="description", step=TEXT, material=True, copied=True, section=Section.TEXT, card=True,
        columns=("description",), indexed=("all",), filters=(),
    ),
    _internal("status", columns=("status",), card=True),
    _internal(
        "published_at", section=Section.DATES, card=True,
        columns=("published_at",), indexed=("newest", "best_paid", "week", "day", "fresh"),
        filters=(Filter(parameter="depuis", label="Publiée depuis"),),
    ),
    _internal("expires_at", section=Section.DATES, beside=True, columns=("expires_at",), card=True),
    _internal("confirmed_at", section=Section.DATES),
    _internal("closed_at", section=Section.DATES, beside=True),
    _internal("created_at", section=Section.DATES),
    _internal("updated_at", section=Section.DATES, beside=True),
    _internal("waiting_since"),
)  # fmt: skip

BY_NAME = {field.name: field for field in OFFER_FIELDS}
FILTERS = {each.parameter: each for field in OFFER_FIELDS for each in field.filters}
# In the order of the form.
CHOICE_FILTERS = (CONTRACT, REMOTE, EXPERIENCE, LANGUAGE, EMPLOYER)
MATERIAL = tuple(field.name for field in OFFER_FIELDS if field.material)
# Fields that a recruiter's edit of a published offer saves at once.
IMMATERIAL = tuple(field.name for field in OFFER_FIELDS if field.step and not field.material)
COPIED = tuple(field.name for field in OFFER_FIELDS if field.copied)
POINTERS = frozenset(field.name for field in OFFER_FIELDS if field.kind == Kind.POINTER)
ROWS = frozenset(field.name for field in OFFER_FIELDS if field.kind == Kind.ROWS)
FACTS = tuple(field for field in OFFER_FIELDS if field.fact)
# Database columns that a document of the index is made of, each once.
INDEX_COLUMNS = tuple(dict.fromkeys(column for field in OFFER_FIELDS for column in field.columns))


def of_step(step: str) -> list[str]:
    """Return the names of the fields that a wizard step writes, in order."""
    return [field.name for field in OFFER_FIELDS if field.step == step]


def admin_rows(section: Section) -> list[str | tuple[str, ...]]:
    """Return the rows of a fieldset of the admin form: a name, or the names that share the row."""
    rows: list[tuple[str, ...]] = []
    for field in OFFER_FIELDS:
        if field.section == section:
            rows[-1:] = [(*rows[-1], field.name)] if field.beside else [*rows[-1:], (field.name,)]
    return [row if len(row) > 1 else row[0] for row in rows]
