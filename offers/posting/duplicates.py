"""Likely duplicates of an offer in its company: shown as a warning, since there may be a good reason."""

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Substr

from jobboard.text.keys import search_key
from offers.enums import OfferStatus
from offers.models import Offer

# The statuses of offers that candidates see now or may see soon.
OPEN = (OfferStatus.DRAFT, OfferStatus.SUBMITTED, OfferStatus.RETURNED, OfferStatus.PUBLISHED)
# Bounds: the newest offers to compare, the characters of each text, and the results.
MAX_COMPARED, TEXT_LENGTH, MAX_RESULTS = 100, 3_000, 5
MIN_TITLE_SIMILARITY, MIN_TEXT_SIMILARITY = 0.6, 0.5
SHINGLE = 4
# Stop words of titles.
_STOP_WORDS = frozenset("de des du en et la le les un une a au aux pour sur h f hf senior junior confirme".split())  # noqa: SIM905


@dataclass(frozen=True)
class Duplicate:
    offer: Offer
    reason: str


def find_duplicates(offer: Offer) -> list[Duplicate]:
    """Return the likely duplicates, the most similar first. One query."""
    if offer.company_id is None:
        return []
    same_place_or_role = Q(place=offer.place_id) if offer.place_id else Q(fully_remote=True)
    if offer.role_id:
        same_place_or_role |= Q(role=offer.role_id)
    others = (
        Offer.objects.filter(same_place_or_role, company=offer.company_id, status__in=OPEN, contract=offer.contract)
        .exclude(pk=offer.pk)
        .select_related("place")
        .defer("description", "highlights")
        .annotate(beginning=Substr("description", 1, TEXT_LENGTH))
        .order_by("-pk")[:MAX_COMPARED]
    )
    title, text = _words(offer.title), _shingles(offer.description[:TEXT_LENGTH])
    duplicates = []
    for other in others:
        titles, texts = _jaccard(title, _words(other.title)), _jaccard(text, _shingles(other.beginning))
        same_place = other.place_id == offer.place_id and other.fully_remote == offer.fully_remote
        if texts >= MIN_TEXT_SIMILARITY:
            duplicates.append((texts + titles, Duplicate(other, "presque le même texte")))
        elif same_place and titles >= MIN_TITLE_SIMILARITY:
            duplicates.append((titles, Duplicate(other, "même lieu, intitulé proche")))
    return [duplicate for _, duplicate in sorted(duplicates, key=lambda pair: -pair[0])[:MAX_RESULTS]]


def _words(text: str) -> set[str]:
    return {word for word in search_key(text).split() if word not in _STOP_WORDS}


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = search_key(text).split()
    return {tuple(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}


def _jaccard(one: set, other: set) -> float:
    """Return the Jaccard similarity, 0.0 to 1.0."""
    return len(one & other) / len(one | other) if one and other else 0.0
