"""Offers as a list of results shows them.

Read as rows: of a page of twenty offers the ORM took a fifth of the time, most of it to make the same statement again
and three instances of models for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import CharField
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Cast
from django.utils import timezone

from offers.companies.models import Company
from offers.enums import Contract
from offers.models.offer import Offer
from offers.models.public import Shown
from offers.places.models import place_label
from offers.search.rows import moment, rows_of


class CardCompany(NamedTuple):
    name: str
    logo: FieldFile


@dataclass(slots=True)
class Card(Shown):
    """What a list shows of an offer. `place` as the site writes it; `description` only where it was asked for."""

    pk: int
    title: str
    status: str
    published_at: datetime
    expires_at: datetime
    contract: str
    pay_min: int | None
    pay_max: int | None
    remote_days: int | None
    fully_remote: bool
    confidential: bool
    employer_descriptor: str
    highlights: str
    place: str
    company: CardCompany | None
    description: str = ""

    def get_contract_display(self) -> str:
        return Contract(self.contract).label


# In the order of Card's fields, the place and the company as the columns that make them.
_COLUMNS = (
    # Moments as text, which both databases give alike.
    *("pk", "title", "status", Cast("published_at", CharField()), Cast("expires_at", CharField())),
    *("contract", "pay_min", "pay_max", "remote_days", "fully_remote", "confidential", "employer_descriptor"),
    *("highlights", "place__name", "place__department", "company__name", "company__logo"),
)
_DESCRIBED = (*_COLUMNS, "description")
_OWN = 13


def published_cards(ids: Sequence[int], *, at: datetime | None = None, described: bool = False) -> list[Card]:
    """Those of the offers `ids` that the public may see at the moment `at` (now by default), in that order; one query.

    `described`: with their descriptions.
    """
    at = at or timezone.now()
    found = {row[0]: row for row in rows_of(Offer, _DESCRIBED if described else _COLUMNS, ids)}
    cards = [_card(found[pk]) for pk in ids if pk in found and found[pk][3] and found[pk][4]]
    return [card for card in cards if card.is_published(at)]


def _card(row: tuple) -> Card:
    pk, title, status, published_at, expires_at, *own = row[:_OWN]
    town, department, company, logo, *description = row[_OWN:]
    return Card(
        *(pk, title, status, moment(published_at), moment(expires_at), *own),
        place_label(town, department) if town else "",
        CardCompany(company, FieldFile(None, _LOGO, logo)) if company else None,
        *description,
    )


_LOGO = Company._meta.get_field("logo")
