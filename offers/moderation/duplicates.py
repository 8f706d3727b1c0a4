"""Likely duplicates of an offer: in its company, as a warning for recruiters; everywhere, for moderators."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Substr

from jobboard.text.keys import search_key
from offers.enums import OfferStatus
from offers.models import Offer
from offers.search.index import SearchUnavailable, reader
from offers.search.query import similar

# The statuses of offers that candidates see now or may see soon.
OPEN = (OfferStatus.DRAFT, OfferStatus.SUBMITTED, OfferStatus.RETURNED, OfferStatus.PUBLISHED)
# Bounds: the newest offers to compare, the characters of each text, the results, and those of a search.
MAX_COMPARED, TEXT_LENGTH, MAX_RESULTS, MAX_SIMILAR = 100, 3_000, 5, 8
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
    return _compare(offer, others)


def find_twins(offers: Sequence[Offer]) -> dict[int, list[Duplicate]]:
    """Return the likely duplicates of each offer by its pk, in all companies: published ones and waiting ones.

    Two queries for all of them, besides a search for each. Without an index of the search, only the waiting offers
    are compared. The skills of `offers` are expected to be prefetched.
    """
    candidates = {offer.pk: _similar(offer) for offer in offers}
    texts = Offer.objects.select_related("company", "place").defer("description", "highlights")
    texts = texts.annotate(beginning=Substr("description", 1, TEXT_LENGTH))
    published = texts.in_bulk({pk for pks in candidates.values() for pk in pks})
    waiting = list(texts.filter(waiting_since__isnull=False).order_by("-waiting_since")[:MAX_COMPARED])
    return {
        offer.pk: _compare(
            offer,
            {
                other.pk: other
                for other in (*(published[pk] for pk in candidates[offer.pk] if pk in published), *waiting)
                if other.pk != offer.pk
            }.values(),
        )
        for offer in offers
    }


def _similar(offer: Offer) -> tuple[int, ...]:
    try:
        _, searcher = reader().newest()
        return similar(searcher, offer, [skill.pk for skill in offer.skills.all()], MAX_SIMILAR)
    except SearchUnavailable:
        return ()


def _compare(offer: Offer, others: Iterable[Offer]) -> list[Duplicate]:
    """Return the duplicates among `others`, which have the beginning of their description as `beginning`."""
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
