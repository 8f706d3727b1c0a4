"""Synonyms, expanded in queries and not in documents: a change needs no new index.

They come from three tables that curators edit: groups of synonyms, titles of roles, aliases of skills. `load_synonyms`
loads the default file of groups. An expression is a tuple of tokens of `analysis`.
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

Kind = SynonymSet.Kind
DEFAULT_FILE = Path(__file__).resolve().parent / "data" / "synonyms.txt"
# Longer expressions have no synonyms.
MAX_WORDS = 5
# The kinds of groups by their sign in the file, which is searched in this order: “=>” contains “>”.
ARROWS = {"=>": Kind.ALSO, ">": Kind.NARROWER}

Expression = tuple[str, ...]


class NamedEntry(NamedTuple):
    """A role or skill: its canonical name, and the folded words of all its names, the canonical one first."""

    pk: int
    label: str
    names: tuple[tuple[str, ...], ...]


class NameIndex:
    """An index of names by the prefixes of their words."""

    def __init__(self, entries: Iterable[NamedEntry] = ()):
        self._entries = tuple(entries)
        self._words = sorted(
            {
                (word, position)
                for position, entry in enumerate(self._entries)
                for words in entry.names
                for word in words
            }
        )

    def matching(self, prefixes: list[str]) -> list[NamedEntry]:
        """Return the entries whose names contain, for each prefix, a word with this prefix or with its stem."""
        positions = None
        for prefix in prefixes:
            matching = self._positions(prefix, prefix + "\U0010ffff") | self._positions(stem(prefix), stem(prefix))
            positions = matching if positions is None else positions & matching
        return [self._entries[position] for position in sorted(positions or ())]

    def _positions(self, low: str, high: str) -> set[int]:
        words = self._words
        return {position for _, position in words[bisect_left(words, (low,)) : bisect_right(words, (high, math.inf))]}


@dataclass(frozen=True)
class Thesaurus:
    """The synonyms, names and spellings that a query is expanded with."""

    # Synonyms of an expression: from groups and aliases, and other titles of the same role.
    same: dict[Expression, tuple[Expression, ...]] = field(default_factory=dict)
    titles: dict[Expression, tuple[Expression, ...]] = field(default_factory=dict)
    # Narrower expressions of a wide one and of its equivalents (“android” of “mobile”).
    narrower: dict[Expression, tuple[Expression, ...]] = field(default_factory=dict)
    # Pks of roles and skills by their full names, and by single words of their names.
    roles: dict[Expression, frozenset[int]] = field(default_factory=dict)
    skills: dict[Expression, frozenset[int]] = field(default_factory=dict)
    role_words: dict[str, frozenset[int]] = field(default_factory=dict)
    skill_words: dict[str, frozenset[int]] = field(default_factory=dict)
    # Spellings by token, to display a corrected query.
    spellings: dict[str, str] = field(default_factory=dict)
    # For suggestions.
    role_names: NameIndex = field(default_factory=NameIndex)
    skill_names: NameIndex = field(default_factory=NameIndex)

    def knows(self, expression: Expression) -> bool:
        return (
            expression in self.same
            or expression in self.titles
            or expression in self.narrower
            or expression in self.roles
            or expression in self.skills
        )

    def knows_word(self, word: str) -> bool:
        return word in self.role_words or word in self.skill_words or (word,) in self.same


EMPTY = Thesaurus()


class SynonymGroup(NamedTuple):
    """Equivalent expressions; with another kind, the first one matches the others, but they do not match it."""

    expressions: tuple[str, ...]
    kind: Kind = Kind.SAME


def parse_line(line: str) -> SynonymGroup | None:
    """Parse “a, b, c”, “a => b, c” for one way, or “a > b, c” for narrower expressions.

    Return None for a comment (“#”) or fewer than two expressions.
    """
    if line.lstrip().startswith("#"):
        return None
    arrow = next((arrow for arrow in ARROWS if arrow in line), ",")
    expressions = tuple(text.strip() for text in line.replace(arrow, ",", 1).split(",") if text.strip())
    return SynonymGroup(expressions, ARROWS.get(arrow, Kind.SAME)) if len(expressions) > 1 else None


def format_line(group: SynonymGroup) -> str:
    """Return the group as a line of the file, in canonical form."""
    first, *others = group.expressions
    for arrow, kind in ARROWS.items():
        if group.kind == kind:
            return f"{first} {arrow} {', '.join(others)}"
    return ", ".join(group.expressions)


def read_file(path: Path = DEFAULT_FILE) -> list[SynonymGroup]:
    """Return the groups of a file with one group per line."""
    return [group for line in path.read_text(encoding="utf-8").splitlines() if (group := parse_line(line))]


def expression(text: str) -> Expression:
    """Return the tokens of `text` without adjacent duplicates, as the query parser does."""
    return tuple(word for word, _ in groupby(words(text)))


def find_conflict(candidate: SynonymGroup, others: Iterable[SynonymGroup]) -> tuple[str, SynonymGroup] | None:
    """Return the first expression of `candidate` that another group contains, and that group; None if there is none."""
    texts = {expression(text): text for text in candidate.expressions}
    for other in others:
        for text in other.expressions:
            if expression(text) in texts:
                return texts[expression(text)], other
    return None


def build_thesaurus(sets: Iterable[SynonymGroup] = (), roles=(), skills=()) -> Thesaurus:
    """Build a thesaurus from groups, and from `roles` and `skills` as (pk, [canonical name, aliases…])."""
    same, titles, narrower = defaultdict(dict), defaultdict(dict), defaultdict(dict)
    equivalents = defaultdict(set)
    by_name = {"role": defaultdict(set), "skill": defaultdict(set)}
    by_word = {"role": defaultdict(set), "skill": defaultdict(set)}
    entries = {"role": [], "skill": []}
    spellings = {}

    def relate(table, expressions):
        for one in expressions:
            # A dict keeps the order of the group: the most common expressions first.
            table[one].update(dict.fromkeys(other for other in expressions if other != one))

    def parse_name(text) -> Expression:
        tokens = expression(text)
        for word, spelling in zip(tokens, text.split(), strict=False):
            if len(tokens) == len(text.split()) and fold(spelling).startswith(word[:3]):
                spellings.setdefault(word, spelling.strip(".,;:()"))
        return tokens

    for kind, rows, table in (("role", roles, titles), ("skill", skills, same)):
        for pk, names in rows:
            expressions = list(dict.fromkeys(filter(None, map(parse_name, names))))
            relate(table, [one for one in expressions if len(one) <= MAX_WORDS])
            for one in expressions:
                by_name[kind][one].add(pk)
                for word in one:
                    by_word[kind][word].add(pk)
            name_words = tuple(tuple(fold(name).replace("-", " ").split()) for name in names)
            entries[kind].append(NamedEntry(pk, names[0], name_words))
    for texts, kind in sets:
        expressions = [one for one in dict.fromkeys(map(parse_name, texts)) if 0 < len(one) <= MAX_WORDS]
        if kind == Kind.SAME:
            relate(same, expressions)
            for one in expressions:
                equivalents[one].update(expressions)
        elif expressions:
            table = narrower if kind == Kind.NARROWER else same
            table[expressions[0]].update(dict.fromkeys(expressions[1:]))
    for wide in list(narrower):
        for equivalent in equivalents[wide] - {wide}:
            narrower[equivalent].update(narrower[wide])
    for joined, parts in PARTS.items():
        relate(same, [(joined,), parts])

    def frozen(table):
        return {key: frozenset(value) for key, value in table.items()}

    return Thesaurus(
        same={key: tuple(value) for key, value in same.items() if value},
        titles={key: others for key, value in titles.items() if (others := tuple(_without_overlaps(key, value)))},
        narrower={
            key: others
            for key, value in narrower.items()
            if (others := tuple(other for other in value if other != key and other not in same.get(key, ())))
        },
        roles=frozen(by_name["role"]),
        skills=frozen(by_name["skill"]),
        role_words=frozen(by_word["role"]),
        skill_words=frozen(by_word["skill"]),
        spellings=spellings,
        role_names=NameIndex(entries["role"]),
        skill_names=NameIndex(entries["skill"]),
    )


def _without_overlaps(title: Expression, others: Iterable[Expression]) -> Iterator[Expression]:
    """Yield the titles of `others`, except those that contain `title` or a shorter title, whose query matches them.

    Single words of `title` are omitted too: a query for “développeur backend” does not mean every “développeur”.
    """
    expressions = {title, *others}
    for other in others:
        subexpressions = {other[start:end] for end in range(1, len(other) + 1) for start in range(end)} - {other}
        if expressions.isdisjoint(subexpressions) and not (len(other) == 1 and other[0] in title):
            yield other


def active_sets() -> list[SynonymGroup]:
    """Return the active groups."""
    rows = SynonymSet.objects.filter(active=True).order_by("pk")
    return [SynonymGroup(row.expressions, Kind(row.kind)) for row in rows]


def load_thesaurus(sets: Iterable[SynonymGroup] | None = None) -> Thesaurus:
    """Return the thesaurus of published roles, skills, and groups (`sets`, or the active ones). Five queries."""
    roles = {}
    for pk, *names in Role.objects.published().values_list("pk", "name", "full_name", "french_name"):
        roles[pk] = [name for name in names if name]
    for pk, title in RoleTitle.objects.order_by("position", "pk").values_list("role", "title"):
        if pk in roles:
            roles[pk].append(title)
    skills = {pk: [name] for pk, name in Skill.objects.values_list("pk", "name")}
    for pk, name in SkillAlias.objects.values_list("skill", "name"):
        # Ignore an alias of a skill created after the query above; the next load includes both.
        if pk in skills:
            skills[pk].append(name)
    return build_thesaurus(active_sets() if sets is None else sets, roles.items(), skills.items())
