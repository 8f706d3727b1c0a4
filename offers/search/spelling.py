"""The word that was probably meant."""

from collections import Counter

from tantivy import Query, Searcher

from offers.models import Offer
from offers.search.analysis import fold, words
from offers.search.documents import SCHEMA
from offers.search.excerpts import matches, plain
from offers.search.rows import fetch_rows
from offers.search.synonyms import Thesaurus

# Letters from which one and two slips are forgiven.
ONE_SLIP, TWO_SLIPS = 5, 9
_LETTERS = "aeisnrtoludcmpvqfbghjxyzkw"


def allowed(piece: str) -> int:
    letters = fold(piece)
    if any(char.isdigit() for char in letters):
        return 0
    size = sum(map(str.isalpha, letters))
    return 2 if size >= TWO_SLIPS else 1 if size >= ONE_SLIP else 0


def nearest(searcher: Searcher, word: str, piece: str, thesaurus: Thesaurus) -> str | None:
    """How to write the best-known word at one slip from `word`, or at two if it is long; None when there is none.

    `word` is what `analysis` made of the typed `piece`.
    """
    slips = allowed(piece)
    if not slips or len(word) < ONE_SLIP - 1 or not word.isalpha():
        return None
    candidates = {}
    for other in _one_slip(word):
        if known := searcher.doc_freq("all", other) or thesaurus.knows_word(other):
            candidates[other] = int(known)
    if not candidates and slips == 2:
        for prefix in {word[:3], word[1] + word[0] + word[2]}:
            candidates |= {
                other: known
                for other, known in searcher.terms_with_prefix("all", prefix)
                if other.isalpha() and distance(word, other, 2) <= 2
            }
        for other in (*thesaurus.role_words, *thesaurus.skill_words):
            if distance(word, other, 2) <= 2:
                candidates.setdefault(other, 1)
    if not candidates:
        return None
    best = max(candidates, key=lambda other: (candidates[other], other[0] == word[0], other))
    return thesaurus.spellings.get(best) or _written(searcher, best)


def _one_slip(word: str) -> set[str]:
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {left + right[1:] for left, right in splits if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    found |= {left + letter + right[1:] for left, right in splits if right for letter in _LETTERS}
    found |= {left + letter + right for left, right in splits for letter in _LETTERS}
    return found - {word, ""}


def distance(one: str, other: str, limit: int) -> int:
    """Letters to add, drop, change or swap with their neighbour to make one of the other; `limit` + 1 when more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before, row = [], list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before = before, row
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _written(searcher: Searcher, word: str) -> str:
    """The word as an offer writes it: its ending, which was taken off, and its accents."""
    hits = searcher.search(Query.term_query(SCHEMA, "all", word), 5, count=False).hits
    ids = searcher.fast_field_values("id", [address for _, address in hits])
    seen = Counter()
    for texts in fetch_rows(Offer, ("title", "highlights", "description"), ids):
        text = plain("\n".join(texts))
        for match in matches(text, frozenset([word])):
            piece = text[match.start : match.end]
            if words(piece) == [word]:
                seen[piece.lower()] += 1
    return seen.most_common(1)[0][0] if seen else word
