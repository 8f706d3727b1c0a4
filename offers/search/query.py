"""Search the index: build the Tantivy query of words and criteria, and return a page of results."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, pairwise

from django.utils import timezone
from tantivy import Occur, Order, Query, Searcher

from offers.fields import EXPERIENCE
from offers.models import Offer
from offers.search import spelling
from offers.search.analysis import COMPOUNDS, PARTS, stem
from offers.search.criteria import Criteria, narrowing_queries, preferences
from offers.search.documents import AREA_POSITIONS, week
from offers.search.parser import parse_text, without_operators
from offers.search.synonyms import EMPTY, MAX_WORDS, Expression, Thesaurus
from offers.search.terms import (
    Corpus,
    all_of,
    any_of,
    any_term,
    constant_score,
    disjunction_max,
    hit_ids,
    term,
    terms,
)

MAX_RESULTS = 10_000
RELEVANCE, DATE, SALARY = "relevance", "date", "salary"

# Scores of a word by the field that contains it; `all` contains every word.
TITLE, HIGHLIGHTS, COMPANY, ALL = 10.0, 2.0, 3.5, 1.0
# Scores of a role or skill of the offer with exactly this name, and with the word in one of its names.
ROLE, ROLE_WORD, SKILL, SKILL_WORD = 9.0, 4.0, 6.0, 2.5
# Score of two adjacent words of the query in a title.
TITLE_PAIR = 4.0
# Weights of a synonym and of another title of the same role.
SYNONYM, SAME_ROLE = 0.75, 0.6
# Weight of two words written as one.
SPELLING = 0.95
# Scores of similar offers published in this week, in the last one, and in the one before.
FRESH_WEEKS = (1.5, 1.0, 0.5)
# Up to this count all matches are returned: reading their values is faster than an aggregation.
FEW_MATCHES = 300


@dataclass(frozen=True)
class Results:
    """The pks of one page of results, in order, and their total count.

    `searched` is the text that was searched: the submitted one, or its correction if `instead` is True. `words` are
    highlighted. `matches` are the Tantivy document ids of all results, for `facets`; None if there are many.
    """

    ids: tuple[int, ...]
    total: int
    searched: str = ""
    instead: bool = False
    words: frozenset[str] = frozenset()
    matches: Sequence | None = field(default=None, repr=False, compare=False)


def search(
    searcher: Searcher,
    criteria: Criteria,
    *,
    thesaurus: Thesaurus = EMPTY,
    sort: str = RELEVANCE,
    offset: int = 0,
    limit: int = 20,
    exact: bool = False,
) -> Results:
    """Return a page of at most `limit` offers. Unless `exact`, words are corrected if there are no results."""
    request = SearchRequest(searcher, criteria, thesaurus)
    results = request.page(sort, offset, limit)
    if results.total == 0 and request.parsed.words and not exact and (text := request.corrected):
        corrected = SearchRequest(searcher, replace(criteria, q=text), thesaurus).page(sort, offset, limit)
        if corrected.total:
            return replace(corrected, searched=text, instead=True)
    return results


def similar(searcher: Searcher, offer: Offer, skills: Iterable[int], limit: int = 4) -> tuple[int, ...]:
    """Return the pks of at most `limit` similar offers. `skills` are the pks of the skills of `offer`.

    Offers with the same role, skills or words in the title come first. The query is a plain disjunction of terms:
    Tantivy then skips documents that cannot be among the best, and scores only one of a hundred matches.
    """
    corpus = Corpus(searcher)
    parsed = parse_text(without_operators(offer.title))
    # “React/Angular” in a title is both.
    in_title = chain(parsed.words, *chain.from_iterable(parsed.alternatives))
    words = [word for word in dict.fromkeys(in_title) if corpus.frequency("title", word)]
    # Required: at least one of these terms.
    work = [("skill", skill, 3.0) for skill in skills]
    work += [("role", offer.role_id, 12.0)] if offer.role_id else []
    work += [("title", word, 2 * corpus.importance(word)) for word in words]
    # The contract is left out: most offers share one.
    optional = [("place", offer.place_id, 3.0), ("experience", EXPERIENCE.numbers[offer.experience], 2.0)]
    if offer.place_id:
        optional.append(("area", AREA_POSITIONS[offer.place.department], 2.0))
    optional = [reason for reason in optional if reason[1]]
    this_week = week(timezone.now())
    optional += [("week", this_week - ago, weight) for ago, weight in enumerate(FRESH_WEEKS)]
    if not work:
        return ()

    def best(reasons, above: float) -> list[int]:
        query = Query.boolean_query([(Occur.Should, corpus.term(*reason)) for reason in reasons])
        # One more than the limit, since the offer itself is the best match.
        hits = searcher.search(query, limit + 1, count=False).hits
        ids = hit_ids(searcher, [hit for hit in hits if hit[0] > above])
        return [pk for pk in ids if pk != offer.pk][:limit]

    # Above the sum of all optional scores, with a margin for rounding.
    ids = best(work + optional, 1.01 * sum(weight for *_, weight in optional))
    if len(ids) < limit:
        ids = list(dict.fromkeys([*ids, *best(work, 0.0)]))[:limit]
    return tuple(ids)


def newest_of(searcher: Searcher, company: int, limit: int) -> tuple[int, ...]:
    """Return the pks of the newest offers that name the company."""
    query = term("employer", company)
    return hit_ids(searcher, searcher.search(query, limit, order_by_field="newest", order=Order.Desc, count=False).hits)


class QueryBuilder:
    """Collects the alternatives of an unscored query without duplicates: expressions of the text, roles and skills."""

    def __init__(self, thesaurus: Thesaurus):
        self.thesaurus = thesaurus
        self.texts: set[Expression] = set()
        self.roles: set[int] = set()
        self.skills: set[int] = set()
        self.queries: list[Query] = []

    def add_named(self, expression: Expression):
        """Add the roles and skills that have exactly this name."""
        self.roles.update(self.thesaurus.roles.get(expression, ()))
        self.skills.update(self.thesaurus.skills.get(expression, ()))

    def add_word(self, word: str):
        """Add the word in the text, and the roles and skills with the word in a name."""
        self.texts.add((word,))
        self.roles.update(self.thesaurus.role_words.get(word, ()))
        self.skills.update(self.thesaurus.skill_words.get(word, ()))

    def query(self, corpus: Corpus) -> Query:
        queries = [corpus.plain("all", text) for text in sorted(self.texts) if corpus.has("all", text)]
        queries += terms("role", self.roles) + terms("skill", self.skills)
        queries += self.queries
        return any_of(queries) if queries else Query.empty_query()


class SearchRequest:
    """A search on one searcher: parsed text, criteria, and their queries."""

    def __init__(self, searcher: Searcher, criteria: Criteria, thesaurus: Thesaurus = EMPTY):
        self.searcher = searcher
        self.criteria = criteria
        self.thesaurus = thesaurus
        self.parsed = parse_text(criteria.q)
        self.corpus = Corpus(searcher)

    def page(self, sort: str, offset: int, limit: int) -> Results:
        """Return a page of results without correction."""
        limit = max(min(limit, MAX_RESULTS - offset), 0)
        if limit == 0:
            return self._results((), self.count())
        by_relevance = sort == RELEVANCE and self._scores
        if by_relevance:
            order = {"weight_by_field": "fresh"}
        else:
            order = {"order_by_field": "best_paid" if sort == SALARY else "newest", "order": Order.Desc}
        query, end = self.query(scored=by_relevance), offset + limit
        # Fetching all of a few matches takes hardly longer than one page.
        first, most = (0, FEW_MATCHES) if end <= FEW_MATCHES else (offset, limit)
        answer = self.searcher.search(query, most, offset=first, **order)
        # The property builds a new list at each access.
        hits = answer.hits
        ids = hit_ids(self.searcher, hits[offset - first : end - first])
        few = first == 0 and answer.count <= most
        return self._results(ids, answer.count, [doc_address for _, doc_address in hits] if few else None)

    def _results(self, ids: tuple[int, ...], total: int, matches: Sequence | None = None) -> Results:
        return Results(ids, total, self.parsed.text, False, self.highlighted, matches)

    def count(self) -> int:
        return self.searcher.search(self.query(scored=False), 1).count

    @property
    def _scores(self) -> bool:
        return bool(self.parsed.words or self.parsed.phrases or self.parsed.alternatives)

    def query(self, *, scored: bool, without: tuple[str, ...] = ()) -> Query:
        """Return the whole query, except for the criteria `without`."""
        must = [(Occur.Must, query) for query in self._words(scored)]
        narrowing = narrowing_queries(self.criteria.without(without) if without else self.criteria)
        must += [(Occur.Must, constant_score(query, 0.0) if scored else query) for query in narrowing]
        if not must:
            must = [(Occur.Must, Query.all_query())]
        must += [(Occur.MustNot, self._excluded(expression)) for expression in self.parsed.excluded]
        if scored:
            for pair in pairwise(chain.from_iterable(self.expressions)):
                if self.corpus.is_in_title(pair):
                    score = TITLE_PAIR * sum(map(self.corpus.importance, pair))
                    must.append((Occur.Should, self.corpus.scored_in_title(pair, score)))
            must += [(Occur.Should, constant_score(query, score)) for query, score in preferences(self.criteria)]
        return must[0][1] if len(must) == 1 else Query.boolean_query(must)

    # Words

    def _words(self, scored: bool) -> list[Query]:
        queries = [self._expression(expression, scored) for expression in self.expressions]
        queries += [self._quoted(phrase, scored) for phrase in self.parsed.phrases]
        for group in self.parsed.alternatives:
            alternatives = [self._alternative(expression, scored) for expression in group]
            queries.append(disjunction_max(alternatives) if scored else any_of(alternatives))
        return queries

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Return the words, grouped into known expressions."""
        expressions, words, position = [], self.parsed.words, 0
        while position < len(words):
            size = self._expression_at(position)
            expressions.append(words[position : position + size])
            position += size
        return tuple(dict.fromkeys(expressions))

    def _expression_at(self, position: int) -> int:
        """Return the count of words of the longest known expression at `position`; 1 if there is none."""
        words = self.parsed.words
        for size in range(min(MAX_WORDS, len(words) - position), 1, -1):
            if self.thesaurus.knows(words[position : position + size]):
                return size
        # “micro services” in the query, “microservices” in offers.
        pair = stem("".join(words[position : position + 2]))
        return 2 if len(words) > position + 1 and len(pair) > 4 and self.corpus.frequency("all", pair) else 1

    def _synonyms(self, expression: Expression) -> list[tuple[Expression, float]]:
        """Return the synonyms of an expression with their weights."""
        others = dict.fromkeys(self.thesaurus.same.get(expression, ()), SYNONYM)
        if len(expression) == 2:
            others.setdefault((stem("".join(expression)),), SPELLING)
        return list(others.items())

    def _titles(self, expression: Expression) -> list[Expression]:
        """Return the other titles of the roles with this title that occur in titles of offers.

        They are searched in titles only: a description may mention a colleague with that title.
        """
        return [title for title in self.thesaurus.titles.get(expression, ()) if self.corpus.is_in_title(title)]

    def _expression(self, expression: Expression, scored: bool) -> Query:
        if not scored:
            return self._matching(expression)
        importance = sum(map(self.corpus.importance, expression))
        queries = self._named(expression, importance)
        if len(expression) == 1:
            queries.append(self._word(expression[0], 1.0, named=True))
        elif expression in COMPOUNDS:
            # “front end”: a compound written as two words.
            queries += [self._text(expression, importance), self._word(COMPOUNDS[expression], 1.0)]
        else:
            queries.append(all_of([self._word(word, 1.0) for word in expression]))
        for other, weight in self._synonyms(expression):
            if len(other) == 1:
                share = weight * importance / self.corpus.importance(other[0])
                queries.append(self._word(other[0], share, named=True))
            elif self.corpus.has("all", other):
                queries.append(self._text(other, weight * importance))
            queries += self._named(other, weight * importance)
        for title in self._titles(expression):
            queries.append(self.corpus.scored_in_title(title, SAME_ROLE * TITLE * importance))
        return disjunction_max(queries)

    def _matching(self, expression: Expression) -> Query:
        """Return the query of `_expression` without scores and duplicate terms: Tantivy would read each of them."""
        builder = QueryBuilder(self.thesaurus)
        builder.add_named(expression)
        if len(expression) == 1:
            builder.add_word(expression[0])
        elif expression in COMPOUNDS:
            builder.texts.add(expression)
            builder.add_word(COMPOUNDS[expression])
        else:
            builder.queries.append(all_of([self._matching_word(word) for word in expression]))
        for other, _ in self._synonyms(expression):
            builder.add_named(other)
            if len(other) == 1:
                builder.add_word(other[0])
            else:
                builder.texts.add(other)
        builder.queries += map(self.corpus.in_title, self._titles(expression))
        return builder.query(self.corpus)

    def _matching_word(self, word: str) -> Query:
        builder = QueryBuilder(self.thesaurus)
        builder.add_word(word)
        return builder.query(self.corpus)

    def _named(self, expression: Expression, importance: float) -> list[Query]:
        """Return the queries for offers with a role or skill of exactly this name."""
        queries = []
        if roles := self.thesaurus.roles.get(expression):
            queries.append(constant_score(any_term("role", roles), ROLE * importance))
        if skills := self.thesaurus.skills.get(expression):
            queries.append(constant_score(any_term("skill", skills), SKILL * importance))
        return queries

    def _word(self, word: str, weight: float, named: bool = False) -> Query:
        """Return the query for offers with the word in their text, or in a name of their role or of a skill.

        With `named`, omit the roles and skills of exactly this name: `_named` gives them a higher score.
        """
        importance = weight * self.corpus.importance(word)
        queries = [self._text((word,), importance)]
        for name, by_word, by_name, score in (
            ("role", self.thesaurus.role_words, self.thesaurus.roles, ROLE_WORD),
            ("skill", self.thesaurus.skill_words, self.thesaurus.skills, SKILL_WORD),
        ):
            pks = by_word.get(word, frozenset()) - (by_name.get((word,), frozenset()) if named else frozenset())
            if pks:
                queries.append(constant_score(any_term(name, pks), score * importance))
        return disjunction_max(queries)

    def _text(self, expression: Expression, importance: float) -> Query:
        """Return the query for an expression in the text, scored by field."""
        # A flat disjunction, since `all` contains the other fields: optional clauses take a third longer.
        weights = (("title", TITLE), ("company", COMPANY), ("highlights", HIGHLIGHTS))
        matching = [(name, weight) for name, weight in weights if self.corpus.has(name, expression)]
        return any_of(
            [self.corpus.phrase(name, expression, weight * importance) for name, weight in (("all", ALL), *matching)]
        )

    def _quoted(self, phrase: Expression, scored: bool) -> Query:
        if not scored:
            builder = QueryBuilder(self.thesaurus)
            builder.texts.add(phrase)
            builder.add_named(phrase)
            return builder.query(self.corpus)
        importance = sum(map(self.corpus.importance, phrase))
        return disjunction_max([self._text(phrase, importance), *self._named(phrase, importance)])

    def _alternative(self, expression: Expression, scored: bool) -> Query:
        is_phrase = len(expression) > 1 and expression not in COMPOUNDS
        return self._quoted(expression, scored) if is_phrase else self._expression(expression, scored)

    def _excluded(self, expression: Expression) -> Query:
        """Return the query for “-word”: the word itself and the skill of that name, without synonyms."""
        queries = [self.corpus.plain("all", expression)]
        if len(expression) == 1 and expression[0] in PARTS:
            queries.append(self.corpus.plain("all", PARTS[expression[0]]))
        if skills := self.thesaurus.skills.get(expression):
            queries.append(any_term("skill", skills))
        return any_of(queries)

    @cached_property
    def highlighted(self) -> frozenset[str]:
        """Return the words to highlight: those of the query and their synonyms."""
        marked = set(self.parsed.words)
        for expression in chain(self.parsed.phrases, *self.parsed.alternatives):
            marked.update(expression)
        words = self.parsed.words
        for start in range(len(words)):
            for size in range(1, min(MAX_WORDS, len(words) - start) + 1):
                for other in self.thesaurus.same.get(words[start : start + size], ()):
                    marked.update(other)
        return frozenset(marked)

    @cached_property
    def corrected(self) -> str | None:
        """Return the text with corrections for words that match no offer, or None without any."""
        words = self.parsed.words
        corrections = {}
        for word, piece in zip(words, self.parsed.pieces, strict=True):
            if self.corpus.frequency("all", word) or self.thesaurus.knows_word(word):
                continue
            correction = spelling.suggest_spelling(self.searcher, word, piece, self.thesaurus)
            if not correction:
                return None
            corrections[piece] = correction
        text = self.parsed.text
        for piece, correction in corrections.items():
            text = text.replace(piece, correction)
        return text if corrections else None
