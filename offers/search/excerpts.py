"""The piece of an offer's text that has what was searched, and where."""

import re
from functools import lru_cache

from offers.search.analysis import words

# Words as people see them. An apostrophe ends one: of “l’architecte” only the architect is marked.
_PIECE = re.compile(r"\.?[^\W_]+(?:[.·/\-][^\W_]+)*(?:\+\+|#)?")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = "*_`>|~"
# What a line begins with, or is made of, to say what it is.
_LINE = re.compile(r"\s*(?:(?:#{1,6}|[-+]|\d+[.)])\s+|[-=]{3,}\s*$)")

Part = tuple[str, bool]


def plain(markdown: str) -> str:
    """The words of a Markdown text on one line."""
    text = _LINK.sub(r"\1", markdown) if "](" in markdown else markdown
    for mark in _MARKS:
        text = text.replace(mark, "")
    pieces = []
    for line in text.splitlines():
        beginning = _LINE.match(line)
        pieces += (line[beginning.end() :] if beginning else line).split()
    return " ".join(pieces)


@lru_cache(maxsize=20_000)
def _words_of(piece: str) -> frozenset[str]:
    return frozenset(words(piece))


def _matches(text: str, wanted: frozenset[str]) -> list[tuple[int, int, frozenset[str]]]:
    return [
        (piece.start(), piece.end(), wanted & found)
        for piece in _PIECE.finditer(text)
        if not wanted.isdisjoint(found := _words_of(piece[0]))
    ]


def marked(text: str, wanted: frozenset[str] | None) -> list[Part]:
    """`text` in parts, each with whether it was searched. `wanted` is `Results.words`."""
    parts, end = [], 0
    for start, stop, _ in _matches(text, wanted) if wanted else ():
        if start > end:
            parts.append((text[end:start], False))
        parts.append((text[start:stop], True))
        end = stop
    return [*parts, (text[end:], False)] if end < len(text) else parts


def excerpt(markdown: str, wanted: frozenset[str], length: int = 200) -> list[Part]:
    """At most about `length` characters around the place where most of the words stand; the beginning if none does."""
    text = plain(markdown)
    if len(text) <= length:
        return marked(text, wanted)
    matches = _matches(text, wanted) if wanted else []
    start = 0
    if matches:
        lead = length // 4

        def wealth(index):
            last = matches[index][0] - lead + length
            return len(frozenset().union(*(words for at, end, words in matches[index:] if end <= last)))

        # The first of those that have most; often the first at all has everything there is.
        most = len(frozenset().union(*(words for *_, words in matches)))
        best, wealthiest = 0, -1
        for index in range(len(matches)):
            if (found := wealth(index)) > wealthiest:
                best, wealthiest = index, found
            if wealthiest == most:
                break
        start = min(max(matches[best][0] - lead, 0), len(text) - length)
        # From a word's beginning to a word's end.
        start = text.find(" ", start) + 1 if start else 0
    stop = text.rfind(" ", start, start + length) if start + length < len(text) else len(text)
    stop = stop if stop > start else min(start + length, len(text))
    parts = marked(text[start:stop].rstrip(" ,;:"), wanted)
    return [*([("… ", False)] if start else []), *parts, *([(" …", False)] if stop < len(text) else [])]
