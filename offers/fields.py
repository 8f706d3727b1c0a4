"""Declarations of the fields of an offer, from which wizard, moderation, index, list and admin are derived.

To add a field: add the column in `offers/models/offer.py` and its declaration here, and its control to the
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
STEP_NAMES = {
    JOB: "Le poste",
    TERMS: "Le lieu et la rémunération",
    TEXT: "L’annonce",
    APPLY: "L’employeur et les candidatures",
}


class FieldKind(StrEnum):
    """Type of a field: a plain value, a relation, or rows that belong to the offer alone.

    It decides how versions of an offer store the value.
    """

    VALUE = "value"
    FOREIGN_KEY = "foreign_key"
    MANY_TO_MANY = "many_to_many"
    OWNED_ROWS = "owned_rows"


class AdminSection(StrEnum):
    """Fieldsets of the admin form, in order."""

    JOB = "Le poste"
    EMPLOYER = "L’employeur"
    PLACE = "Le lieu"
    PAY = "La rémunération"
    TEXT = "Le texte"
    DATES = "Les dates"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A query parameter of the list of offers; `offers.catalogue.parameters` declares its form field."""

    parameter: str
    label: str


class Choice(NamedTuple):
    """A value of a ChoiceFilter: the labels of its checkbox and of its chip, and the words of a matching search."""

    value: str
    label: str
    chip: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class ChoiceFilter(Filter):
    """A query parameter with a few known values, shown as checkboxes. Form, chips, counts and index derive from it.

    `facet` is the name of its criterion, its counts and its integer field in the index. `code` takes the `columns` of
    an offer and returns one of the values, or "" if the offer does not state it.
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
        """Return the integer that the index stores for each value: 1, 2, … in the order of the choices, 0 for ""."""
        return {"": 0, **{choice.value: number for number, choice in enumerate(self.choices, 1)}}

    @cached_property
    def values(self) -> dict[int, str]:
        """Return the values by number: the inverse of `numbers`, without 0."""
        return {number: value for value, number in self.numbers.items() if value}


# The value of REMOTE for offers without days on site.
FULLY_REMOTE = "100"


def _remote_code(days: int | None, fully: bool | int) -> str:
    if fully:
        return FULLY_REMOTE
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
        Choice(FULLY_REMOTE, "100\u00a0%", "100\u00a0% de télétravail", "télétravail remote 100"),
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


# An exact match: “Français” does not match offers that require both languages.
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
    """The declaration of a field of the model Offer.

    `label`: label outside of forms, if it is not the verbose name. `step`: slug of the wizard step that edits it.
    `material`: a change to a published offer is moderated before it is public. `copied`: a duplicate copies it.
    `section`: fieldset of the admin, in the order of this file; `same_row`: on the row of the previous field.
    `columns`: database columns from which the index document is built; `indexed`: fields of that document.
    `filters`: query parameters of the list. `card`: whether lists read it. `fact`: function of the label of its choice
    that returns the words on the page of the offer and in feeds, after place, contract and pay.
    """

    name: str
    kind: FieldKind = FieldKind.VALUE
    label: str = ""
    step: str | None
    material: bool
    copied: bool
    section: AdminSection | None
    same_row: bool = False
    columns: tuple[str, ...]
    indexed: tuple[str, ...]
    filters: tuple[Filter, ...]
    card: bool
    fact: Callable[[str], str] | None = None


def _internal(name: str, *, section=None, same_row=False, columns=(), indexed=(), filters=(), card=False) -> OfferField:
    """Return the declaration of a field that users do not edit."""
    return OfferField(
        name=name, step=None, material=False, copied=False, section=section, same_row=same_row, columns=columns,
        indexed=indexed, filters=filters, card=card,
    )  # fmt: skip


OFFER_FIELDS = (
    _internal("id", columns=("id",), indexed=("id", "newest"), card=True),
    OfferField(
        name="title", step=JOB, material=True, copied=True, section=AdminSection.JOB, card=True,
        columns=("title",), indexed=("title", "pairs", "label", "all"),
        filters=(Filter(parameter="q", label="Métier, compétence, entreprise"),),
    ),
    OfferField(
        name="contract", step=JOB, material=True, copied=True, section=AdminSection.JOB, card=True,
        columns=("contract",), indexed=("contract", "all"), filters=(CONTRACT,),
    ),
    OfferField(
        name="experience", step=JOB, material=True, copied=True, section=AdminSection.JOB, same_row=True, card=True,
        columns=("experience",), indexed=("experience", "all"), filters=(EXPERIENCE,), fact=str,
    ),
    OfferField(
        name="role", kind=FieldKind.FOREIGN_KEY, step=JOB, material=True, copied=True,
        section=AdminSection.JOB, card=False,
        columns=("role_id",), indexed=("role",), filters=(Filter(parameter="metier", label="Fiche métier"),),
    ),
    OfferField(
        name="skills", kind=FieldKind.MANY_TO_MANY, step=TEXT, material=True, copied=True,
        section=AdminSection.JOB, card=True,
        columns=(), indexed=("skill",), filters=(Filter(parameter="competence", label="Compétences"),),
    ),
    OfferField(
        name="company", kind=FieldKind.FOREIGN_KEY, step=JOB, material=True, copied=True,
        section=AdminSection.EMPLOYER, card=True,
        columns=("company_id", "company__name", "company__kind"), indexed=("employer", "company", "kind", "all"),
        filters=(EMPLOYER, Filter(parameter="entreprise", label="Entreprise")),
    ),
    OfferField(
        name="confidential", step=APPLY, material=True, copied=True, section=AdminSection.EMPLOYER, card=True,
        columns=("confidential",), indexed=("employer", "company"), filters=(),
    ),
    OfferField(
        name="employer_descriptor", step=APPLY, material=True, copied=True, section=AdminSection.EMPLOYER, card=True,
        columns=("employer_descriptor",), indexed=("all",), filters=(),
    ),
    OfferField(
        name="apply_url", step=APPLY, material=True, copied=True, section=AdminSection.EMPLOYER, card=False,
        columns=(), indexed=(), filters=(),
    ),
    OfferField(
        name="external_reference", step=APPLY, material=False, copied=False, section=AdminSection.EMPLOYER, card=False,
        columns=(), indexed=(), filters=(),
    ),
    OfferField(
        name="place", kind=FieldKind.FOREIGN_KEY, step=TERMS, material=True, copied=True,
        section=AdminSection.PLACE, card=True,
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
        name="remote_days", step=TERMS, material=True, copied=True, section=AdminSection.PLACE, card=True,
        columns=("remote_days",), indexed=("remote", "all"), filters=(REMOTE,),
    ),
    OfferField(
        name="fully_remote", step=TERMS, material=True, copied=True,
        section=AdminSection.PLACE, same_row=True, card=True,
        columns=("fully_remote",), indexed=("remote", "all"), filters=(),
    ),
    OfferField(
        name="work_language", step=TERMS, material=True, copied=True, section=AdminSection.PLACE, card=False,
        columns=("work_language",), indexed=("language", "all"), filters=(LANGUAGE,), fact=_in_language,
    ),
    OfferField(
        name="pay_min", step=TERMS, material=True, copied=True, section=AdminSection.PAY, card=True,
        columns=(), indexed=(), filters=(),
    ),
    OfferField(
        name="pay_max", label="rémunération, à (€)", step=TERMS, material=True, copied=True, section=AdminSection.PAY,
        same_row=True, card=True,
        columns=("pay_max",), indexed=("pay_year", "pay_day", "pay_step", "best_paid"),
        filters=(
            Filter(parameter="salaire", label="Salaire annuel brut, au moins"),
            Filter(parameter="tjm", label="Tarif par jour, au moins"),
            Filter(parameter="remuneration", label="Rémunération"),
        ),
    ),
    OfferField(
        name="highlights", step=TEXT, material=True, copied=True, section=AdminSection.TEXT, card=True,
        columns=("highlights",), indexed=("highlights", "all"), filters=(),
    ),
    OfferField(
        name="description", step=TEXT, material=True, copied=True, section=AdminSection.TEXT, card=True,
        columns=("description",), indexed=("all",), filters=(),
    ),
    # Edited in the admin as an inline.
    OfferField(
        name="questions", label="questions aux candidats", kind=FieldKind.OWNED_ROWS, step=APPLY, material=True,
        copied=True, section=None, card=False,
        columns=(), indexed=(), filters=(),
    ),
    _internal("status", columns=("status",), card=True),
    _internal(
        "published_at", section=AdminSection.DATES, card=True,
        columns=("published_at",), indexed=("newest", "best_paid", "week", "day", "published", "fresh"),
        filters=(Filter(parameter="depuis", label="Publiée depuis"),),
    ),
    _internal("expires_at", section=AdminSection.DATES, same_row=True, columns=("expires_at",), card=True),
    _internal("confirmed_at", section=AdminSection.DATES),
    _internal("closed_at", section=AdminSection.DATES, same_row=True),
    _internal("created_at", section=AdminSection.DATES),
    _internal("updated_at", section=AdminSection.DATES, same_row=True),
    _internal("waiting_since"),
)  # fmt: skip

BY_NAME = {field.name: field for field in OFFER_FIELDS}
FILTERS = {each.parameter: each for field in OFFER_FIELDS for each in field.filters}
# In the order of the search form.
CHOICE_FILTERS = (CONTRACT, REMOTE, EXPERIENCE, LANGUAGE, EMPLOYER)
MATERIAL = tuple(field.name for field in OFFER_FIELDS if field.material)
# Fields of a published offer that recruiters can change without moderation.
IMMATERIAL = tuple(field.name for field in OFFER_FIELDS if field.step and not field.material)
COPIED = tuple(field.name for field in OFFER_FIELDS if field.copied)
FOREIGN_KEYS = frozenset(field.name for field in OFFER_FIELDS if field.kind == FieldKind.FOREIGN_KEY)
MANY_TO_MANY = frozenset(field.name for field in OFFER_FIELDS if field.kind == FieldKind.MANY_TO_MANY)
OWNED_ROWS = frozenset(field.name for field in OFFER_FIELDS if field.kind == FieldKind.OWNED_ROWS)
# Fields whose values are rows of other tables: saved after the offer, and not by `setattr`.
MULTIVALUED = MANY_TO_MANY | OWNED_ROWS
FACTS = tuple(field for field in OFFER_FIELDS if field.fact)
# Database columns from which an index document is built, without duplicates.
INDEX_COLUMNS = tuple(dict.fromkeys(column for field in OFFER_FIELDS for column in field.columns))


def step_fields(step: str) -> list[str]:
    """Return the names of the fields of a wizard step, in order."""
    return [field.name for field in OFFER_FIELDS if field.step == step]


def step_columns(step: str) -> list[str]:
    """Return the names of the fields of a wizard step that are columns of the offer, in order."""
    return [name for name in step_fields(step) if name not in MULTIVALUED]


def admin_rows(section: AdminSection) -> list[str | tuple[str, ...]]:
    """Return the rows of an admin fieldset: a field name, or a tuple of the names on one row."""
    rows: list[tuple[str, ...]] = []
    for field in OFFER_FIELDS:
        if field.section == section:
            rows[-1:] = [(*rows[-1], field.name)] if field.same_row else [*rows[-1:], (field.name,)]
    return [row if len(row) > 1 else row[0] for row in rows]
