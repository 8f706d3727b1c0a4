"""Spelling corrections for words that match no offer."""

import re
from collections import Counter
from itertools import pairwise

from tantivy import Query, Searcher

from offers.models import Offer
from offers.search.analysis import COMPOUND_SPELLINGS, fold, words
from offers.search.common_words import COMMON_WORDS
from offers.search.documents import SCHEMA
from offers.search.excerpts import matches, strip_markdown
from offers.search.rows import fetch_rows
from offers.search.synonyms import Thesaurus

# Minimum count of letters for a correction by one edit, and by two.
ONE_EDIT_LENGTH, TWO_EDITS_LENGTH = 5, 9
# Minimum count of letters of a part of a compound for a correction by one edit.
COMPOUND_PART_LENGTH = 3
# Tokens that are right even if no offer contains them.
KNOWN_WORDS = COMMON_WORDS.union(*COMPOUND_SPELLINGS)
_LETTERS = "aeisnrtoludcmpvqfbghjxyzkw"
_PIECE = re.compile(r"\.?[^\W_]+(?:\+\+|#)?")


def split_pieces(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, token) of the parts of `text` that are one token each: two of “c++/pyhton”."""
    pieces = [(match.start(), match.end(), words(match[0])) for match in _PIECE.finditer(text)]
    return [(start, end, tokens[0]) for start, end, tokens in pieces if len(tokens) == 1]


def replace_words(text: str, corrections: dict[str, str]) -> str:
    """Return `text` with the pieces whose tokens have `corrections` replaced."""
    for start, end, token in reversed(split_pieces(text)):
        if token in corrections:
            text = text[:start] + corrections[token] + text[end:]
    return text


def correct_compounds(tokens: list[str]) -> dict[str, str]:
    """Return the spellings of tokens at one edit from a part of a compound, beside the other part (“full stak”)."""
    corrections = {}
    for pair in pairwise(tokens):
        for parts, spelled in COMPOUND_SPELLINGS.items():
            if len(parts) != 2 or parts == pair:
                continue
            for right, wrong in ((0, 1), (1, 0)):
                if (
                    pair[right] == parts[right]
                    and min(len(pair[wrong]), len(parts[wrong])) >= COMPOUND_PART_LENGTH
                    and edit_distance(pair[wrong], parts[wrong], 1) == 1
                ):
                    corrections[pair[wrong]] = spelled[wrong]
    return corrections


def max_edits(piece: str) -> int:
    """Return the maximum count of edits for `piece`: 0 for short words and words with digits."""
    letters = fold(piece)
    if any(char.isdigit() for char in letters):
        return 0
    size = sum(map(str.isalpha, letters))
    return 2 if size >= TWO_EDITS_LENGTH else 1 if size >= ONE_EDIT_LENGTH else 0


def suggest_spelling(searcher: Searcher, word: str, piece: str, thesaurus: Thesaurus) -> str | None:
    """Return the most frequent word at one edit from `word`, or at two if it is long, or None.

    `word` is the token of the submitted `piece`.
    """
    edits = max_edits(piece)
    if not edits or len(word) < ONE_EDIT_LENGTH - 1 or not word.isalpha():
        return None
    candidates = {}
    for other in _one_edit(word):
        if known := searcher.doc_freq("all", other) or thesaurus.knows_word(other):
            candidates[other] = int(known)
    if not candidates and edits == 2:
        for prefix in {word[:3], word[1] + word[0] + word[2]}:
            candidates |= {
                other: known
                for other, known in searcher.terms_with_prefix("all", prefix)
                if other.isalpha() and edit_distance(word, other, 2) <= 2
            }
        for other in (*thesaurus.role_words, *thesaurus.skill_words):
            if edit_distance(word, other, 2) <= 2:
                candidates.setdefault(other, 1)
    if not candidates:
        return None
    best = max(candidates, key=lambda other: (candidates[other], other[0] == word[0], other))
    return thesaurus.spellings.get(best) or _original_spelling(searcher, best)


def _one_edit(word: str) -> set[str]:
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    candidates = {left + right[1:] for left, right in splits if right}
    candidates |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    candidates |= {left + letter + right[1:] for left, right in splits if right for letter in _LETTERS}
    candidates |= {left + letter + right for left, right in splits for letter in _LETTERS}
    return candidates - {word, ""}


def edit_distance(one: str, other: str, limit: int) -> int:
    """Return the Damerau-Levenshtein distance of two words, or `limit` + 1 if it is greater."""
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


def _original_spelling(searcher: Searcher, word: str) -> str:
    """Return the most common spelling of a token, with ending and accents, in the first offers that contain it."""
    hits = searcher.search(Query.term_query(SCHEMA, "all", word), 5, count=False).hits
    ids = searcher.fast_field_values("id", [doc_address for _, doc_address in hits])
    seen = Counter()
    for texts in fetch_rows(Offer, ("title", "highlights", "description"), ids):
        text = strip_markdown("\n".join(texts))
        for match in matches(text, frozenset([word])):
            piece = text[match.start : match.end]
            if words(piece) == [word]:
                seen[piece.lower()] += 1
    return seen.most_common(1)[0][0] if seen else word
