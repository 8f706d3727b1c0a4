"""Names of skills that are also common words, units, abbreviations or companies (`data/ambiguous.toml`).

The index has, for a document, the token `marked(name)` if its title has the name, or its text has it beside an IT word.
"""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from offers.search.analysis import words

FILE = Path(__file__).resolve().parent / "data" / "ambiguous.toml"


def _read(table: str) -> frozenset[str]:
    with FILE.open("rb") as file:
        return frozenset(token for text in tomllib.load(file)[table].values() for token in words(text))


NAMES = _read("names")
# IT words: beside one of them, the name of a skill is the skill.
BESIDE = _read("beside") - NAMES


def marked(name: str) -> str:
    """Return the token of a name that is the skill. No word contains “_”."""
    return name + "_"


def marks(title: Sequence[str], text: Sequence[str]) -> list[str]:
    """Return the marked tokens of a document, from the tokens of its title and of its text."""
    found = NAMES.intersection(title)
    others = NAMES.intersection(text) - found
    if others:
        found |= others & set(_beside_it_words(text))
    return [marked(name) for name in sorted(found)]


def _beside_it_words(tokens: Sequence[str]) -> Iterator[str]:
    """Yield the names beside an IT word, or beside a name that is (“Java, C, R”)."""
    last, size = -1, len(tokens)
    for position, token in enumerate(tokens):
        if token not in NAMES or position < last:
            continue
        # The run of adjacent names from this position.
        last = position + 1
        while last < size and tokens[last] in NAMES:
            last += 1
        before = tokens[position - 1] if position else ""
        after = tokens[last] if last < size else ""
        if before in BESIDE or after in BESIDE:
            for name in tokens[position:last]:
                if len(name) > 2 or not (before.isdigit() or after.isdigit()):
                    yield name
