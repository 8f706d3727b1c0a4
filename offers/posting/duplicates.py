"""Offers of one’s own company that look like the one in hand: shown to who posts, who may have a good reason."""

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Substr

from jobboard.text.keys import search_key
from offers.enums import Status
from offers.models import Offer

# What a candidate may see today, or soon.
OPEN = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.PUBLISHED)
# The newest of them, and the beginning of their texts: enough to tell, and never much to read.
MOST_READ, TEXT_READ, MOST_SHOWN = 100, 3_000, 5
ALIKE_TITLE, ALIKE_TEXT = 0.6, 0.5
SHINGLE = 4
# What tells nothing of a job.
_EMPTY = frozenset("de des du en et la le les un une a au aux pour sur h f hf senior junior confirme".split())  # noqa: SIM905


@dataclass(frozen=True)
class Twin:
    offer: Offer
    why: str


def twins(offer: Offer) -> list[Twin]:
    """The likely duplicates, the most alike first. One query."""
    if offer.company_id is None:
        return []
    near = Q(place=offer.place_id) if offer.place_id else Q(fully_remote=True)
    if offer.role_id:
        near |= Q(role=offer.role_id)
    others = (
        Offer.objects.filter(near, company=offer.company_id, status__in=OPEN, contract=offer.contract)
        .exclude(pk=offer.pk)
        .select_related("place")
        .defer("description", "highlights")
        .annotate(beginning=Substr("description", 1, TEXT_READ))
        .order_by("-pk")[:MOST_READ]
    )
    title, text = _words(offer.title), _shingles(offer.description[:TEXT_READ])
    found = []
    for other in others:
        titles, texts = _share(title, _words(other.title)), _share(text, _shingles(other.beginning))
        here = other.place_id == offer.place_id and other.fully_remote == offer.fully_remote
        if texts >= ALIKE_TEXT:
            found.append((texts + titles, Twin(other, "presque le même texte")))
        elif here and titles >= ALIKE_TITLE:
            found.append((titles, Twin(other, "même lieu, intitulé proche")))
    return [twin for _, twin in sorted(found, key=lambda each: -each[0])[:MOST_SHOWN]]


def _words(text: str) -> set[str]:
    return {word for word in search_key(text).split() if word not in _EMPTY}


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = search_key(text).split()
    return {tuple(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}


def _share(one: set, other: set) -> float:
    """What they have in common of what they have together."""
    return len(one & other) / len(one | other) if one and other else 0.0
