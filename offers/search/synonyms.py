"""Which words people use for which: read when a search is asked, so that a change needs no new index.

Three sources: sets of expressions that mean the same, the other titles of roles, the other names of skills. All of
them are rows that curators edit; a file holds the sets that are shipped, which `load_synonyms` makes rows of. An
expression is a tuple of words as `analysis` makes them.
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


class Name(NamedTuple):
    """Of a role or a skill: the name that is shown, and the folded words of each of its names, that one first."""

    pk: int
    shown: str
    names: tuple[tuple[str, ...], ...]


class Names:
    """Names of roles or of skills, to be found by how their words begin."""

    def __init__(self, known: Iterable[Name] = ()):
        self._known = tuple(known)
        self._words = sorted(
            {(word, place) for place, name in enumerate(self._known) for words in name.names for word in words}
        )

    def with_words(self, prefixes: list[str]) -> list[Name]:
        """Those that have, in one name or another, a word that begins with or is a form of each of `prefixes`."""
        found = None
        for prefix in prefixes:
            some = self._places(prefix, prefix + "\U0010ffff") | self._places(stem(prefix), stem(prefix))
            found = some if found is None else found & some
        return [self._known[place] for place in sorted(found or ())]

    def _places(self, low: str, high: str) -> set[int]:
        words = self._words
        return {place for _, place in words[bisect_left(words, (low,)) : bisect_right(words, (high, math.inf))]}


@dataclass(frozen=True)
class Thesaurus:
    # What else an expression is called: by a set, and more loosely by being a title of the same role.
    same: dict[Expression, tuple[Expression, ...]] = field(default_factory=dict)
    titles: dict[Expression, tuple[Expression, ...]] = field(default_factory=dict)
    # Which roles and skills go by exactly this name, and which have the word in one of their names.
    roles: dict[Expression, frozenset[int]] = field(default_factory=dict)
    skills: dict[Expression, frozenset[int]] = field(default_factory=dict)
    role_words: dict[str, frozenset[int]] = field(default_factory=dict)
    skill_words: dict[str, frozenset[int]] = field(default_factory=dict)
    # How a word is written, for telling people what was searched.
    spellings: dict[str, str] = field(default_factory=dict)
    # For suggestions.
    role_names: Names = field(default_factory=Names)
    skill_names: Names = field(default_factory=Names)

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


class Set(NamedTuple):
    """Expressions that mean the same; or, `one_way`, the first of them also finds the others and not the reverse."""

    expressions: tuple[str, ...]
    one_way: bool = False


def parse(line: str) -> Set | None:
    """“a, b, c”, or “a => b, c” for one way; None for a comment, which starts with “#”, and for what says nothing."""
    if line.lstrip().startswith("#"):
        return None
    first, arrow, others = line.partition("=>")
    expressions = [*([first] if arrow else []), *(others if arrow else first).split(",")]
    expressions = tuple(text.strip() for text in expressions if text.strip())
    return Set(expressions, bool(arrow)) if len(expressions) > 1 else None


def read(path: Path = SHIPPED) -> list[Set]:
    """The sets of a file, one a line."""
    return [found for line in path.read_text(encoding="utf-8").splitlines() if (found := parse(line))]


def expression(text: str) -> Expression:
    # As it is read when somebody asks for it: “développeuse ou développeur” is one word.
    return tuple(word for word, _ in groupby(words(text)))


def conflict(candidate: Set, others: Iterable[Set]) -> tuple[str, Set] | None:
    """The first expression of `candidate` that one of `others` has too, with that one: both sets would be one."""
    texts = {expression(text): text for text in candidate.expressions}
    for other in others:
        for text in other.expressions:
            if expression(text) in texts:
                return texts[expression(text)], other
    return None


def thesaurus(sets: Iterable[Set] = (), roles=(), skills=()) -> Thesaurus:
    """`roles` and `skills` as (id, [name, other names…]), the name that is shown first."""
    same, titles = defaultdict(dict), defaultdict(dict)
    by_name = {"role": defaultdict(set), "skill": defaultdict(set)}
    by_word = {"role": defaultdict(set), "skill": defaultdict(set)}
    known = {"role": [], "skill": []}
    spellings = {}

    def relate(table, expressions):
        for one in expressions:
            # A dict for the order: what comes first in a set is what people say most.
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
            known[kind].append(Name(pk, names[0], words_of))
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
        titles={key: found for key, value in titles.items() if (found := tuple(_apart(key, value)))},
        roles=frozen(by_name["role"]),
        skills=frozen(by_name["skill"]),
        role_words=frozen(by_word["role"]),
        skill_words=frozen(by_word["skill"]),
        spellings=spellings,
        role_names=Names(known["role"]),
        skill_names=Names(known["skill"]),
    )


def _apart(title: Expression, others: Iterable[Expression]) -> Iterator[Expression]:
    """Those that none of the rest is a part of, and `title` neither: whoever looks for that finds them already.

    Nor a single word of `title`: who looks for a “développeur backend” does not look for every “développeur”.
    """
    parts = {title, *others}
    for other in others:
        within = {other[start:end] for end in range(1, len(other) + 1) for start in range(end)} - {other}
        if parts.isdisjoint(within) and not (len(other) == 1 and other[0] in title):
            yield other


def active_sets() -> list[Set]:
    """The sets that curators have not switched off."""
    rows = SynonymSet.objects.filter(active=True).order_by("pk")
    return [Set(row.expressions, row.kind == SynonymSet.Kind.ALSO) for row in rows]


def from_database(sets: Iterable[Set] | None = None) -> Thesaurus:
    """The thesaurus of roles, skills and sets (or of `sets` instead) as they are now; five queries.

    A role that is not published yet is nobody's synonym.
    """
    roles = {}
    for pk, *names in Role.objects.published().values_list("pk", "name", "full_name", "french_name"):
        roles[pk] = [name for name in names if name]
    for pk, title in RoleTitle.objects.order_by("position", "pk").values_list("role", "title"):
        if pk in roles:
            roles[pk].append(title)
    skills = {pk: [name] for pk, name in Skill.objects.values_list("pk", "name")}
    for pk, name in SkillAlias.objects.values_list("skill", "name"):
        # One that was added since the line above comes with the next reading.
        if pk in skills:
            skills[pk].append(name)
    return thesaurus(active_sets() if sets is None else sets, roles.items(), skills.items())
