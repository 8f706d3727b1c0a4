"""Completions of the last word of the search box to a condition: “react par” to “react Paris (75)”."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from offers.catalogue.understood import condition_label
from offers.places.areas import Area, LocationKeyword, area_detail, area_text
from offers.places.lookup import suggest_areas
from offers.places.models import Place
from offers.search.parser import MAX_LENGTH
from offers.understanding.phrases import phrase_groups
from offers.understanding.tokens import Condition, keys

MAX_CONDITIONS, MAX_PLACES = 2, 2
# Smaller communes would hide the words that people mean: “remo” is “remote”, not Remoulins.
MIN_POPULATION = 10_000
# The last word is excluded, or in an open quotation: it is no condition.
_UNREAD = re.compile(r"(?:(?<!\S)[-–—]\S*|(?<!\S)(?:SAUF|NOT)\s+\S*|[\"“«][^\"”»]*)$")
# A shorter word begins too many phrases and places.
MIN_LENGTH = 2


@dataclass(frozen=True)
class Completion:
    """A text for the search box, and what its last words state."""

    value: str
    label: str
    detail: str


def complete(text: str) -> list[Completion]:
    """Return the completions of a text. Towns that are the whole text have suggestions of their own."""
    before, _, word = text.rpartition(" ")
    prefix = " ".join(keys(word))
    if len(prefix) < MIN_LENGTH or _UNREAD.search(text):
        return []
    before = f"{before.strip()} ".lstrip()
    completions = [
        Completion(f"{before}{phrase}", phrase, label)
        for key, phrase, label in _phrases()
        if key.startswith(prefix) and key != prefix
    ][:MAX_CONDITIONS]
    completions += [
        Completion(f"{before}{area_text(area)}", area_text(area), area_detail(area)) for area in _areas(word, before)
    ]
    return [each for each in completions if len(each.value) <= MAX_LENGTH]


def _areas(word: str, before: str) -> Iterator[Area]:
    # “chef de pro” goes on with “projet”.
    is_name = len(word) > MIN_LENGTH and before.split()[-1:] not in (["de"], ["du"], ["des"])
    areas = suggest_areas(word, MAX_PLACES) if is_name or word.isdigit() else []
    for area in areas:
        is_suggested = (before and area.population >= MIN_POPULATION) if isinstance(area, Place) else True
        if is_suggested and not isinstance(area, LocationKeyword):
            yield area


@cache
def _phrases() -> tuple[tuple[str, str, str], ...]:
    """Return the key, the text and the meaning of the first phrases of each group, which are the usual ones."""
    rows = []
    for group in phrase_groups():
        label = condition_label(Condition(group.parameter, group.values, 0, 0))
        rows += [(" ".join(keys(text)), text, label) for text in group.usual]
    return tuple(rows)
