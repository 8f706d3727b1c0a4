"""Excerpts of offers around the words of a query, and highlighting.

A page has twenty texts of some hundred words each, few of which match. So each text is searched for the prefixes of the
words in bytes, and only the matches are analysed.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import is_normalized, normalize

from offers.search.analysis import PARTS, fold, words

# Words as displayed. An apostrophe ends one: in “l’architecte” only “architecte” is highlighted.
_PIECE = re.compile(r"\.?[^\W_]+(?:[.·/\-][^\W_]+)*(?:\+\+|#)?")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = "*_`>|~"
# Markdown at the start of a line, or a line of it.
_LINE = re.compile(r"\s*(?:(?:#{1,6}|[-+]|\d+[.)])\s+|[-=]{3,}\s*$)")

Fragment = tuple[str, bool]


class Match(NamedTuple):
    """The span of a piece of text, and the query words that it contains."""

    start: int
    end: int
    words: frozenset[str]


class _Prefix(NamedTuple):
    """The start of a word, folded, in Latin-1; with `anywhere`, also inside a run of letters."""

    letters: bytes
    anywhere: bool


def strip_markdown(markdown: str) -> str:
    """Return the words of a Markdown text on one line."""
    text = _normalize(_LINK.sub(r"\1", markdown) if "](" in markdown else markdown)
    for mark in _MARKS:
        if mark in text:
            text = text.replace(mark, "")
    lines = []
    for line in text.splitlines():
        beginning = None if line[:1].isalpha() else _LINE.match(line)
        lines.append(line[beginning.end() :] if beginning else line)
    return " ".join(" ".join(lines).split())


def highlight(text: str, wanted: frozenset[str] | None) -> list[Fragment]:
    """Return `text` in fragments, each with whether it matches. `wanted` is `Results.words`."""
    if not wanted:
        return [(text, False)]
    text = _normalize(text)
    return _split(text, matches(text, wanted), 0, len(text))


def _normalize(text: str) -> str:
    """Return `text` in Unicode normalization form C: one character for each letter with an accent."""
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def _split(text: str, found: list[Match], start: int, end: int) -> list[Fragment]:
    """Return `text` from `start` to `end` in fragments. A match that crosses an end is not highlighted."""
    parts = []
    for match in found:
        if start <= match.start and match.end <= end:
            if match.start > start:
                parts.append((text[start : match.start], False))
            parts.append((text[match.start : match.end], True))
            start = match.end
    return [*parts, (text[start:end], False)] if start < end else parts


def excerpt(markdown: str, wanted: frozenset[str], length: int = 200) -> list[Fragment]:
    """Return about `length` characters around the highest density of `wanted` words; or the start of the text."""
    markdown, begun, ended = _crop(markdown, wanted, length)
    text = strip_markdown(markdown)
    found = matches(text, wanted) if wanted else []
    start = _densest_start(found, length, len(text)) if len(text) > length else 0
    # From the start of a word to the end of a word.
    start = text.find(" ", start) + 1 if start else 0
    stop = text.rfind(" ", start, start + length) if start + length < len(text) else len(text)
    stop = stop if stop > start else min(start + length, len(text))
    parts = _split(text, found, start, start + len(text[start:stop].rstrip(" ,;:")))
    before, after = begun or start, ended or stop < len(text)
    return [*([("… ", False)] if before else []), *parts, *([(" …", False)] if after else [])]


def _crop(markdown: str, wanted: frozenset[str], length: int) -> tuple[str, bool, bool]:
    """Return the lines of a long text around the highest density of words; and whether more text precedes and follows.

    Whole lines, except one that is longer than the excerpt, so that Markdown at the start of a line is recognized.
    """
    if len(markdown) < 4 * length or "](" in markdown:
        return markdown, False, False
    markdown = _normalize(markdown)
    found = matches(markdown, wanted) if wanted else []
    start = _densest_start(found, length, len(markdown))
    line = markdown.rfind("\n", 0, start) + 1
    start = line if start - line < length else markdown.find(" ", start) + 1
    # Twice the length, since Markdown is stripped.
    end = markdown.find(" ", start + 2 * length)
    end = len(markdown) if end < 0 else end
    return markdown[start:end], start > 0, end < len(markdown)


def _densest_start(found: list[Match], length: int, whole: int) -> int:
    """Return the start of the `length` characters, of a text of `whole`, with most of the words."""
    if not found:
        return 0
    lead = length // 4

    def count_words(index):
        last = found[index].start - lead + length
        return len(frozenset().union(*(match.words for match in found[index:] if match.end <= last)))

    # The first window with most words; often the very first one has all of them.
    most = len(frozenset().union(*(match.words for match in found)))
    best, most_words = 0, 1
    for index in range(len(found)):
        if most_words == most:
            break
        if (now := count_words(index)) > most_words:
            best, most_words = index, now
    return min(max(found[best].start - lead, 0), whole - length)


def matches(text: str, wanted: frozenset[str]) -> list[Match]:
    """Return the pieces of `text`, which is normalized, that contain one of the words `wanted`, in order."""
    found, read = [], 0
    for at in _candidates(text, wanted):
        if at >= read:
            # From one space to the next, since no piece contains one.
            start, read = text.rfind(" ", 0, at) + 1, text.find(" ", at)
            read = read if read >= 0 else len(text)
            found += [
                Match(start + match.start, start + match.end, match.words)
                for match in _match_pieces(text[start:read], wanted)
            ]
    return found


@lru_cache(maxsize=20_000)
def _match_pieces(text: str, wanted: frozenset[str]) -> tuple[Match, ...]:
    """Return the matches in `text`, a run without spaces: cached, as the offers of a search have the same ones."""
    return tuple(
        Match(piece.start(), piece.end(), wanted.intersection(found))
        for piece in _PIECE.finditer(text)
        if not wanted.isdisjoint(found := words(piece[0]))
    )


def _letter(code: int) -> int:
    folded = fold(chr(code)).encode("latin-1", "replace")
    return folded[0] if len(folded) == 1 else ord("?")


# One byte for each character, so that offsets in both are the same. A character outside Latin-1, or that folds into
# two (“œ”), becomes a question mark.
_FOLDED = bytes(map(_letter, range(256)))


def _candidates(text: str, wanted: frozenset[str]) -> list[int]:
    """Return the offsets at which a prefix of one of `wanted` occurs."""
    folded, places = text.encode("latin-1", "replace").translate(_FOLDED), []
    for letters, anywhere in _prefixes(wanted):
        at = folded.find(letters)
        while at >= 0:
            if anywhere or not at or not folded[at - 1 : at].isalnum():
                places.append(at)
            at = folded.find(letters, at + 1)
    places.sort()
    return places


@lru_cache(maxsize=500)
def _prefixes(wanted: frozenset[str]) -> frozenset[_Prefix]:
    """Return the shortest prefix of each word that all its forms have."""
    found = set()
    for word in wanted:
        if word.isdigit():
            # The version in “Python3”.
            found.add(_Prefix(word.encode(), True))
            continue
        # “front-end” for “frontend”, “vue.js” for “vuejs”, “s.a.p.” for “sap”.
        head = PARTS[word][0] if word in PARTS else word.removesuffix("js") or word
        head = head[: 3 if len(head) > 4 else 2 if len(head) == 4 else 1]
        for letters in {head, head.replace("oe", "?"), head.replace("ae", "?"), head.replace("ss", "?")}:
            found.add(_Prefix(letters.encode("latin-1", "replace"), not letters[0].isalnum()))
    return frozenset(found)
