"""Autocompletion of the search field, from the names and titles of published offers."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tantivy import Query, Searcher

from offers.companies.models import Company
from offers.places.gazetteer import gazetteer
from offers.places.lookup import find_area
from offers.places.models import place_key
from offers.search.analysis import fold, stem, words
from offers.search.documents import SCHEMA
from offers.search.rows import fetch_rows
from offers.search.synonyms import NamedEntry, NameIndex, Thesaurus

ROLE, SKILL, COMPANY, TITLE, TOWN = "role", "skill", "company", "title", "town"
# Maximum count of suggestions of each kind, in display order.
LIMITS = {ROLE: 3, SKILL: 3, TITLE: 3, COMPANY: 2, TOWN: 2}
# Shorter texts match too many companies, titles and towns.
MIN_LENGTH = 2
MAX_LENGTH = 100
# Size of the cache of titles, which contains the most common ones of most prefixes, and its TTL in seconds.
COMMON_TITLES = 2_000
COMMON_TITLES_TTL = 60


@dataclass(frozen=True)
class Suggestion:
    """A completion and the count of its offers.

    `id` is the pk of the role, skill, company or commune, None for a title; only companies have a `slug`.
    """

    kind: str
    label: str
    count: int
    id: int | None = None
    slug: str = ""


def suggest(searcher: Searcher, text: str, thesaurus: Thesaurus) -> list[Suggestion]:
    """Return the names that contain, for each word of `text`, a word with that prefix, by kind and count of offers."""
    prefixes = [word for word in _words(text[:MAX_LENGTH]) if word][:8]
    if not prefixes:
        return []
    suggestions = _suggest_names(searcher, ROLE, thesaurus.role_names, prefixes)
    suggestions += _suggest_names(searcher, SKILL, thesaurus.skill_names, prefixes)
    if len("".join(prefixes)) < MIN_LENGTH:
        return suggestions
    used_labels = {fold(suggestion.label) for suggestion in suggestions}
    titles = []
    for label in _titles(searcher, prefixes):
        if fold(label) not in used_labels:
            used_labels.add(fold(label))
            if count := _count(searcher, "label", label):
                titles.append(Suggestion(TITLE, label, count))
        if len(titles) == LIMITS[TITLE]:
            break
    suggestions += sorted(titles, key=lambda title: -title.count)
    suggestions += _companies(_by_pk(_count_values(searcher, "company", prefixes, "employer", LIMITS[COMPANY])))
    return suggestions + _towns(searcher, text[:MAX_LENGTH])


def _words(text: str) -> list[str]:
    return [word.strip(",;:!?()[]\"«»'’") for word in fold(text).replace("'", " ").replace("-", " ").split()]


def _suggest_names(searcher: Searcher, kind: str, index: NameIndex, prefixes: list[str]) -> list[Suggestion]:
    """Return the roles or skills with a matching name or alias, labelled with the canonical name."""
    candidates = []
    # A single letter matches only the start of canonical names: nearly all roles have an alias with it.
    letter = prefixes[0] if len("".join(prefixes)) < MIN_LENGTH else ""
    stems = [(prefix, stem(prefix)) for prefix in prefixes]
    for pk, label, names in index.matching(prefixes):
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
            starts_with = names[ranks[0]][0].startswith(prefixes[0])
            candidates.append((not starts_with, ranks[0] > 0, -searcher.doc_freq(kind, pk), pk, label))
    suggestions = []
    for *_, pk, label in sorted(candidates)[: 2 * LIMITS[kind]]:
        count = _count(searcher, kind, pk)
        if count and len(suggestions) < LIMITS[kind]:
            suggestions.append(Suggestion(kind, label, count, pk))
    return suggestions


def _titles(searcher: Searcher, prefixes: list[str]) -> Iterator[str]:
    """Yield matching titles, approximately by count of offers, possibly with duplicates."""
    yield from (title.label for title in _common_titles(searcher).matching(prefixes))
    yield from _count_values(searcher, "title", prefixes, "label", 3 * LIMITS[TITLE])


# The monotonic time of the query, and the most common titles in order. A cached title is counted again before it is
# suggested; if too few of them match, the index is queried.
_common: tuple[float, NameIndex] = (-math.inf, NameIndex())


def _common_titles(searcher: Searcher) -> NameIndex:
    """Return the most common titles, cached for COMMON_TITLES_TTL seconds.

    Without the cache, a short prefix counts the titles of a third of all offers at each keystroke.
    """
    global _common
    at, titles = _common
    if time.monotonic() > at + COMMON_TITLES_TTL:
        labels = _aggregate(searcher, Query.all_query(), "label", COMMON_TITLES)
        titles = NameIndex(NamedEntry(rank, label, (tuple(words(label)),)) for rank, label in enumerate(labels))
        _common = (time.monotonic(), titles)
    return titles


def clear_cache():
    """Clear the cache of titles (for tests)."""
    global _common
    _common = (-math.inf, NameIndex())


def _count(searcher: Searcher, name: str, value: str | int) -> int:
    """Return the count of documents with the term. `doc_freq` would include deleted documents."""
    return searcher.search(Query.term_query(SCHEMA, name, value), 1).count


def _count_values(searcher: Searcher, name: str, prefixes: list[str], column: str, limit: int) -> dict:
    """Return the counts of the `limit` most frequent values of `column` among offers whose `name` has `prefixes`."""
    if not prefixes:
        return {}
    must = []
    for prefix in prefixes:
        has_prefix = Query.fuzzy_term_query(SCHEMA, name, prefix, distance=0, prefix=True)
        # The index has the stem “architect” for the text “architecte”.
        must.append(has_prefix.or_should_match(Query.term_query(SCHEMA, name, stem(prefix))))
    query = must[0].and_must_match(*must[1:]) if len(must) > 1 else must[0]
    return _aggregate(searcher, query, column, limit)


def _aggregate(searcher: Searcher, query: Query, column: str, limit: int) -> dict:
    # The default segment size, ten times the limit, takes longer to serialize than to count.
    options = {"size": limit, "segment_size": 2 * limit} if column == "label" else {"size": limit}
    answer = searcher.aggregate(query, {"values": {"terms": {"field": column, **options}}})
    return {bucket["key"]: bucket["doc_count"] for bucket in answer["values"]["buckets"] if bucket["key"]}


def _by_pk(counts: dict) -> dict[int, int]:
    """Return the counts by pk: Tantivy returns integer keys as floats."""
    return {int(pk): count for pk, count in counts.items()}


def _companies(counts: dict[int, int]) -> list[Suggestion]:
    """Return suggestions for counts by company pk. One query."""
    named = {pk: (name, slug) for pk, name, slug in fetch_rows(Company, ("pk", "name", "slug"), [*counts])}
    return [
        Suggestion(COMPANY, named[pk][0], count, pk, slug=named[pk][1]) for pk, count in counts.items() if pk in named
    ]


def _towns(searcher: Searcher, text: str) -> list[Suggestion]:
    """Return the commune that the text names as a place, then the most frequent ones with its words in their names."""
    places, counts = gazetteer(), {}
    named = find_area(text)
    if named and named.place and (count := _count(searcher, "place", named.place.pk)):
        counts[named.place.pk] = count
    for pk, count in _by_pk(_count_values(searcher, "town", place_key(text).split(), "place", LIMITS[TOWN])).items():
        counts.setdefault(pk, count)
    towns = [Suggestion(TOWN, str(place), count, pk) for pk, count in counts.items() if (place := places.get(pk))]
    return towns[: LIMITS[TOWN]]
