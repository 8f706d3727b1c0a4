"""What somebody who is typing may be about to type, as far as there are offers for it."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tantivy import Query, Searcher

from offers.companies.models import Company
from offers.places.gazetteer import gazetteer
from offers.places.models import place_key
from offers.search.analysis import fold, stem, words
from offers.search.documents import SCHEMA
from offers.search.rows import fetch_rows
from offers.search.synonyms import Name, Names, Thesaurus

ROLE, SKILL, COMPANY, TITLE, TOWN = "role", "skill", "company", "title", "town"
# How many of each, in this order.
MOST = {ROLE: 3, SKILL: 3, TITLE: 3, COMPANY: 2, TOWN: 2}
# One letter says too little about companies, titles and towns.
SHORTEST = 2
LONGEST_TEXT = 100
# So many titles are remembered for so many seconds: among them are the most common of most beginnings.
COMMON_TITLES = 2_000
REMEMBERED = 60


@dataclass(frozen=True)
class Suggestion:
    """`label` is what the field would hold; `id` the number of the role, skill, company or place, None for a title.

    `slug` is that of a company.
    """

    kind: str
    label: str
    count: int
    id: int | None = None
    slug: str = ""


def suggest(searcher: Searcher, text: str, thesaurus: Thesaurus) -> list[Suggestion]:
    """Names in which every word of `text` is the beginning of a word, accents and case aside; the most offers first."""
    prefixes = [word for word in _words(text[:LONGEST_TEXT]) if word][:8]
    if not prefixes:
        return []
    found = _named(searcher, ROLE, thesaurus.role_names, prefixes)
    found += _named(searcher, SKILL, thesaurus.skill_names, prefixes)
    if len("".join(prefixes)) < SHORTEST:
        return found
    taken = {fold(suggestion.label) for suggestion in found}
    titles = []
    for label in _titles(searcher, prefixes):
        if fold(label) not in taken:
            taken.add(fold(label))
            if count := _count(searcher, "label", label):
                titles.append(Suggestion(TITLE, label, count))
        if len(titles) == MOST[TITLE]:
            break
    found += sorted(titles, key=lambda title: -title.count)
    found += _companies(_numbered(_most(searcher, "company", prefixes, "employer", MOST[COMPANY])))
    return found + _towns(
        _numbered(_most(searcher, "town", place_key(text[:LONGEST_TEXT]).split(), "place", MOST[TOWN]))
    )


def _words(text: str) -> list[str]:
    return [word.strip(",;:!?()[]\"«»'’") for word in fold(text).replace("'", " ").replace("-", " ").split()]


def _named(searcher: Searcher, kind: str, known: Names, prefixes: list[str]) -> list[Suggestion]:
    """Roles or skills by any of their names, under the one that is shown."""
    near = []
    # A single letter stands for the name that is shown, from its beginning: it is in some other name of nearly all.
    letter = prefixes[0] if len("".join(prefixes)) < SHORTEST else ""
    stems = [(prefix, stem(prefix)) for prefix in prefixes]
    for pk, shown, names in known.with_words(prefixes):
        if letter:
            ranks = [0] if names[0] and names[0][0].startswith(letter) else []
        else:
            ranks = [
                rank
                for rank, words in enumerate(names)
                if all(form in words or any(word.startswith(prefix) for word in words) for prefix, form in stems)
            ]
        if ranks:
            # A name that begins with what was typed comes before one that has it further on, its own before another.
            begins = names[ranks[0]][0].startswith(prefixes[0])
            near.append((not begins, ranks[0] > 0, -searcher.doc_freq(kind, pk), pk, shown))
    found = []
    for *_, pk, shown in sorted(near)[: 2 * MOST[kind]]:
        count = _count(searcher, kind, pk)
        if count and len(found) < MOST[kind]:
            found.append(Suggestion(kind, shown, count, pk))
    return found


def _titles(searcher: Searcher, prefixes: list[str]) -> Iterator[str]:
    """Titles that have words which begin so, about in the order of how common they are; some more than once."""
    yield from (title.shown for title in _common_titles(searcher).with_words(prefixes))
    yield from _most(searcher, "title", prefixes, "label", 3 * MOST[TITLE])


# When they were looked up, and the most common titles in their order. What has changed since is made good: a title is
# counted before it is shown, and where too few are left the index is asked.
_common: tuple[float, Names] = (-math.inf, Names())


def _common_titles(searcher: Searcher) -> Names:
    """Remembered: for few letters, to count and compare the titles of a third of all offers took most of the time."""
    global _common
    at, titles = _common
    if time.monotonic() > at + REMEMBERED:
        labels = _values(searcher, Query.all_query(), "label", COMMON_TITLES)
        titles = Names(Name(rank, label, (tuple(words(label)),)) for rank, label in enumerate(labels))
        _common = (time.monotonic(), titles)
    return titles


def forget():
    """For tests, of which each has titles of its own."""
    global _common
    _common = (-math.inf, Names())


def _count(searcher: Searcher, name: str, value: str | int) -> int:
    """Not the frequency of the term, which counts deleted offers too."""
    return searcher.search(Query.term_query(SCHEMA, name, value), 1).count


def _most(searcher: Searcher, name: str, prefixes: list[str], column: str, most: int) -> dict:
    """The values of `column` that most offers have among those whose field `name` has words that begin so: how many."""
    if not prefixes:
        return {}
    must = []
    for prefix in prefixes:
        begins = Query.fuzzy_term_query(SCHEMA, name, prefix, distance=0, prefix=True)
        # The index has “architect” for who has typed “architecte”.
        must.append(begins.or_should_match(Query.term_query(SCHEMA, name, stem(prefix))))
    query = must[0].and_must_match(*must[1:]) if len(must) > 1 else must[0]
    return _values(searcher, query, column, most)


def _values(searcher: Searcher, query: Query, column: str, most: int) -> dict:
    # The engine compares ten times as many of each segment, which it would take longer to write down than to count.
    asked = {"size": most, "segment_size": 2 * most} if column == "label" else {"size": most}
    answer = searcher.aggregate(query, {"most": {"terms": {"field": column, **asked}}})
    return {bucket["key"]: bucket["doc_count"] for bucket in answer["most"]["buckets"] if bucket["key"]}


def _numbered(counts: dict) -> dict[int, int]:
    """The engine gives whole numbers back as fractions."""
    return {int(pk): count for pk, count in counts.items()}


def _companies(counts: dict[int, int]) -> list[Suggestion]:
    """Those of these numbers as suggestions; one query."""
    named = {pk: (name, slug) for pk, name, slug in fetch_rows(Company, ("pk", "name", "slug"), [*counts])}
    return [
        Suggestion(COMPANY, named[pk][0], count, pk, slug=named[pk][1]) for pk, count in counts.items() if pk in named
    ]


def _towns(counts: dict[int, int]) -> list[Suggestion]:
    places = gazetteer()
    return [Suggestion(TOWN, str(place), count, pk) for pk, count in counts.items() if (place := places.get(pk))]
