"""Contexts in which words about a criterion do not choose candidates: “quel que soit votre âge”, “nos clients de 20 à
30 ans”, “l’application accompagne les femmes enceintes”.

Contexts are read within the sentence, at most WINDOW characters before and after the words, so that the time for a text
is linear in its length.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "context.toml"
WINDOW = 160
# The age range that describes everybody (“de 22 à 61 ans”) rather than a limit.
WIDE_RANGE = 30
# The contexts that count for each category of findings; for others, none does.
_PEOPLE = ("negation", "positive", "open", "others", "product")
_CONTEXTS = {
    # Welcoming people of some ages excludes the others.
    "age": ("negation", "others", "product"),
    **dict.fromkeys(("origin", "residence"), ("negation", "positive", "others", "product")),
    **dict.fromkeys(("sex", "family", "belief", "appearance", "health", "orientation"), _PEOPLE),
    **dict.fromkeys(("economic", "whistleblower"), _PEOPLE),
    "identity": ("negation", "product"),
    "money": ("product",),
}
_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)|[;\n•]")
# A comma ends a clause unless an enumeration goes on after it.
_CLAUSE_END = re.compile(r",(?!\s(?:de|du|des|d'|le|la|les|l'|et|ou|ni|avec|dont|que|qui|marie)\b)|\s[-(]\s?")
_STRONG_CLAUSE_END = re.compile(r"[,:(]|\s-\s")
_STRONG = re.compile(
    r"(?<!\w)(?:exigee?s?|requise?s?|obligatoires?|imperati\w+|souhaitee?s?|indispensables?|uniquement|seulement"
    r"|exclusivement|de preference|s'abstenir|vous etes|vous avez|only|required)(?!\w)"
)
_AGE_RANGE = re.compile(r"(?:de )?(\d\d) a (\d\d) ans")
# On-call duty is a constraint of the post that may bear on where one lives.
_ON_CALL = re.compile(r"(?<!\w)(?:astreintes?|incidents?|interventions? sur site)(?!\w)")


@cache
def _expressions() -> dict[str, re.Pattern]:
    data = tomllib.loads(DATA.read_text("utf-8"))
    end = r"(?:(?<=')|(?!\w))"
    compiled = {name: re.compile(rf"(?<!\w)(?:{'|'.join(sources)}){end}") for name, sources in data.items()}
    for name in ("others", "data"):
        # At most three words before the end of the text.
        nouns = "|".join(data[name])
        compiled[name] = re.compile(rf"(?<!\w)(?:{nouns})(?:\s+[^\s.,;:!?]+){{0,3}}\s*[«(\"]?\s*$")
    nouns = "|".join(data["lists"])
    compiled["lists"] = re.compile(rf"(?<!\w)(?:{nouns})(?!\w)[^.;:!?\n]{{0,20}}:[^.;:!?\n]{{0,80}}$")
    return compiled


def is_excused(category: str, text: str, start: int, end: int) -> bool:
    """Return whether words of a folded text, at `start`:`end`, choose no candidate according to their context."""
    contexts = _CONTEXTS.get(category)
    if contexts is None:
        return False
    before, words, after = split_sentence(text, start, end)
    return (
        ("negation" in contexts and _is_negated(before, after))
        or any(_is_in_clause(name, before, after) for name in ("positive", "open") if name in contexts)
        or ("others" in contexts and _is_about_others(before))
        or ("product" in contexts and _is_about_product(before, words, after))
        or (category == "age" and _is_wide_range(before, words))
        or (category == "residence" and bool(_ON_CALL.search(before + words + after)))
    )


def split_sentence(text: str, start: int, end: int) -> tuple[str, str, str]:
    """Return the sentence of the words at `start`:`end` in three parts: before them, the words, and after them."""
    before = _last_part(_SENTENCE_END, text[max(start - WINDOW, 0) : start])
    after = _first_part(_SENTENCE_END, text[end : end + WINDOW])
    return before, text[start:end], after


def _last_part(expression: re.Pattern, text: str) -> str:
    """Return `text` after the last match of the expression."""
    ends = [match.end() for match in expression.finditer(text)]
    return text[ends[-1] :] if ends else text


def _first_part(expression: re.Pattern, text: str) -> str:
    match = expression.search(text)
    return text[: match.start()] if match else text


def _is_negated(before: str, after: str) -> bool:
    known = _expressions()
    negations = [match.end() for match in known["negation"].finditer(before)]
    if negations and not known["new_subject"].search(before, negations[-1]):
        return True
    return bool(known["negation_after"].search(_first_part(_CLAUSE_END, after)[:60]))


def _is_in_clause(name: str, before: str, after: str) -> bool:
    expression = _expressions()[name]
    return bool(
        expression.search(_last_part(_CLAUSE_END, before)) or expression.search(_first_part(_CLAUSE_END, after))
    )


def _is_about_others(before: str) -> bool:
    known = _expressions()
    if not known["others"].search(_last_part(_STRONG_CLAUSE_END, before)):
        return False
    recruiting = [match.start() for match in known["recruiting"].finditer(before)]
    supervised = [match.start() for match in known["supervised"].finditer(before)]
    return not recruiting or bool(supervised and supervised[-1] > recruiting[-1])


def _is_about_product(before: str, words: str, after: str) -> bool:
    known = _expressions()
    if _STRONG.search(words) or _STRONG.match(after.lstrip()):
        return bool(known["data"].search(_last_part(_STRONG_CLAUSE_END, before)) or known["lists"].search(before))
    return bool(known["product"].search(_last_part(_CLAUSE_END, before)))


def _is_wide_range(before: str, words: str) -> bool:
    match = _AGE_RANGE.search(words)
    if not match or _expressions()["recruiting"].search(before):
        return False
    return int(match[2]) - int(match[1]) >= WIDE_RANGE
