"""The objects that a search needs, cached by process: the newest index of this host, thesaurus and vocabulary."""

from dataclasses import dataclass
from threading import Lock

from django.conf import settings

from offers.places.gazetteer import places_version
from offers.search import synonyms
from offers.search.index import Searcher, reader
from offers.search.synonyms import Thesaurus
from offers.search.vocabulary import Vocabulary


@dataclass(frozen=True)
class SearchSnapshot:
    """A consistent searcher, thesaurus and vocabulary. `generation` is a cache key for the results of searches."""

    searcher: Searcher
    thesaurus: Thesaurus
    vocabulary: Vocabulary
    generation: tuple


_lock = Lock()
# By directory, which changes in tests only: the version of the names, and the thesaurus and vocabulary of that version.
_names: dict[str, tuple[int, Thesaurus, Vocabulary]] = {}


def current_snapshot() -> SearchSnapshot:
    """Return a snapshot of the newest commit of the index.

    Raise SearchUnavailable if this host has no usable index, and DatabaseError if the names cannot be read.
    """
    index = reader()
    generation, searcher = index.newest()
    # Read before the names: a concurrent change increments the version again.
    version = index.names_version()
    return SearchSnapshot(searcher, *_load_names(version), (*generation, version))


def generation() -> tuple:
    """Return the current generation, a cache key for the results of searches and for communes. Five `stat` calls.

    Raise SearchUnavailable.
    """
    index = reader()
    return (*index.generation(), index.names_version(), places_version())


def _load_names(version: int) -> tuple[Thesaurus, Vocabulary]:
    root = str(settings.SEARCH_DIR)
    known = _names.get(root)
    if known is None or known[0] != version:
        with _lock:
            # Another thread may have loaded them while this one waited for the lock.
            known = _names.get(root)
            if known is None or known[0] != version:
                known = _names[root] = (version, synonyms.load_thesaurus(), Vocabulary())
    return known[1:]
