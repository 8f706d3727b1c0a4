"""Criteria that a law allows or prescribes: the finding is then a warning that names the article."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from offers.moderation.wording.context import split_sentence
from offers.moderation.wording.phrases import fold
from offers.moderation.wording.reasons import Reason

DATA = Path(__file__).resolve().parent.parent / "data" / "exceptions.toml"
# Characters before and after a match in which the condition of an exception is searched.
DISTANCE = 200
_CORRECTION = "Gardez la condition si elle vient de ce texte, et citez-le dans l’annonce\u00a0; sinon, supprimez-la."


class LegalException(NamedTuple):
    categories: frozenset[str]
    # Each is found in the folded text around the match.
    conditions: tuple[re.Pattern, ...]
    # Whether the conditions have to be in the sentence of the match.
    in_sentence: bool
    # The contract that meets the condition whatever the text says, or an empty string.
    contract: str
    reason: Reason


@cache
def _exceptions() -> tuple[LegalException, ...]:
    return tuple(
        LegalException(
            frozenset(table["categories"]),
            tuple(_compile(table[name]) for name in ("conditions", "also") if name in table),
            table.get("sentence", False),
            table.get("contract", ""),
            Reason(table["label"], table["explanation"], table.get("correction", _CORRECTION), table["law"]),
        )
        for table in tomllib.loads(DATA.read_text("utf-8"))["exceptions"]
    )


def _compile(sources: list[str]) -> re.Pattern:
    return re.compile(rf"(?<!\w)(?:{'|'.join(sources)})(?!\w)")


def find_exception(category: str, contract: str, text: str, start: int, end: int) -> Reason | None:
    """Return the exception that the words at `start`:`end` of a text may fall under, or None."""
    candidates = [exception for exception in _exceptions() if category in exception.categories]
    if not candidates:
        return None
    parts = text[max(start - DISTANCE, 0) : start], text[start:end], text[end : end + DISTANCE]
    before, words, after = (fold(part).text for part in parts)
    context = before + words + after
    sentence = "".join(split_sentence(context, len(before), len(before) + len(words)))
    return next(
        (
            exception.reason
            for exception in candidates
            if (exception.contract and exception.contract == contract)
            or all(each.search(sentence if exception.in_sentence else context) for each in exception.conditions)
        ),
        None,
    )
