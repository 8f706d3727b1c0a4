"""Autocompletion of the search field: names and titles that published offers have."""

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
from offers.search.synonyms import NamedEntry, NameIndex, Thesaurus

ROLE, SKILL, COMPANY, TITLE, TOWN = "role", "skill", "company", "title", "town"
# The maximum of each kind, in this order.
LIMITS = {ROLE: 3, SKILL: 3, TITLE: 3, COMPANY: 2, TOWN: 2}
# Fewer letters match too many companies, titles and towns.
MIN_LENGTH = 2
MAX_LENGTH = 100
# The number of titles in the cache, which include the most common ones of most prefixes, and its TTL in seconds.
COMMON_TITLES = 2_000
COMMON_TITLES_TTL = 60


@dataclass(frozen=True)
class Suggestion:
    """`label` is the text of the suggestion, `id` the pk of the role, skill, company or place, None for a title.

    `slug` is that of a company.
    """

    kind: str
    label: str
    count: int
    id: int | None = None
    slug: str = ""


def suggest(searcher: Searcher, text: str, thesaurus: Thesaurus) -> list[Suggestion]:
    """Return names in which each word of `text` is the prefix of a word, folded; those with most offers first."""
    prefixes = [word for word in _words(text[:MAX_LENGTH]) if word][:8]
    if not prefixes:
        return []
    found = _suggest_names(searcher, ROLE, thesaurus.role_names, prefixes)
    found += _suggest_names(searcher, SKILL, thesaurus.skill_names, prefixes)
    if len("".join(prefixes)) < MIN_LENGTH:
        return found
    taken = {fold(suggestion.label) for suggestion in found}
    titles = []
    for label in _titles(searcher, prefixes):
        if fold(label) not in taken:
            taken.add(fold(label))
            if count := _count(searcher, "label", label):
                titles.append(Suggestion(TITLE, label, count))
        if len(titles) == LIMITS[TITLE]:
            break
    found += sorted(titles, key=lambda title: -title.count)
    found += _companies(_by_pk(_count_values(searcher, "company", prefixes, "employer", LIMITS[COMPANY])))
    return found + _towns(
        _by_pk(_count_values(searcher, "town", place_key(text[:MAX_LENGTH]).split(), "place", LIMITS[TOWN]))
    )


def _words(text: str) -> list[str]:
    return [word.strip(",;:!?()[]\"«»'’") for word in fold(text).replace("'", " ").replace("-", " ").split()]


def _suggest_names(searcher: Searcher, kind: str, known: NameIndex, prefixes: list[str]) -> list[Suggestion]:
    """Return roles or skills that match by any of their names, under the canonical one."""
    near = []
    # A single letter matches canonical names only, at their start: nearly all roles have it in some other name.
    letter = prefixes[0] if len("".join(prefixes)) < MIN_LENGTH else ""
    stems = [(prefix, stem(prefix)) for prefix in prefixes]
    for pk, shown, names in known.matching(prefixes):
        if letter:
            ranks = [0] if names[0] and names[0][0].startswith(letter) else []
        else:
            ranks = [
                rank
                for rank, words in enumerate(names)
                if all(form in words or any(word.startswith(prefix) for word in words) for prefix, form in stems)
            ]
        if ranks:
            # Names that start with the text rank first, canonical names before others.
            begins = names[ranks[0]][0].startswith(prefixes[0])
            near.append((not begins, ranks[0] > 0, -searcher.doc_freq(kind, pk), pk, shown))
    found = []
    for *_, pk, shown in sorted(near)[: 2 * LIMITS[kind]]:
        count = _count(searcher, kind, pk)
        if count and len(found) < LIMITS[kind]:
            found.append(Suggestion(kind, shown, count, pk))
    return found


def _titles(searcher: Searcher, prefixes: list[str]) -> Iterator[str]:
    """Yield titles with matching words, roughly by their number of offers; some of them twice."""
    yield from (title.shown for title in _common_titles(searcher).matching(prefixes))
    yield from _count_values(searcher, "title", prefixes, "label", 3 * LIMITS[TITLE])


# The time of the query, and the most common titles in order. A cached title is counted before it is suggested, and
# where too few are left the index is queried.
_common: tuple[float, NameIndex] = (-math.inf, NameIndex())


def _common_titles(searcher: Searcher) -> NameIndex:
    """Return the most common titles, cached.

    For short prefixes, counting and comparing the titles of a third of all offers took most of the time.
    """
    global _common
    at, titles = _common
    if time.monotonic() > at + COMMON_TITLES_TTL:
        labels = _aggregate(searcher, Query.all_query(), "label", COMMON_TITLES)
        titles = NameIndex(NamedEntry(rank, label, (tuple(words(label)),)) for rank, label in enumerate(labels))
        _common = (time.monotonic(), titles)
    return titles


def clear_cache():
    """Clear the cache, between tests."""
    global _common
    _common = (-math.inf, NameIndex())


def _count(searcher: Searcher, name: str, value: str | int) -> int:
    """Return the number of documents with the term. `doc_freq` would count deleted documents too."""
    return searcher.search(Query.term_query(SCHEMA, name, value), 1).count


def _count_values(searcher: Searcher, name: str, prefixes: list[str], column: str, most: int) -> dict:
    """Count the most frequent values of `column` among the offers whose field `name` matches `prefixes`."""
    if not prefixes:
        return {}
    must = []
    for prefix in prefixes:
        begins = Query.fuzzy_term_query(SCHEMA, name, prefix, distance=0, prefix=True)
        # The index has the stem “architect” for the text “architecte”.
        must.append(begins.or_should_match(Query.term_query(SCHEMA, name, stem(prefix))))
    query = must[0].and_must_match(*must[1:]) if len(must) > 1 else must[0]
    return _aggregate(searcher, query, column, most)


def _aggregate(searcher: Searcher, query: Query, column: str, most: int) -> dict:
    # Tantivy's default is ten times as many of each segment, which would take longer to serialize than to count.
    asked = {"size": most, "segment_size": 2 * most} if column == "label" else {"size": most}
    answer = searcher.aggregate(query, {"most": {"terms": {"field": column, **asked}}})
    return {bucket["key"]: bucket["doc_count"] for bucket in answer["most"]["buckets"] if bucket["key"]}


def _by_pk(counts: dict) -> dict[int, int]:
    """Return the buckets with their keys as integers, which Tantivy returns as floats."""
    return {int(pk): count for pk, count in counts.items()}


def _companies(counts: dict[int, int]) -> list[Suggestion]:
    """Return the companies with these pks as suggestions; one query."""
    named = {pk: (name, slug) for pk, name, slug in fetch_rows(Company, ("pk", "name", "slug"), [*counts])}
    return [
        Suggestion(COMPANY, named[pk][0], count, pk, slug=named[pk][1]) for pk, count in counts.items() if pk in named
    ]


def _towns(counts: dict[int, int]) -> list[Suggestion]:
    places = gazetteer()
    return [Suggestion(TOWN, str(place), count, pk) for pk, count in counts.items() if (place := places.get(pk))]
