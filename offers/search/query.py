"""Search the index: build the Tantivy query of words and criteria, and return a page of results."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from django.utils import timezone
from tantivy import Occur, Order, Query, Searcher

from offers.fields import EXPERIENCE
from offers.models import Offer
from offers.search.criteria import Criteria, narrowing_queries, preferences
from offers.search.documents import AREA_POSITIONS, week
from offers.search.parser import parse_text, without_operators
from offers.search.synonyms import EMPTY, Thesaurus
from offers.search.terms import Corpus, constant_score, hit_ids, term
from offers.search.text_query import TextQuery

MAX_RESULTS = 10_000
RELEVANCE, DATE, SALARY = "relevance", "date", "salary"

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
    """Return a page of at most `limit` offers.

    Unless `exact`, words are corrected if there are no results, or none for one of several alternatives.
    """
    request = SearchRequest(searcher, criteria, thesaurus)
    results = request.page(sort, offset, limit)
    if not exact and (results.total == 0 or request.text.has_unknown_alternative) and (text := request.text.corrected):
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


class SearchRequest:
    """A search on one searcher: text, criteria, and their queries."""

    def __init__(self, searcher: Searcher, criteria: Criteria, thesaurus: Thesaurus = EMPTY):
        self.searcher = searcher
        self.criteria = criteria
        self.text = TextQuery(Corpus(searcher), parse_text(criteria.q), thesaurus)

    def page(self, sort: str, offset: int, limit: int) -> Results:
        """Return a page of results without correction."""
        limit = max(min(limit, MAX_RESULTS - offset), 0)
        if limit == 0:
            return self._results((), self.count())
        by_relevance = sort == RELEVANCE and bool(self.text)
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
        return Results(ids, total, self.text.parsed.text, False, self.text.highlighted, matches)

    def count(self) -> int:
        return self.searcher.search(self.query(scored=False), 1).count

    def query(self, *, scored: bool, without: tuple[str, ...] = ()) -> Query:
        """Return the whole query, except for the criteria `without`."""
        must = [(Occur.Must, query) for query in self.text.required(scored)]
        narrowing = narrowing_queries(self.criteria.without(without) if without else self.criteria)
        must += [(Occur.Must, constant_score(query, 0.0) if scored else query) for query in narrowing]
        if not must:
            must = [(Occur.Must, Query.all_query())]
        must += [(Occur.MustNot, query) for query in self.text.excluded()]
        if scored:
            must += [(Occur.Should, query) for query in self.text.preferred()]
            must += [(Occur.Should, constant_score(query, score)) for query, score in preferences(self.criteria)]
        return must[0][1] if len(must) == 1 else Query.boolean_query(must)
