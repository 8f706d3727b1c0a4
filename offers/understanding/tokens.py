"""A search text as tokens, each of which is free or taken by a condition."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from offers.search.analysis import fold

_TOKEN = re.compile(r"[^\W_]+(?:\+\+|#)?")
_QUOTED = re.compile(r"[\"“”«»][^\"“”«»]*[\"“”«»]?")
# Words excluded by a hyphen: see `offers.search.parser`.
_EXCLUDED = re.compile(r"(?<!\S)[-–—]+(?=\S)\S+")
_CAPITAL_OR = re.compile(r"(?<!\S)(?:OU|OR)(?!\S)")
# As `offers.places.models.place_key` spells them.
_SAINTS = {"st": "saint", "ste": "sainte"}
# Replaces the text of a taken span, so that no pattern matches across it.
_TAKEN = "\0"


@dataclass(frozen=True)
class Token:
    """A word or number. `key` is its search key, `gap` the text before it, `start` and `end` its slice of the text."""

    key: str
    gap: str
    start: int
    end: int

    @property
    def continues_name(self) -> bool:
        """Return whether the token can belong to the same name as the one before it."""
        return not self.gap.strip(" -'’‐‑\xa0\u202f")


@dataclass(frozen=True)
class Condition:
    """A condition on offers: a query parameter of the list, its values, and the slice of the text that states it.

    `values` are values of choice filters; a whole number of euros, days or kilometres; or one AreaMatch for `ou`.
    The slice includes the small words that belong to the condition: “à Lyon”.
    """

    parameter: str
    values: tuple[Any, ...]
    start: int
    end: int


@dataclass
class AnnotatedText:
    """A text, its tokens, and the conditions that have been found in it so far."""

    text: str
    conditions: list[Condition] = field(default_factory=list)
    # Slices about pay that no filter can apply, and those of places that offers must not have.
    rejected: list[tuple[int, int]] = field(default_factory=list)
    excluded: list[tuple[int, int]] = field(default_factory=list)
    excluded_names: list[str] = field(default_factory=list)
    ignored: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self):
        # One letter for each letter, so that positions are those of the text.
        folded = "".join(letter if len(letter := fold(char)) == 1 else letter[:1] or " " for char in self.text)
        self.folded = folded
        self.tokens: list[Token] = []
        end = 0
        for match in _TOKEN.finditer(folded):
            self.tokens.append(Token(_key(match[0]), folded[end : match.start()], match.start(), match.end()))
            end = match.end()
        self._taken = [False] * len(self.tokens)
        for pattern in (_QUOTED, _EXCLUDED, _CAPITAL_OR):
            for match in pattern.finditer(self.text):
                self._mark(match.start(), match.end())

    def _mark(self, start: int, end: int) -> None:
        self.folded = self.folded[:start] + _TAKEN * (end - start) + self.folded[end:]
        for index, token in enumerate(self.tokens):
            if token.start < end and token.end > start:
                self._taken[index] = True

    def is_free(self, first: int, last: int) -> bool:
        """Return whether the tokens from `first` to before `last` are free."""
        return not any(self._taken[first:last])

    def key(self, index: int) -> str:
        """Return the key of a free token, "" if it is taken or does not exist."""
        return self.tokens[index].key if 0 <= index < len(self.tokens) and not self._taken[index] else ""

    def index_at(self, position: int) -> int:
        """Return the index of the first token that starts at `position` or after."""
        return next((index for index, token in enumerate(self.tokens) if token.start >= position), len(self.tokens))

    def slice(self, first: int, last: int) -> str:
        """Return the text of the tokens from `first` to before `last`."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end]

    def ends_of_condition(self) -> set[int]:
        """Return the indexes of the tokens that follow a condition."""
        return {self.index_at(condition.end) for condition in self.conditions}

    def take(self, parameter: str, values: Iterable, start: int, end: int) -> None:
        """Add a condition for a slice of the text."""
        self.conditions.append(Condition(parameter, tuple(values), start, end))
        self._mark(start, end)

    def take_tokens(self, parameter: str, values: Iterable, first: int, last: int) -> None:
        self.take(parameter, values, self.tokens[first].start, self.tokens[last - 1].end)

    def exclude_tokens(self, first: int, name: int, last: int) -> None:
        """Take tokens that exclude the place whose name begins at the token `name`."""
        self.excluded.append((self.tokens[first].start, self.tokens[last - 1].end))
        self.excluded_names.append(self.slice(name, last))
        self._mark(*self.excluded[-1])

    def ignore(self, start: int, end: int) -> None:
        """Take a slice that no filter can apply, and that is not searched either."""
        self.ignored.append((start, end))
        self._mark(start, end)

    def reject(self, start: int, end: int) -> None:
        """Take a slice that states a condition which no filter can apply."""
        self.rejected.append((start, end))
        self._mark(start, end)


def keys(text: str) -> tuple[str, ...]:
    """Return the keys of the tokens of a text."""
    return tuple(map(_key, _TOKEN.findall(fold(text))))


def _key(word: str) -> str:
    return _SAINTS.get(word, word)
