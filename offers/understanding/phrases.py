"""Conditions stated by fixed phrases: `data/phrases.toml`."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from offers.fields import CHOICE_FILTERS
from offers.understanding.names import Names
from offers.understanding.tokens import AnnotatedText, keys

DATA = Path(__file__).parent / "data"

# Before a phrase or a place that offers must not have.
_NEGATIONS = "pas de, pas d, pas, sans, hors, sauf, aucun, aucune, ni, jamais, no, not, without, except"
# Between a negation and what it negates.
_BETWEEN = ("le", "la", "les", "l", "des", "en", "a", "au", "aux", "in", "the", "sur", "dans", "un", "une")
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


def read_phrases(annotated: AnnotatedText, names: Names) -> None:
    """Take the phrases that state a condition, the longest first at each word."""
    index = 0
    while index < len(annotated.tokens):
        for phrase, group in _phrases_at(annotated, index):
            last = index + len(phrase)
            if _is_another_meaning(annotated, index, last, group) or names.contain(annotated, index, last):
                continue
            first, values = index, group.values
            if (negation := negation_before(annotated, index)) is not None:
                first, values = negation, _other_values(group)
            if values:
                annotated.take_tokens(group.parameter, values, first, last)
                index = last - 1
                break
        index += 1


@cache
def _negations() -> tuple[Phrase, ...]:
    return tuple(sorted(map(keys, _NEGATIONS.split(",")), key=len, reverse=True))


def negation_before(annotated: AnnotatedText, index: int) -> int | None:
    """Return the index of the negation before the token `index`, None if there is none: “sauf les ESN”."""
    start = index
    while annotated.key(start - 1) in _BETWEEN:
        start -= 1
    lengths = [len(each) for each in _negations() if follows(annotated, start, each)]
    return start - lengths[0] if lengths else None


def _other_values(group: PhraseGroup) -> tuple:
    """Return the values of a choice filter that a negated phrase leaves; () for parameters that have no choices."""
    choices = next((each.choices for each in CHOICE_FILTERS if each.parameter == group.parameter), ())
    return tuple(choice.value for choice in choices if choice.value not in group.values)


def _phrases_at(annotated: AnnotatedText, index: int) -> Iterator[tuple[Phrase, PhraseGroup]]:
    for phrase, group in _groups_by_first_word().get(annotated.key(index), ()):
        if is_at(annotated, index, phrase):
            yield phrase, group


def is_at(annotated: AnnotatedText, index: int, phrase: Sequence[str]) -> bool:
    """Return whether the free tokens from `index` on are the phrase. Spaces, hyphens and apostrophes are equal."""
    return all(annotated.key(index + offset) == word for offset, word in enumerate(phrase)) and all(
        annotated.tokens[index + offset].continues_name for offset in range(1, len(phrase))
    )


def follows(annotated: AnnotatedText, index: int, phrase: Sequence[str]) -> bool:
    """Return whether the tokens before `index` are the phrase."""
    first = index - len(phrase)
    return first >= 0 and annotated.tokens[index].continues_name and is_at(annotated, first, phrase)


def _is_another_meaning(annotated: AnnotatedText, first: int, last: int, group: PhraseGroup) -> bool:
    is_followed = last < len(annotated.tokens) and annotated.tokens[last].continues_name
    return (is_followed and any(is_at(annotated, last, words) for words in group.not_before)) or any(
        follows(annotated, first, words) for words in group.not_after
    )
