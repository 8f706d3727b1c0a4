"""Places stated by a number: postal codes and departments, possibly with a name after them."""

import re
from collections.abc import Iterator

from offers.places.areas import TERRITORIES, Area, departments_of, places_of
from offers.places.lookup import AreaMatch, find_area
from offers.understanding.phrases import follows
from offers.understanding.place_rules import (
    DEPARTMENT,
    MAX_NAME_WORDS,
    POSTAL,
    Context,
    context_at,
    is_name,
    is_postal_code,
    name_evidence,
    rules,
)
from offers.understanding.tokens import AnnotatedText

# Up to this number, a number after a product is more likely its version than a department.
MAX_VERSION = 30
_DEPARTMENT_WORDS = ("departement", "dept", "dpt", "dep")
# Before a number that is part of a longer one or of a code.
_JOINTS = ("+", ".", "/", "-", "_", "#", "°", "'", "’")


def numbered_place(annotated: AnnotatedText, index: int) -> tuple[int, int, AreaMatch] | None:
    """Return the slice of tokens and the place of a postal code or department that begins at `index`."""
    key, token = annotated.key(index), annotated.tokens[index]
    context = context_at(annotated, index)
    if annotated.key(index - 1) in rules().versions and token.continues_name and not context.has_cue:
        return None
    if _is_glued(annotated, index):
        return None
    if is_postal_code(key):
        return _with_name(annotated, index, context)
    if (
        POSTAL.fullmatch(key + annotated.key(index + 1))
        and len(key) == 2
        and is_postal_code(key + annotated.key(index + 1))
    ):
        match = find_area(annotated.slice(index, index + 2))
        return (context.start, index + 2, match) if match else None
    if key in TERRITORIES and DEPARTMENT.fullmatch(key) and _is_department(annotated, index, context):
        return _with_name(annotated, index, context)
    return None


def _is_glued(annotated: AnnotatedText, index: int) -> bool:
    """Return whether the number is part of a longer one or of a code: “802.11”, “24/7”, “az-104”, “+5”."""
    token = annotated.tokens[index]
    is_dash = token.gap.endswith((" - ", "– ", " -"))
    if token.gap.endswith(_JOINTS) and not is_dash:
        return True
    rest = annotated.folded[token.end : token.end + 2]
    return bool(re.match(r"[.,/]\d|%|\+|[.-][a-z]|°", rest))


def _is_department(annotated: AnnotatedText, index: int, context: Context) -> bool:
    """Return whether a number of two digits is a department, and not a version or a count."""
    data, number, before = rules(), annotated.key(index), annotated.key(index - 1)
    if annotated.key(index + 1) in data.units and annotated.tokens[index + 1].continues_name:
        return False
    if before in _DEPARTMENT_WORDS or context.has_cue or _is_in_brackets(annotated, index):
        return True
    if context.has_weak_cue and before in ("le", "la"):
        return True
    if not number.isdigit() or index == 0 or not annotated.tokens[index].continues_name:
        return index > 0 or len(annotated.tokens) > 1
    if not before or index in annotated.ends_of_condition():
        return True
    if number in data.numbered.get(before, ()) or before[-1].isdigit():
        return False
    if any(follows(annotated, index, title) for title in data.titles):
        return True
    return number.startswith("0") or int(number) > MAX_VERSION


def _is_in_brackets(annotated: AnnotatedText, index: int) -> bool:
    token = annotated.tokens[index]
    return token.gap.endswith("(") and annotated.folded[token.end : token.end + 1] == ")"


def _with_name(annotated: AnnotatedText, index: int, context: Context) -> tuple[int, int, AreaMatch] | None:
    """Return the place of a postal code or department, together with a name after it: “69003 Lyon”, “44 - Nantes”."""
    for size in range(MAX_NAME_WORDS, 0, -1):
        last = index + 1 + size
        if last > len(annotated.tokens) or not is_name(annotated, index + 1, last):
            continue
        if annotated.tokens[index + 1].gap.strip(" -–,)"):
            continue
        name = " ".join(token.key for token in annotated.tokens[index + 1 : last])
        if name_evidence(name) and (match := find_area(annotated.slice(index, last))):
            code = annotated.key(index)
            if any(_is_in(code, department) for department in _departments(match.area)):
                return context.start, last, match
    text = annotated.slice(index, index + 1)
    match = find_area(text if POSTAL.fullmatch(text) else f"département {text}")
    return (context.start, index + 1, match) if match else None


def _departments(area: Area) -> Iterator[str]:
    yield from departments_of(area)
    yield from {place.department for place in places_of(area)}


def _is_in(code: str, department: str) -> bool:
    """Return whether a postal code, or the code of a department, is that of the department. 20 was Corsica."""
    return code.startswith(department[:2].lower()) or (code.startswith("20") and department in ("2A", "2B"))
