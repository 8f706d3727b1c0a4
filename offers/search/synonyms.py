"""Synonyms, read when a query is parsed, so that a change of them needs no new index.

Three sources, all of them rows that curators edit: groups of synonyms, the titles of roles, the aliases of skills.
`load_synonyms` makes rows of the file of groups that is shipped. An expression is a tuple of tokens of `analysis`.
"""

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from careers.models import Role, RoleTitle
from offers.models import Skill, SkillAlias
from offers.search.analysis import PARTS, fold, stem, words
from offers.search.models import SynonymSet

SHIPPED = Path(__file__).resolve().parent / "data" / "synonyms.txt"
LONGEST = 5

Expression = tuple[str, ...]


class NamedEntry(NamedTuple):
    """A role or skill: its canonical name, and the folded words of each of its names, the canonical one first."""

    pk: int
    shown: str
    names: tuple[tuple[str, ...], ...]


class NameIndex:
    """Names of roles or of skills, searchable by prefixes of their words."""

    def __init__(self, known: Iterable[NamedEntry] = ()):
        self._known = tuple(known)
        self._words = sorted(
            {(word, place) for place, name in enumerate(self._known) for words in name.names for word in words}
        )

    def matching(self, prefixes: list[str]) -> list[NamedEntry]:
        """Return the entries that have, in any of their names, a word that starts with or is a form of each prefix."""
        found = None
        for prefix in prefixes:
            some = self._positions(prefix, prefix + "\U0010ffff") | self._positions(stem(prefix), stem(prefix))
            found = some if found is None else found & some
        return [self._known[place] for place in sorted(found or ())]

    def _positions(self, low: str, high: str) -> set[int]:
        words = self._words
        return {place for _, place in words[bisect_left(words, (low,)) : bisect_right(words, (high, math.inf))]}


@dataclass(frozen=True)
class Thesaurus:
    # The synonyms of an expression: by a group, and more loosely as titles of the same role.
    same: dict[Expression, tuple[Expression, ...]] = field(default_factory=dict)
    titles: dict[Expression, tuple[Expression, ...]] = field(default_factory=dict)
    # The pks of the roles and skills with exactly this name, and of those with the word in one of their names.
    roles: dict[Expression, frozenset[int]] = field(default_factory=dict)
    skills: dict[Expression, frozenset[int]] = field(default_factory=dict)
    role_words: dict[str, frozenset[int]] = field(default_factory=dict)
    skill_words: dict[str, frozenset[int]] = field(default_factory=dict)
    # The spelling of a token, to display a corrected query.
    spellings: dict[str, str] = field(default_factory=dict)
    # For suggestions.
    role_names: NameIndex = field(default_factory=NameIndex)
    skill_names: NameIndex = field(default_factory=NameIndex)

    def knows(self, expression: Expression) -> bool:
        return (
            expression in self.same
            or expression in self.titles
            or expression in self.roles
            or expression in self.skills
        )

    def knows_word(self, word: str) -> bool:
        return word in self.role_words or word in self.skill_words or (word,) in self.same


EMPTY = Thesaurus()


class SynonymGroup(NamedTuple):
    """Expressions with the same meaning; with `one_way`, the first one also matches the others but not the reverse."""

    expressions: tuple[str, ...]
    one_way: bool = False


def parse_line(line: str) -> SynonymGroup | None:
    """Parse “a, b, c”, or “a => b, c” for one way. Return None for a comment (“#”) and a line without a group."""
    if line.lstrip().startswith("#"):
        return None
    first, arrow, others = line.partition("=>")
    expressions = [*([first] if arrow else []), *(others if arrow else first).split(",")]
    expressions = tuple(text.strip() for text in expressions if text.strip())
    return SynonymGroup(expressions, bool(arrow)) if len(expressions) > 1 else None


def read_file(path: Path = SHIPPED) -> list[SynonymGroup]:
    """Return the groups of a file, one a line."""
    return [found for line in path.read_text(encoding="utf-8").splitlines() if (found := parse_line(line))]


def expression(text: str) -> Expression:
    # As in a query: “développeuse ou développeur” is one token.
    return tuple(word for word, _ in groupby(words(text)))


