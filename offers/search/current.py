"""The state that a process searches with: the newest index of this host, the thesaurus and the vocabulary."""

from dataclasses import dataclass
from threading import Lock

from django.conf import settings

from offers.places.gazetteer import places_version
from offers.search import synonyms
from offers.search.index import Searcher, reader
from offers.search.synonyms import Thesaurus
from offers.search.vocabulary import Vocabulary


@dataclass(frozen=True)
class Current:
    """A consistent searcher, thesaurus and vocabulary. `generation` changes whenever the results of a search may."""

    searcher: Searcher
    thesaurus: Thesaurus
    vocabulary: Vocabulary
    generation: tuple


_lock = Lock()
# By folder, which changes in tests only: the version of the names, and the thesaurus and vocabulary of that version.
_names: dict[str, tuple[int, Thesaurus, Vocabulary]] = {}


def current() -> Current:
    """Return the current state.

    Raise SearchUnavailable where this host has no usable index, and DatabaseError where names cannot be read.
    """
    index = reader()
    generation, searcher = index.newest()
    # Read before the names: a change meanwhile changes the version again.
    version = index.names_version()
    return Current(searcher, *_load_names(version), (*generation, version))


def generation() -> tuple:
    """Return the generation of the current state, at the cost of five `stat` calls.

    It changes whenever the results of a search may. Raise SearchUnavailable.
    """
    index = reader()
    return (*index.generation(), index.names_version(), places_version())


def _load_names(version: int) -> tuple[Thesaurus, Vocabulary]:
    root = str(settings.SEARCH_DIR)
    known = _names.get(root)
    if known is None or known[0] != version:
        with _lock:
            # Another thread may have loaded them while this one waited.
            known = _names.get(root)
            if known is None or known[0] != version:
                known = _names[root] = (version, synonyms.load_thesaurus(), Vocabulary())
    return known[1:]
