"""Whether the results and the counts of a search are the same in two generations of the index."""

from tantivy import Occur, Query

from offers.places.gazetteer import places_version
from offers.search import documents
from offers.search.applied import history
from offers.search.criteria import Criteria
from offers.search.current import current
from offers.search.facets import ignored_criteria
from offers.search.index import Searcher, SearchUnavailable, reader
from offers.search.query import SearchRequest
from offers.search.synonyms import Thesaurus


def observed_generation() -> tuple | None:
    """Return what `current.generation` does, None where there is no index, and remember it for `is_unchanged`."""
    try:
        return (*history().observe(), reader().words_stamp(), places_version())
    except SearchUnavailable:
        return None


def is_unchanged(criteria: Criteria, before: tuple, after: tuple) -> bool:
    """Return whether no offer that differs between two generations is among the results or the counts of a search.

    The order by relevance is that of the older one: other offers shift the weight of a word a little.
    """
    # The folder of the index, and the names of roles, skills and communes.
    if before[0] != after[0] or before[3:] != after[3:]:
        return False
    change = history().change(before[:3], after[:3])
    if change is None:
        return False
    if not change.ids:
        return True
    try:
        thesaurus = current().thesaurus
        return not any(
            _has_any(searcher, criteria, change.ids, thesaurus) for searcher in (change.before, change.after)
        )
    except SearchUnavailable:
        return False


def _has_any(searcher: Searcher, criteria: Criteria, ids: frozenset[int], thesaurus: Thesaurus) -> bool:
    """Return whether one of the offers meets all criteria of a search, or all but those that one count ignores."""
    request = SearchRequest(searcher, criteria, thesaurus)
    changed = Query.term_set_query(documents.SCHEMA, "id", [*ids])
    queries = [request.query(scored=False, without=ignored) for ignored in ignored_criteria(criteria)]
    counted = [Query.boolean_query([(Occur.Must, query), (Occur.Must, changed)]) for query in queries]
    return any(searcher.search(query, 1).count for query in counted)
