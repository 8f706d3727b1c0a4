"""Conditions stated by fixed phrases: `data/phrases.toml`."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from offers.understanding.names import Names
from offers.understanding.tokens import Draft, keys

DATA = Path(__file__).parent / "data"

# Phrases of each group that suggestions complete: the usual ones come first.
USUAL = 2

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class PhraseGroup:
    """Phrases with the same meaning, and the words beside which they state no condition.

    `usual` are the texts of the first two, which suggestions complete.
    """

    parameter: str
    values: tuple
    usual: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    not_before: tuple[Phrase, ...] = ()
    not_after: tuple[Phrase, ...] = ()


@cache
def phrase_groups() -> tuple[PhraseGroup, ...]:
    with (DATA / "phrases.toml").open("rb") as file:
        rows = tomllib.load(file)["condition"]
    return tuple(
        PhraseGroup(
            row["parameter"],
            tuple(row["values"]),
            tuple(row["phrases"][:USUAL]),
            *(tuple(map(keys, row.get(name, ()))) for name in ("phrases", "not_before", "not_after")),
        )
        for row in rows
    )


@cache
def _groups_by_first_word() -> dict[str, list[tuple[Phrase, PhraseGroup]]]:
    """Return the phrases by their first word, the longest first."""
    by_word: dict[str, list[tuple[Phrase, PhraseGroup]]] = {}
    for group in phrase_groups():
        for phrase in group.phrases:
            by_word.setdefault(phrase[0], []).append((phrase, group))
    for phrases in by_word.values():
        phrases.sort(key=lambda each: -len(each[0]))
    return by_word


def read_phrases(draft: Draft, names: Names) -> None:
    """Take the phrases that state a condition, the longest first at each word."""
    index = 0
    while index < len(draft.tokens):
        for phrase, group in _phrases_at(draft, index):
            last = index + len(phrase)
            if not _is_voided(draft, index, last, group) and not names.contain(draft, index, last):
                draft.take_tokens(group.parameter, group.values, index, last)
                index = last - 1
                break
        index += 1


def _phrases_at(draft: Draft, index: int) -> Iterator[tuple[Phrase, PhraseGroup]]:
    for phrase, group in _groups_by_first_word().get(draft.key(index), ()):
        if is_at(draft, index, phrase):
            yield phrase, group


def is_at(draft: Draft, index: int, phrase: Sequence[str]) -> bool:
    """Return whether the free tokens from `index` on are the phrase. Spaces, hyphens and apostrophes are equal."""
    return all(draft.key(index + offset) == word for offset, word in enumerate(phrase)) and all(
        draft.tokens[index + offset].continues_name for offset in range(1, len(phrase))
    )


def follows(draft: Draft, index: int, phrase: Sequence[str]) -> bool:
    """Return whether the tokens before `index` are the phrase."""
    first = index - len(phrase)
    return first >= 0 and draft.tokens[index].continues_name and is_at(draft, first, phrase)


def _is_voided(draft: Draft, first: int, last: int, group: PhraseGroup) -> bool:
    is_followed = last < len(draft.tokens) and draft.tokens[last].continues_name
    return (is_followed and any(is_at(draft, last, words) for words in group.not_before)) or any(
        follows(draft, first, words) for words in group.not_after
    )
