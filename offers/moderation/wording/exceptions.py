"""Criteria that a law allows or prescribes: the finding is then a warning that names the article."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from offers.moderation.wording.phrases import fold
from offers.moderation.wording.reasons import Reason

DATA = Path(__file__).resolve().parent.parent / "data" / "exceptions.toml"
# Characters before and after a match in which the condition of an exception is searched.
DISTANCE = 200
_CORRECTION = "Gardez la condition si elle vient de ce texte, et citez-le dans l’annonce\u00a0; sinon, supprimez-la."


class LegalException(NamedTuple):
    categories: frozenset[str]
    # Searched in the folded text around the match.
    condition: re.Pattern
    # The contract that meets the condition whatever the text says, or an empty string.
    contract: str
    reason: Reason


@cache
def _exceptions() -> tuple[LegalException, ...]:
    return tuple(
        LegalException(
            frozenset(table["categories"]),
            re.compile(rf"(?<!\w)(?:{table['condition']})(?!\w)"),
            table.get("contract", ""),
            Reason(table["label"], table["explanation"], table.get("correction", _CORRECTION), table["law"]),
        )
        for table in tomllib.loads(DATA.read_text("utf-8"))["exceptions"]
    )


def find_exception(category: str, contract: str, text: str, start: int, end: int) -> Reason | None:
    """Return the exception that the words at `start`:`end` of a text may fall under, or None."""
    candidates = [exception for exception in _exceptions() if category in exception.categories]
    if not candidates:
        return None
    context = fold(text[max(start - DISTANCE, 0) : end + DISTANCE]).text
    return next(
        (
            exception.reason
            for exception in candidates
            if (exception.contract and exception.contract == contract) or exception.condition.search(context)
        ),
        None,
    )
