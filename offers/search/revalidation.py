"""Revalidation of cached searches: whether results and counts are the same in two generations of the index."""

from tantivy import Occur, Query

from offers.places.gazetteer import places_version
from offers.search import documents
from offers.search.criteria import Criteria
from offers.search.facets import ignored_criteria
from offers.search.generations import history
from offers.search.index import SearchUnavailable, reader
from offers.search.query import SearchRequest
from offers.search.snapshot import current_snapshot


def observed_generation() -> tuple | None:
    """Return `snapshot.generation()`, or None without an index, and add it to the history for `is_unchanged`."""
    try:
        return (*history().observe(), reader().names_version(), places_version())
    except SearchUnavailable:
        return None


def is_unchanged(criteria: Criteria, before: tuple, after: tuple) -> bool:
    """Return whether results and counts of a search contain no offer that differs between two generations.

    The order of the results may differ slightly: other offers change document frequencies, which BM25 uses.
    """
    # The index directory, and the versions of the names of roles, skills and communes.
    if before[0] != after[0] or before[3:] != after[3:]:
        return False
    change = history().diff(before[:3], after[:3])
    if change is None:
        return False
    if not change.ids:
        return True
    try:
        thesaurus = current_snapshot().thesaurus
        requests = [SearchRequest(searcher, criteria, thesaurus) for searcher in (change.before, change.after)]
        # Other offers than those of the criteria decide how the words match.
        if requests[0].text.matching != requests[1].text.matching:
            return False
        # A new offer may be the correction of an alternative that no offer contains.
        if requests[1].text.has_unknown_alternative:
            return False
        return not any(_has_any(request, change.ids) for request in requests)
    except SearchUnavailable:
        return False


def _has_any(request: SearchRequest, ids: frozenset[int]) -> bool:
    """Return whether one of the offers matches the search, or the query of one of its facets."""
    changed = Query.term_set_query(documents.SCHEMA, "id", [*ids])
    queries = [request.query(scored=False, without=ignored) for ignored in ignored_criteria(request.criteria)]
    counted = [Query.boolean_query([(Occur.Must, query), (Occur.Must, changed)]) for query in queries]
    return any(request.searcher.search(query, 1).count for query in counted)
