"""What a process searches with: the newest index of this host, and the names that people use."""

from dataclasses import dataclass
from threading import Lock

from django.conf import settings

from offers.search import synonyms
from offers.search.index import Searcher, reader
from offers.search.synonyms import Thesaurus


@dataclass(frozen=True)
class Current:
    """Of one moment. `generation` changes whenever an answer may."""

    searcher: Searcher
    thesaurus: Thesaurus
    generation: tuple


_lock = Lock()
# By folder, which changes in tests only: the stamp of the words, and what they were then.
_thesauri: dict[str, tuple[int, Thesaurus]] = {}


def current() -> Current:
    """Raises SearchUnavailable where this host has no index to ask, and DatabaseError where names cannot be read."""
    index = reader()
    generation, searcher = index.newest()
    # Asked before the words are read: what changes meanwhile changes the stamp again.
    stamp = index.words_stamp()
    return Current(searcher, _thesaurus(stamp), (*generation, stamp))


def _thesaurus(stamp: int) -> Thesaurus:
    root = str(settings.SEARCH_DIR)
    known = _thesauri.get(root)
    if known is None or known[0] != stamp:
        with _lock:
            # Another thread may have read them while this one waited.
            known = _thesauri.get(root)
            if known is None or known[0] != stamp:
                known = _thesauri[root] = (stamp, synonyms.from_database())
    return known[1]
