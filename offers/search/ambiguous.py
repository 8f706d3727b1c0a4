"""Names of skills that are also common words, units, abbreviations or companies (`data/ambiguous.toml`).

The index has, for a document, the token `marked(name)` if its title has the name, or its text has it beside an IT word.
"""

import tomllib
from collections.abc import Sequence, Set
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


def marks(title: Sequence[str], text: Sequence[str], in_text: Set[str]) -> list[str]:
    """Return the marked tokens of a document, from the tokens of its title and of its text. `in_text` is set(text)."""
    found = NAMES.intersection(title)
    found |= {name for name in NAMES & in_text if name not in found and _is_beside_it_word(name, text)}
    return [marked(name) for name in sorted(found)]


def _is_beside_it_word(name: str, tokens: Sequence[str]) -> bool:
    """Return whether the name is beside an IT word, or beside a name that is (“Java, C, R”)."""
    position = -1
    for _ in range(tokens.count(name)):
        position = tokens.index(name, position + 1)
        first, last = position - 1, position + 1
        while first >= 0 and tokens[first] in NAMES:
            first -= 1
        while last < len(tokens) and tokens[last] in NAMES:
            last += 1
        neighbours = [tokens[at] for at in (first, last) if 0 <= at < len(tokens)]
        is_unit = len(name) <= 2 and any(map(str.isdigit, neighbours))
        if not is_unit and not BESIDE.isdisjoint(neighbours):
            return True
    return False
