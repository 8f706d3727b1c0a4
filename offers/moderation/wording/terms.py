"""Terms of the wording check: read from the default file, loaded from the database, compiled to regular expressions."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from offers.moderation.models import WordingTerm
from offers.moderation.wording.phrases import FoldedText, PhraseError, fold_phrase, phrase_to_regex

DEFAULT_FILE = Path(__file__).resolve().parent.parent / "data" / "wording.toml"
TITLE_PREFIX = "titre:"
MAX_PHRASE_LENGTH, MAX_ADVICE_LENGTH = (WordingTerm._meta.get_field(name).max_length for name in ("phrase", "advice"))

Category, Effect = WordingTerm.Category, WordingTerm.Effect


class TermDefinition(NamedTuple):
    """A term of the file or of the database, with the fields of `WordingTerm`."""

    category: str
    effect: str
    phrase: str
    title_only: bool = False
    advice: str = ""

    @property
    def line(self) -> str:
        """The term as a normalized line of the file, which `WordingTerm.shipped_as` stores."""
        phrase = f"{TITLE_PREFIX} {self.phrase}" if self.title_only else self.phrase
        return f"{self.category}.{self.effect}: {phrase}" + (f" => {self.advice}" if self.advice else "")


def read_terms(file: Path = DEFAULT_FILE) -> list[TermDefinition]:
    """Return the terms of a TOML file. Raises ValueError for an invalid term, category or effect."""
    terms = []
    for category, effects in tomllib.loads(file.read_text("utf-8")).items():
        for effect, lines in effects.items():
            for line in lines:
                phrase, _, advice = map(str.strip, line.partition("=>"))
                title_only = phrase.startswith(TITLE_PREFIX)
                phrase = phrase.removeprefix(TITLE_PREFIX).strip()
                term = TermDefinition(Category(category).value, Effect(effect).value, phrase, title_only, advice)
                try:
                    # SQLite does not enforce the length.
                    if len(phrase) > MAX_PHRASE_LENGTH or len(advice) > MAX_ADVICE_LENGTH:
                        raise PhraseError("trop long")
                    phrase_to_regex(phrase)
                except PhraseError as error:
                    raise ValueError(f"{term.line}: {error}") from None
                terms.append(term)
    return terms


def load_terms() -> "CompiledTerms":
    """Return the active terms of the database, in one query; cached until a term changes."""
    rows = WordingTerm.objects.filter(active=True).order_by("pk")
    return compile_terms(tuple(TermDefinition(*row) for row in rows.values_list(*TermDefinition._fields)))


class TermMatch(NamedTuple):
    """A match of a term at `start`:`end` in the folded text."""

    start: int
    end: int
    term: TermDefinition


@dataclass(frozen=True)
class CompiledTerms:
    """Compiled terms: a regular expression for each category, effect and `title_only`; its groups are the terms."""

    expressions: tuple[tuple[str, str, re.Pattern, tuple[TermDefinition, ...], bool], ...]

    def find(self, text: FoldedText, *, title: bool = False) -> tuple[list[TermMatch], dict[str, list[TermMatch]]]:
        """Return the matches that no allowed term covers, and those of the allowed terms by category.

        Of overlapping matches of a category, the longest is returned.
        """
        matched, allowed = defaultdict(list), defaultdict(list)
        for category, effect, expression, terms, title_only in self.expressions:
            if title_only and not title:
                continue
            for match in expression.finditer(text.text):
                matches = allowed if effect == Effect.ALLOWED else matched
                end = match.end(match.lastindex)
                matches[category].append(TermMatch(match.start(), end, terms[match.lastindex - 1]))
        result = []
        for category, matches in matched.items():
            selected: list[TermMatch] = []
            for match in sorted(matches, key=lambda match: (match.start - match.end, match.start)):
                if not any(_overlap(match, other) for other in (*allowed[category], *selected)):
                    selected.append(match)
            result += selected
        return sorted(result), allowed


def _overlap(one: TermMatch, other: TermMatch) -> bool:
    return one.start < other.end and other.start < one.end


@lru_cache(maxsize=4)
def compile_terms(terms: Iterable[TermDefinition]) -> CompiledTerms:
    groups = defaultdict(list)
    for term in terms:
        try:
            source = phrase_to_regex(term.phrase, feminine=term.category != Category.FOREIGN)
            groups[term.category, term.effect, term.title_only].append((source, term))
        except PhraseError:
            # Ignore invalid phrases, which can only exist if they were not saved by the form.
            continue
    expressions = []
    for (category, effect, title_only), members in sorted(groups.items()):
        # In a lookahead at each start of a word, because matches may overlap. Longer phrases first: of the alternatives
        # that match at one position, the first wins.
        members.sort(key=lambda member: -len(fold_phrase(member[1].phrase)))
        expression = re.compile(r"(?<!\w)(?=" + "|".join(f"({source})" for source, _ in members) + ")")
        expressions.append((category, effect, expression, tuple(term for _, term in members), title_only))
    return CompiledTerms(tuple(expressions))
