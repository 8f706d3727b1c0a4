"""The piece of an offer's text that has what was searched, and where.

A page shows twenty texts of some hundred words each, of which a few are searched. So each text is looked through for
how those words begin, in bytes, and only what stands there is read as a search reads it.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import is_normalized, normalize

from offers.search.analysis import PARTS, fold, words

# Words as people see them. An apostrophe ends one: of “l’architecte” only the architect is marked.
_PIECE = re.compile(r"\.?[^\W_]+(?:[.·/\-][^\W_]+)*(?:\+\+|#)?")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = "*_`>|~"
# What a line begins with, or is made of, to say what it is.
_LINE = re.compile(r"\s*(?:(?:#{1,6}|[-+]|\d+[.)])\s+|[-=]{3,}\s*$)")

Part = tuple[str, bool]


class Match(NamedTuple):
    """Where a piece of a text stands that has some of the searched words."""

    start: int
    end: int
    words: frozenset[str]


class _Beginning(NamedTuple):
    """How a word begins, folded, in Latin-1; `anywhere` where it may also stand inside a run of letters."""

    letters: bytes
    anywhere: bool


def plain(markdown: str) -> str:
    """The words of a Markdown text on one line."""
    text = _composed(_LINK.sub(r"\1", markdown) if "](" in markdown else markdown)
    for mark in _MARKS:
        if mark in text:
            text = text.replace(mark, "")
    pieces = []
    for line in text.splitlines():
        beginning = None if line[:1].isalpha() else _LINE.match(line)
        pieces += (line[beginning.end() :] if beginning else line).split()
    return " ".join(pieces)


def marked(text: str, wanted: frozenset[str] | None) -> list[Part]:
    """`text` in parts, each with whether it was searched. `wanted` is `Results.words`."""
    text = _composed(text)
    return _parts(text, matches(text, wanted) if wanted else [], 0, len(text))


def _composed(text: str) -> str:
    """With accents on their letters, where a text has come with them beside: one letter, one character."""
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def _parts(text: str, found: list[Match], start: int, end: int) -> list[Part]:
    """What stands from `start` to `end`, in parts at what was `found`; what reaches beyond is not cut but left out."""
    parts = []
    for match in found:
        if start <= match.start and match.end <= end:
            if match.start > start:
                parts.append((text[start : match.start], False))
            parts.append((text[match.start : match.end], True))
            start = match.end
    return [*parts, (text[start:end], False)] if start < end else parts


def excerpt(markdown: str, wanted: frozenset[str], length: int = 200) -> list[Part]:
    """At most about `length` characters around the place where most of the words stand; the beginning if none does."""
    markdown, begun, ended = _near(markdown, wanted, length)
    text = plain(markdown)
    found = matches(text, wanted) if wanted else []
    start = _richest(found, length, len(text)) if len(text) > length else 0
    # From a word's beginning to a word's end.
    start = text.find(" ", start) + 1 if start else 0
    stop = text.rfind(" ", start, start + length) if start + length < len(text) else len(text)
    stop = stop if stop > start else min(start + length, len(text))
    parts = _parts(text, found, start, start + len(text[start:stop].rstrip(" ,;:")))
    before, after = begun or start, ended or stop < len(text)
    return [*([("… ", False)] if before else []), *parts, *([(" …", False)] if after else [])]


def _near(markdown: str, wanted: frozenset[str], length: int) -> tuple[str, bool, bool]:
    """What of a long text is around the place where most of the words stand; and whether there is more on each side.

    Whole lines, but for one that is longer than what is to be shown, so that it reads as it does in the whole.
    """
    if len(markdown) < 4 * length or "](" in markdown:
        return markdown, False, False
    markdown = _composed(markdown)
    found = matches(markdown, wanted) if wanted else []
    start = _richest(found, length, len(markdown))
    line = markdown.rfind("\n", 0, start) + 1
    start = line if start - line < length else markdown.find(" ", start) + 1
    # Twice what is shown, since signs are left out.
    end = markdown.find(" ", start + 2 * length)
    end = len(markdown) if end < 0 else end
    return markdown[start:end], start > 0, end < len(markdown)


def _richest(found: list[Match], length: int, whole: int) -> int:
    """From where `length` characters of a text of `whole` have most of the words that were found in it."""
    if not found:
        return 0
    lead = length // 4

    def wealth(index):
        last = found[index].start - lead + length
        return len(frozenset().union(*(match.words for match in found[index:] if match.end <= last)))

    # The first of those that have most; often the first at all has everything there is.
    most = len(frozenset().union(*(match.words for match in found)))
    best, wealthiest = 0, -1
    for index in range(len(found)):
        if (now := wealth(index)) > wealthiest:
            best, wealthiest = index, now
        if wealthiest == most:
            break
    return min(max(found[best].start - lead, 0), whole - length)


def matches(text: str, wanted: frozenset[str]) -> list[Match]:
    """The pieces of `text`, its accents composed, that have one of the words `wanted`, in order."""
    found, read = [], 0
    for at in _candidates(text, wanted):
        if at >= read:
            # From one space to the next: no piece has any in it.
            start, read = text.rfind(" ", 0, at) + 1, text.find(" ", at)
            read = read if read >= 0 else len(text)
            found += _read(text, start, read, wanted)
    return found


def _read(text: str, start: int, end: int, wanted: frozenset[str]) -> list[Match]:
    return [
        Match(piece.start(), piece.end(), wanted & found)
        for piece in _PIECE.finditer(text, start, end)
        if not wanted.isdisjoint(found := _words_of(piece[0]))
    ]


@lru_cache(maxsize=20_000)
def _words_of(piece: str) -> frozenset[str]:
    return frozenset(words(piece))


def _letter(code: int) -> int:
    folded = fold(chr(code)).encode("latin-1", "replace")
    return folded[0] if len(folded) == 1 else ord("?")


# One byte for one character, so that places in both are the same. What is no letter of Latin-1, or folds into two
# (“œ”), is a question mark.
_FOLDED = bytes(map(_letter, range(256)))


def _candidates(text: str, wanted: frozenset[str]) -> list[int]:
    """Where something begins as one of `wanted` does."""
    folded, places = text.encode("latin-1", "replace").translate(_FOLDED), []
    for letters, anywhere in _beginnings(wanted):
        at = folded.find(letters)
        while at >= 0:
            if anywhere or not at or not folded[at - 1 : at].isalnum():
                places.append(at)
            at = folded.find(letters, at + 1)
    places.sort()
    return places


@lru_cache(maxsize=500)
def _beginnings(wanted: frozenset[str]) -> frozenset[_Beginning]:
    """As few letters of each word as a text surely has, whichever of its forms stands there."""
    found = set()
    for word in wanted:
        if word.isdigit():
            # The version in “Python3”.
            found.add(_Beginning(word.encode(), True))
            continue
        # “front-end” for “frontend”, “vue.js” for “vuejs”, “s.a.p.” for “sap”.
        head = PARTS[word][0] if word in PARTS else word.removesuffix("js") or word
        head = head[: 3 if len(head) > 4 else 2 if len(head) == 4 else 1]
        for letters in {head, head.replace("oe", "?"), head.replace("ae", "?"), head.replace("ss", "?")}:
            found.add(_Beginning(letters.encode("latin-1", "replace"), not letters[0].isalnum()))
    return frozenset(found)
