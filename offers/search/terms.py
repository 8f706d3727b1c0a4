"""Building blocks of queries: terms, boolean operators, and document frequencies."""

import math
from collections.abc import Iterable
from functools import cached_property, lru_cache

from tantivy import FieldType, Occur, Query, Searcher

from offers.search.analysis import bigrams
from offers.search.asides import aside
from offers.search.documents import SCHEMA
from offers.search.synonyms import Expression

# Fewer terms than this become single queries: Tantivy materializes a term set before it intersects it.
MIN_TERM_SET = 30
# The `tie_breaker` of disjunction-max queries: the share of the other scores that is added to the best one.
TIE_BREAKER = 0.2


def term(name: str, value) -> Query:
    return Query.term_query(SCHEMA, name, value)


def any_term(name: str, values: Iterable) -> Query:
    """Return the query for the offers that have one of `values` in the field `name`."""
    return _cached_any_term(name, frozenset(values))


@lru_cache(maxsize=20)
def _cached_any_term(name: str, values: frozenset) -> Query:
    # Cached: the search and its facets use the same query with hundreds of communes.
    return any_of(terms(name, values))


def terms(name: str, values: Iterable) -> list[Query]:
    """Return the queries of `any_term` for use in another disjunction: nested, they take twice the time."""
    values = sorted(values)
    if len(values) < MIN_TERM_SET:
        return [term(name, value) for value in values]
    return [Query.term_set_query(SCHEMA, name, values)]


def any_of(queries: list[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def all_of(queries: list[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, query) for query in queries])


def none_of(query: Query) -> Query:
    """Return the query for the documents that do not match `query`."""
    return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, query)])


def disjunction_max(queries: list[Query]) -> Query:
    """Return a disjunction-max query with TIE_BREAKER."""
    return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries, TIE_BREAKER)


def constant_score(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)


def at_least(name: str, value: int) -> Query:
    """Return the query for documents whose integer field `name` is at least `value`."""
    return Query.range_query(SCHEMA, name, FieldType.Unsigned, value, None)


def hit_ids(searcher: Searcher, hits) -> tuple[int, ...]:
    """Return the pks of the offers of `hits`, in their order."""
    return tuple(searcher.fast_field_values("id", [doc_address for _, doc_address in hits]))


class Corpus:
    """Document frequencies, and queries whose boost cancels the inverse document frequency of BM25."""

    def __init__(self, searcher: Searcher):
        self.searcher = searcher
        self._frequencies: dict[tuple[str, str], int] = {}

    @cached_property
    def size(self) -> int:
        # Frequencies include deleted documents until a merge, so a frequency can exceed this: see `_rarity`.
        return self.searcher.num_docs

    def frequency(self, name: str, word: str | int) -> int:
        key = name, word
        if key not in self._frequencies:
            self._frequencies[key] = self.searcher.doc_freq(name, word)
        return self._frequencies[key]

    def _rarity(self, frequency: int) -> float:
        """Return the inverse document frequency of BM25, by which boosts are divided to cancel it."""
        size = max(self.size, frequency)
        return max(math.log(1 + (size - frequency + 0.5) / (frequency + 0.5)), 1e-3)

    def importance(self, word: str) -> float:
        """Return the weight of a word: 1 if every offer contains it, up to 2 for the rarest."""
        size = max(self.size, 2)
        return 1 + min(self._rarity(self.frequency("all", word)) / math.log(1 + size), 1)

    def term(self, name: str, word: str | int, score: float) -> Query:
        """Return a term query whose score is about `score`."""
        return Query.boost_query(term(name, word), score / self._rarity(self.frequency(name, word)))

    def plain(self, name: str, expression: Expression) -> Query:
        """Return a term or phrase query without a boost."""
        if len(expression) == 1:
            return term(name, expression[0])
        return Query.phrase_query(SCHEMA, name, list(expression))

    def phrase(self, name: str, expression: Expression, score: float, slop: int = 0) -> Query:
        if len(expression) == 1:
            return self.term(name, expression[0], score)
        rarity = sum(self._rarity(self.frequency(name, word)) for word in expression)
        return Query.boost_query(Query.phrase_query(SCHEMA, name, list(expression), slop), score / rarity)

    def asides(self, expression: Expression) -> list[str]:
        """Return the tokens of the words that some offers only mention in passing, see `asides`."""
        return [token for token in map(aside, expression) if self.frequency("all", token)]

    def without_asides(self, query: Query, expression: Expression) -> Query:
        """Return the query for offers that match `query`, except for those that only mention a word in passing."""
        tokens = self.asides(expression)
        if not tokens:
            return query
        return Query.boolean_query([(Occur.Must, query), *((Occur.MustNot, term("all", token)) for token in tokens)])

    def has(self, name: str, expression: Expression) -> bool:
        return all(self.frequency(name, word) for word in expression)

    # Titles that contain an expression as adjacent words

    def in_title(self, expression: Expression) -> Query:
        return all_of([term(*pair) for pair in _title_terms(expression)])

    def scored_in_title(self, expression: Expression, score: float) -> Query:
        pairs_in_title = _title_terms(expression)
        return all_of([self.term(*pair, score / len(pairs_in_title)) for pair in pairs_in_title])

    def is_in_title(self, expression: Expression) -> bool:
        return all(self.frequency(*pair) for pair in _title_terms(expression))


def _title_terms(expression: Expression) -> list[tuple[str, str]]:
    name, words = ("pairs", bigrams(expression)) if len(expression) > 1 else ("title", expression)
    return [(name, word) for word in words]
