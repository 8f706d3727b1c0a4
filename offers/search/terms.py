"""What queries are made of: terms, what joins them, and how much a word weighs."""

import math
from collections.abc import Iterable
from functools import cached_property, lru_cache

from tantivy import FieldType, Occur, Query, Searcher

from offers.search.analysis import bigrams
from offers.search.documents import SCHEMA
from offers.search.synonyms import Expression

# Up to so many terms are walked through side by side, which takes less than writing down the offers of all first.
FEW = 30
# How much of the second-best reason is added to the best.
TIE = 0.2


def has(name: str, value) -> Query:
    return Query.term_query(SCHEMA, name, value)


def has_one_of(name: str, values: Iterable) -> Query:
    return _terms_once(name, frozenset(values))


@lru_cache(maxsize=20)
def _terms_once(name: str, values: frozenset) -> Query:
    # A search is asked for a page and then counted, with the same hundreds of towns.
    return any_of(each_of(name, values))


def each_of(name: str, values: Iterable) -> list[Query]:
    """What has one of them, to stand side by side with other queries: nested, they take the engine twice the time."""
    values = sorted(values)
    return [has(name, value) for value in values] if len(values) < FEW else [Query.term_set_query(SCHEMA, name, values)]


def any_of(queries: list[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def all_of(queries: list[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, query) for query in queries])


def best_of(queries: list[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries, TIE)


def counting_for(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)


def at_least(name: str, value: int) -> Query:
    return Query.range_query(SCHEMA, name, FieldType.Unsigned, value, None)


def ids_of(searcher: Searcher, hits) -> tuple[int, ...]:
    return tuple(searcher.fast_field_values("id", [address for _, address in hits]))


class Corpus:
    """How common words are, and terms weighed so that a rare spelling counts no more than a common one."""

    def __init__(self, searcher: Searcher):
        self.searcher = searcher
        self._frequencies: dict[tuple[str, str], int] = {}

    @cached_property
    def size(self) -> int:
        # Never below what a word can be found in: deleted offers are counted until their segment is merged.
        return self.searcher.num_docs

    def frequency(self, name: str, word: str | int) -> int:
        key = name, word
        if key not in self._frequencies:
            self._frequencies[key] = self.searcher.doc_freq(name, word)
        return self._frequencies[key]

    def _rarity(self, frequency: int) -> float:
        """The engine's own measure, so that dividing by it takes it out of the score."""
        size = max(self.size, frequency)
        return max(math.log(1 + (size - frequency + 0.5) / (frequency + 0.5)), 1e-3)

    def importance(self, word: str) -> float:
        """From 1 for a word that stands everywhere to 2 for the rarest."""
        size = max(self.size, 2)
        return 1 + min(self._rarity(self.frequency("all", word)) / math.log(1 + size), 1)

    def term(self, name: str, word: str | int, score: float) -> Query:
        """Offers that have `word`, or the number or code, in the field, for about `score` each."""
        return Query.boost_query(has(name, word), score / self._rarity(self.frequency(name, word)))

    def plain(self, name: str, expression: Expression) -> Query:
        """Offers that have the expression in the field, for whatever score."""
        if len(expression) == 1:
            return has(name, expression[0])
        return Query.phrase_query(SCHEMA, name, list(expression))

    def phrase(self, name: str, expression: Expression, score: float, slop: int = 0) -> Query:
        if len(expression) == 1:
            return self.term(name, expression[0], score)
        rarity = sum(self._rarity(self.frequency(name, word)) for word in expression)
        return Query.boost_query(Query.phrase_query(SCHEMA, name, list(expression), slop), score / rarity)

    def has(self, name: str, expression: Expression) -> bool:
        return all(self.frequency(name, word) for word in expression)

    # Titles that have the words of an expression side by side.

    def titled(self, expression: Expression) -> Query:
        return all_of([has(*term) for term in _in_title(expression)])

    def titled_for(self, expression: Expression, score: float) -> Query:
        terms = _in_title(expression)
        return all_of([self.term(*term, score / len(terms)) for term in terms])

    def has_title(self, expression: Expression) -> bool:
        return all(self.frequency(*term) for term in _in_title(expression))


def _in_title(expression: Expression) -> list[tuple[str, str]]:
    name, words = ("pairs", bigrams(expression)) if len(expression) > 1 else ("title", expression)
    return [(name, word) for word in words]
