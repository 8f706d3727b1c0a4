"""What a process searches with: the newest index of this host, and the names that people use."""

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
    """Of one moment. `generation` changes whenever an answer may."""

    searcher: Searcher
    thesaurus: Thesaurus
    vocabulary: Vocabulary
    generation: tuple


_lock = Lock()
# By folder, which changes in tests only: the stamp of the words, and what they were then.
_names: dict[str, tuple[int, Thesaurus, Vocabulary]] = {}


def current() -> Current:
    """Raises SearchUnavailable where this host has no index to ask, and DatabaseError where names cannot be read."""
    index = reader()
    generation, searcher = index.newest()
    # Asked before the words are read: what changes meanwhile changes the stamp again.
    stamp = index.words_stamp()
    return Current(searcher, *_named(stamp), (*generation, stamp))


def generation() -> tuple:
    """Changes whenever an answer may, at the cost of five looks at the disk. Raises SearchUnavailable."""
    index = reader()
    return (*index.generation(), index.words_stamp(), places_version())


def _named(stamp: int) -> tuple[Thesaurus, Vocabulary]:
    root = str(settings.SEARCH_DIR)
    known = _names.get(root)
    if known is None or known[0] != stamp:
        with _lock:
            # Another thread may have read them while this one waited.
            known = _names.get(root)
            if known is None or known[0] != stamp:
                known = _names[root] = (stamp, synonyms.from_database(), Vocabulary())
    return known[1:]
