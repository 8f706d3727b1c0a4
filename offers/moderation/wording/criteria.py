"""Choices by a forbidden criterion (Code du travail, L1132-1 and L1221-6), in statements and in questions.

Terms are phrases that curators edit. The expressions of `data/criteria.toml` combine groups of people with the grammar
of a choice (“… s’abstenir”, “vous êtes …”, “… uniquement”), so that they find phrases that no list has; those of
`data/questions.toml` find what may not be asked of candidates.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from offers.moderation.wording.context import is_excused
from offers.moderation.wording.phrases import FoldedText
from offers.moderation.wording.rules import ERROR, Problem

DATA = Path(__file__).resolve().parent.parent / "data"
# Further matches of one criterion in a text add nothing for its author.
MAX_PROBLEMS = 20
# Characters of context around a match in which `unless` is searched.
_MARGIN = 40
# Categories that are judged only where something is asked of candidates for certain.
_ASKED_ONLY = {"identity", "pay_history"}
_SENTENCE_MARK = re.compile(r"[.!?](?=\s|$)|\n")
MAX_QUESTION_LENGTH = 200
_SLOT = re.compile(r"\{([a-z_]+)\}")
Span = tuple[int, int]


class Criterion(NamedTuple):
    category: str
    severity: str
    message: str
    # The only field that the criterion is searched in, or an empty string for all texts.
    where: str
    expression: re.Pattern
    unless: re.Pattern | None


@cache
def _load(name: str) -> tuple[Criterion, ...]:
    """Return the criteria of a data file, compiled."""
    data = tomllib.loads((DATA / name).read_text("utf-8"))
    return tuple(_compile(table, data["slots"], data.get("templates", {})) for table in data["criteria"])


def _compile(table: dict, slots: dict, templates: dict) -> Criterion:
    slots = slots | {"group": table.get("group", "")}
    sources = [*table.get("alternatives", ())]
    sources += [source for template in table.get("templates", ()) for source in templates[template]]
    unless = table.get("unless")
    return Criterion(
        category=table["category"],
        severity=table.get("severity", ERROR),
        message=table.get("message", ""),
        where=table.get("where", ""),
        expression=re.compile(rf"(?<!\w)(?:{_fill('|'.join(sources), slots)})(?!\w)"),
        unless=re.compile(_fill("|".join(unless), slots)) if unless else None,
    )


def _fill(source: str, slots: dict) -> str:
    """Replace the slots in an expression, which may contain slots themselves; quantifiers such as {0,3} are not."""
    while _SLOT.search(source):
        source = _SLOT.sub(lambda match: slots[match[1]], source)
    return source


def find_statements(field: str, folded: FoldedText, allowed: dict[str, list[Span]]) -> list[Problem]:
    """Return the choices by a criterion in a text, except those that overlap an allowed term of their category."""
    return [
        _problem(criterion, field, folded, span) for criterion, span in _find("criteria.toml", field, folded, allowed)
    ]


def find_questions(field: str, folded: FoldedText, allowed: dict[str, list[Span]]) -> list[Problem]:
    """Return what may not be asked of candidates: mentions in the questions to them, and questions in other texts."""
    return [
        _problem(criterion, field, folded, span)
        for criterion, span in _find("questions.toml", field, folded, allowed)
        if field == "questions"
        # Elsewhere, documents and pay are mentioned for other reasons than to ask for them.
        or (criterion.category not in _ASKED_ONLY and _is_question(folded.text, span[1]))
    ]


def _problem(criterion: Criterion, field: str, folded: FoldedText, span: Span) -> Problem:
    return Problem(criterion.severity, criterion.category, field, criterion.message, *folded.span(*span))


def _is_question(text: str, position: int) -> bool:
    """Return whether the sentence at `position` ends with a question mark."""
    mark = _SENTENCE_MARK.search(text, position - 1, position + MAX_QUESTION_LENGTH)
    return mark is not None and mark[0] == "?"


def _find(name, field, folded, allowed) -> Iterator[tuple[Criterion, Span]]:
    for criterion in _load(name):
        if criterion.where in ("", field):
            for span in _matches(criterion, folded.text, allowed.get(criterion.category, ())):
                yield criterion, span


def _matches(criterion, text: str, allowed) -> Iterator[Span]:
    """Yield the matches that no context excuses, each text once."""
    position, seen = 0, set()
    while len(seen) < MAX_PROBLEMS and (match := criterion.expression.search(text, position)):
        start, end = match.span()
        if (
            any(start < other_end and other_start < end for other_start, other_end in allowed)
            or (criterion.unless and _is_exempt(criterion.unless, text, start, end))
            or is_excused(criterion.category, text, start, end)
        ):
            # An excused match may contain the start of another one.
            position = start + 1
            continue
        if match[0] not in seen:
            seen.add(match[0])
            yield start, end
        position = end


def _is_exempt(unless: re.Pattern, text: str, start: int, end: int) -> bool:
    """Return whether a match of `unless` overlaps the span."""
    offset = max(start - _MARGIN, 0)
    return any(
        offset + match.start() < end and start < offset + match.end()
        for match in unless.finditer(text[offset : end + _MARGIN])
    )
