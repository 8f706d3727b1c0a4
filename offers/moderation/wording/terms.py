"""The terms of the wording check: the file that is shipped, the rows that curators edit, both made searchable."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from offers.moderation.models import WordingTerm
from offers.moderation.wording.phrases import Folded, PhraseError, fold_phrase, pattern

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "wording.toml"
TITLE = "titre:"
LONGEST_PHRASE, LONGEST_ADVICE = (WordingTerm._meta.get_field(name).max_length for name in ("phrase", "advice"))

Category, Effect = WordingTerm.Category, WordingTerm.Effect


class Term(NamedTuple):
    category: str
    effect: str
    phrase: str
    title_only: bool = False
    advice: str = ""

    @property
    def line(self) -> str:
        """The term as the file has it, in one way; what `shipped_as` holds."""
        phrase = f"{TITLE} {self.phrase}" if self.title_only else self.phrase
        return f"{self.category}.{self.effect}: {phrase}" + (f" => {self.advice}" if self.advice else "")


def read(file: Path = SHIPPED) -> list[Term]:
    """The terms of a file; ValueError where it makes no sense."""
    found = []
    for category, effects in tomllib.loads(file.read_text("utf-8")).items():
        for effect, lines in effects.items():
            for line in lines:
                phrase, _, advice = map(str.strip, line.partition("=>"))
                title_only = phrase.startswith(TITLE)
                phrase = phrase.removeprefix(TITLE).strip()
                term = Term(Category(category).value, Effect(effect).value, phrase, title_only, advice)
                try:
                    # Here since not every database would refuse it.
                    if len(phrase) > LONGEST_PHRASE or len(advice) > LONGEST_ADVICE:
                        raise PhraseError("trop long")
                    pattern(phrase)
                except PhraseError as error:
                    raise ValueError(f"{term.line}: {error}") from None
                found.append(term)
    return found


def from_database() -> "Terms":
    """The terms in use, in one query; compiled anew only when one has changed."""
    rows = WordingTerm.objects.filter(active=True).order_by("pk")
    return compiled(tuple(Term(*row) for row in rows.values_list(*Term._fields)))


class Match(NamedTuple):
    """A term that was found, by its place in the folded text."""

    start: int
    end: int
    term: Term


@dataclass(frozen=True)
class Terms:
    """Compiled: for each category and effect one expression for texts and one for titles, and the terms by number."""

    expressions: tuple[tuple[str, str, re.Pattern, tuple[Term, ...], bool], ...]

    def find(self, text: Folded, *, title: bool = False) -> list[Match]:
        """What is found and not allowed; of matches of one category that overlap the longest."""
        found, allowed = defaultdict(list), defaultdict(list)
        for category, effect, expression, terms, title_only in self.expressions:
            if title_only and not title:
                continue
            for match in expression.finditer(text.text):
                kept = allowed if effect == Effect.ALLOWED else found
                end = match.end(match.lastindex)
                kept[category].append(Match(match.start(), end, terms[match.lastindex - 1]))
        result = []
        for category, matches in found.items():
            kept: list[Match] = []
            for match in sorted(matches, key=lambda match: (match.start - match.end, match.start)):
                if not any(_overlap(match, other) for other in (*allowed[category], *kept)):
                    kept.append(match)
            result += kept
        return sorted(result)


def _overlap(one: Match, other: Match) -> bool:
    return one.start < other.end and other.start < one.end


@lru_cache(maxsize=4)
def compiled(terms: Iterable[Term]) -> Terms:
    groups = defaultdict(list)
    for term in terms:
        try:
            source = pattern(term.phrase, feminine=term.category != Category.FOREIGN)
            groups[term.category, term.effect, term.title_only].append((source, term))
        except PhraseError:
            # The form refuses these; one that came by another way is no reason to check nothing.
            continue
    expressions = []
    for (category, effect, title_only), members in sorted(groups.items()):
        # Looked for from every word on, as what is found may overlap; longer phrases first, since of two that begin at
        # one place the expression takes the first it finds.
        members.sort(key=lambda member: -len(fold_phrase(member[1].phrase)))
        expression = re.compile(r"(?<!\w)(?=" + "|".join(f"({source})" for source, _ in members) + ")")
        expressions.append((category, effect, expression, tuple(term for _, term in members), title_only))
    return Terms(tuple(expressions))