def find_conflict(candidate: SynonymGroup, others: Iterable[SynonymGroup]) -> tuple[str, SynonymGroup] | None:
    """Return the first expression of `candidate` that is in one of `others` too, and that group; None without one."""
    texts = {expression(text): text for text in candidate.expressions}
    for other in others:
        for text in other.expressions:
            if expression(text) in texts:
                return texts[expression(text)], other
    return None


def build_thesaurus(sets: Iterable[SynonymGroup] = (), roles=(), skills=()) -> Thesaurus:
    """Build a thesaurus of groups, and of `roles` and `skills` as (pk, [canonical name, other names…])."""
    same, titles = defaultdict(dict), defaultdict(dict)
    by_name = {"role": defaultdict(set), "skill": defaultdict(set)}
    by_word = {"role": defaultdict(set), "skill": defaultdict(set)}
    known = {"role": [], "skill": []}
    spellings = {}

    def relate(table, expressions):
        for one in expressions:
            # A dict for the order: the first of a group are the most common.
            table[one].update(dict.fromkeys(other for other in expressions if other != one))

    def spelt(text) -> Expression:
        found = expression(text)
        for word, shown in zip(found, text.split(), strict=False):
            if len(found) == len(text.split()) and fold(shown).startswith(word[:3]):
                spellings.setdefault(word, shown.strip(".,;:()"))
        return found

    for kind, rows, table in (("role", roles, titles), ("skill", skills, same)):
        for pk, names in rows:
            expressions = list(dict.fromkeys(filter(None, map(spelt, names))))
            relate(table, [one for one in expressions if len(one) <= LONGEST])
            for one in expressions:
                by_name[kind][one].add(pk)
                for word in one:
                    by_word[kind][word].add(pk)
            words_of = tuple(tuple(fold(name).replace("-", " ").split()) for name in names)
            known[kind].append(NamedEntry(pk, names[0], words_of))
    for texts, one_way in sets:
        expressions = [one for one in dict.fromkeys(map(spelt, texts)) if 0 < len(one) <= LONGEST]
        if one_way and expressions:
            same[expressions[0]].update(dict.fromkeys(expressions[1:]))
        else:
            relate(same, expressions)
    for joined, parts in PARTS.items():
        relate(same, [(joined,), parts])

    def frozen(table):
        return {key: frozenset(value) for key, value in table.items()}

    return Thesaurus(
        same={key: tuple(value) for key, value in same.items() if value},
        titles={key: found for key, value in titles.items() if (found := tuple(_without_overlaps(key, value)))},
        roles=frozen(by_name["role"]),
        skills=frozen(by_name["skill"]),
        role_words=frozen(by_word["role"]),
        skill_words=frozen(by_word["skill"]),
        spellings=spellings,
        role_names=NameIndex(known["role"]),
        skill_names=NameIndex(known["skill"]),
    )


def _without_overlaps(title: Expression, others: Iterable[Expression]) -> Iterator[Expression]:
    """Yield those of `others` that contain neither `title` nor another of them: a query for the part matches them.

    Nor single words of `title`: a query for “développeur backend” does not mean every “développeur”.
    """
    parts = {title, *others}
    for other in others:
        within = {other[start:end] for end in range(1, len(other) + 1) for start in range(end)} - {other}
        if parts.isdisjoint(within) and not (len(other) == 1 and other[0] in title):
            yield other


def active_sets() -> list[SynonymGroup]:
    """Return the groups that curators have not disabled."""
    rows = SynonymSet.objects.filter(active=True).order_by("pk")
    return [SynonymGroup(row.expressions, row.kind == SynonymSet.Kind.ALSO) for row in rows]


def load_thesaurus(sets: Iterable[SynonymGroup] | None = None) -> Thesaurus:
    """Return the thesaurus of the published roles, the skills and the groups (or of `sets` instead); five queries."""
    roles = {}
    for pk, *names in Role.objects.published().values_list("pk", "name", "full_name", "french_name"):
        roles[pk] = [name for name in names if name]
    for pk, title in RoleTitle.objects.order_by("position", "pk").values_list("role", "title"):
        if pk in roles:
            roles[pk].append(title)
    skills = {pk: [name] for pk, name in Skill.objects.values_list("pk", "name")}
    for pk, name in SkillAlias.objects.values_list("skill", "name"):
        # A skill that was added since the query above is loaded the next time.
        if pk in skills:
            skills[pk].append(name)
    return build_thesaurus(active_sets() if sets is None else sets, roles.items(), skills.items())
