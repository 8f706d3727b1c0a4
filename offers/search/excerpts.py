"""Excerpts of offers around the words of a query, with the words highlighted.

A page has twenty texts of some hundred words each, few of which match. Each text is therefore searched for the prefixes
of the words in bytes, and only the pieces around the matches are analysed.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import is_normalized, normalize

from offers.search.analysis import PARTS, fold, words

# A piece: a word as displayed. An apostrophe ends it: in “l’architecte” only “architecte” is highlighted.
_PIECE = re.compile(r"\.?[^\W_]+(?:[.·/\-][^\W_]+)*(?:\+\+|#)?")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = "*_`>|~"
# Markdown syntax at the start of a line, or on the whole line.
_LINE = re.compile(r"\s*(?:(?:#{1,6}|[-+]|\d+[.)])\s+|[-=]{3,}\s*$)")

Fragment = tuple[str, bool]


class Match(NamedTuple):
    """The span of a piece, and the query words that it contains."""

    start: int
    end: int
    words: frozenset[str]


class _Prefix(NamedTuple):
    """The folded start of a word, in Latin-1. With `anywhere`, it also matches inside a run of letters."""

    letters: bytes
    anywhere: bool


def strip_markdown(markdown: str) -> str:
    """Return the text of Markdown on one line."""
    text = _normalize(_LINK.sub(r"\1", markdown) if "](" in markdown else markdown)
    for mark in _MARKS:
        if mark in text:
            text = text.replace(mark, "")
    lines = []
    for line in text.splitlines():
        beginning = None if line[:1].isalpha() else _LINE.match(line)
        lines.append(line[beginning.end() :] if beginning else line)
    return " ".join(" ".join(lines).split())


def highlight(text: str, query_words: frozenset[str] | None) -> list[Fragment]:
    """Return `text` as (fragment, is_match) pairs. `query_words` is `Results.words`."""
    if not query_words:
        return [(text, False)]
    text = _normalize(text)
    return _split(text, matches(text, query_words), 0, len(text))


def _normalize(text: str) -> str:
    """Return `text` in Unicode normalization form C: one character for each letter with an accent."""
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def _split(text: str, spans: list[Match], start: int, end: int) -> list[Fragment]:
    """Return `text[start:end]` as fragments. A match across an end is not highlighted."""
    fragments = []
    for match in spans:
        if start <= match.start and match.end <= end:
            if match.start > start:
                fragments.append((text[start : match.start], False))
            fragments.append((text[match.start : match.end], True))
            start = match.end
    return [*fragments, (text[start:end], False)] if start < end else fragments


def excerpt(markdown: str, query_words: frozenset[str], length: int = 200) -> list[Fragment]:
    """Return about `length` characters with most of the `query_words`, or else the start of the text, as fragments."""
    markdown, is_cut_before, is_cut_after = _crop(markdown, query_words, length)
    text = strip_markdown(markdown)
    spans = matches(text, query_words) if query_words else []
    start = _densest_start(spans, length, len(text)) if len(text) > length else 0
    # Move both ends to word boundaries.
    start = text.find(" ", start) + 1 if start else 0
    stop = text.rfind(" ", start, start + length) if start + length < len(text) else len(text)
    stop = stop if stop > start else min(start + length, len(text))
    fragments = _split(text, spans, start, start + len(text[start:stop].rstrip(" ,;:")))
    before, after = is_cut_before or start, is_cut_after or stop < len(text)
    return [*([("… ", False)] if before else []), *fragments, *([(" …", False)] if after else [])]


def _crop(markdown: str, query_words: frozenset[str], length: int) -> tuple[str, bool, bool]:
    """Return the lines with most of the words, and whether they were cut before and after them.

    A line that is longer than the excerpt is cut too; other lines are whole, so that their Markdown can be stripped.
    """
    if len(markdown) < 4 * length or "](" in markdown:
        return markdown, False, False
    markdown = _normalize(markdown)
    spans = matches(markdown, query_words) if query_words else []
    start = _densest_start(spans, length, len(markdown))
    line = markdown.rfind("\n", 0, start) + 1
    start = line if start - line < length else markdown.find(" ", start) + 1
    # Twice the length, since Markdown is stripped.
    end = markdown.find(" ", start + 2 * length)
    end = len(markdown) if end < 0 else end
    return markdown[start:end], start > 0, end < len(markdown)


def _densest_start(spans: list[Match], length: int, text_length: int) -> int:
    """Return the start of the window of `length` characters with most of the words, in a text of `text_length`."""
    if not spans:
        return 0
    lead = length // 4

    def count_words(index):
        last = spans[index].start - lead + length
        return len(frozenset().union(*(match.words for match in spans[index:] if match.end <= last)))

    # Stop at the first window with all words: often it is the first one.
    total_words = len(frozenset().union(*(match.words for match in spans)))
    best, most_words = 0, 1
    for index in range(len(spans)):
        if most_words == total_words:
            break
        if (word_count := count_words(index)) > most_words:
            best, most_words = index, word_count
    return min(max(spans[best].start - lead, 0), text_length - length)


def matches(text: str, query_words: frozenset[str]) -> list[Match]:
    """Return the pieces of the NFC-normalized `text` that contain one of the `query_words`, in order."""
    spans, end = [], 0
    for at in _candidates(text, query_words):
        if at >= end:
            # Extend to the spaces around the prefix: no piece contains a space.
            start, end = text.rfind(" ", 0, at) + 1, text.find(" ", at)
            end = end if end >= 0 else len(text)
            spans += [
                Match(start + match.start, start + match.end, match.words)
                for match in _match_pieces(text[start:end], query_words)
            ]
    return spans


@lru_cache(maxsize=20_000)
def _match_pieces(text: str, query_words: frozenset[str]) -> tuple[Match, ...]:
    """Return the matches in `text`, which has no spaces; cached, because the offers of a search share most of them."""
    return tuple(
        Match(piece.start(), piece.end(), query_words.intersection(piece_words))
        for piece in _PIECE.finditer(text)
        if not query_words.isdisjoint(piece_words := words(piece[0]))
    )


def _fold_byte(code: int) -> int:
    folded = fold(chr(code)).encode("latin-1", "replace")
    return folded[0] if len(folded) == 1 else ord("?")


# One byte for each character, so that offsets are the same in text and bytes. A character outside of Latin-1, or one
# that folds into two (“œ”), becomes a question mark.
_FOLDED = bytes(map(_fold_byte, range(256)))


def _candidates(text: str, query_words: frozenset[str]) -> list[int]:
    """Return the offsets of the prefixes of `query_words` in `text`, sorted."""
    folded, offsets = text.encode("latin-1", "replace").translate(_FOLDED), []
    for letters, anywhere in _prefixes(query_words):
        at = folded.find(letters)
        while at >= 0:
            if anywhere or not at or not folded[at - 1 : at].isalnum():
                offsets.append(at)
            at = folded.find(letters, at + 1)
    offsets.sort()
    return offsets


@lru_cache(maxsize=500)
def _prefixes(query_words: frozenset[str]) -> frozenset[_Prefix]:
    """Return, for each word, the prefix that all its inflected forms share."""
    prefixes = set()
    for word in query_words:
        if word.isdigit():
            # The version in “Python3”.
            prefixes.add(_Prefix(word.encode(), True))
            continue
        # “front-end” for “frontend”, “vue.js” for “vuejs”, “s.a.p.” for “sap”.
        head = PARTS[word][0] if word in PARTS else word.removesuffix("js") or word
        head = head[: 3 if len(head) > 4 else 2 if len(head) == 4 else 1]
        for letters in {head, head.replace("oe", "?"), head.replace("ae", "?"), head.replace("ss", "?")}:
            prefixes.add(_Prefix(letters.encode("latin-1", "replace"), not letters[0].isalnum()))
    return frozenset(prefixes)
