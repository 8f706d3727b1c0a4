"""The search index of this host on disk, and its readers. `offers.indexing.writer` writes it.

    SEARCH_DIR/lock              held by the one process that writes (`search_index follow`)
    SEARCH_DIR/heartbeat         touched whenever the index agrees with the database
    SEARCH_DIR/words             touched when names that users search by have changed, so that readers reload them
    SEARCH_DIR/places            the same for communes
    SEARCH_DIR/current           symbolic link to the directory that readers use
    SEARCH_DIR/index-<random>/applied.json   the offers changed by its latest commits: see `generations`
    SEARCH_DIR/index-<random>/   a Tantivy index and our `state.json`: its format, its position in the change log, and
                                 the progress of its build

The database is the source of truth: SEARCH_DIR can be deleted at any time and is rebuilt.
"""

import contextlib
import json
import logging
import os
import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import tantivy
from django.conf import settings

from offers.search import documents

logger = logging.getLogger(__name__)

# The last four bytes of every Tantivy file, after the length of its footer, which contains the checksum.
FOOTER_MAGIC = 1337


class SearchUnavailable(Exception):
    """This host has no usable index."""


@dataclass
class IndexState:
    """The content of `state.json`: the position of an index in the change log, and the progress of its build."""

    format: int
    # Position in the change log and its time (seconds since 1970); `open` are ids of applied entries above it.
    cursor: int
    clock: float
    open: list[int] = field(default_factory=list)
    # Id and time of the newest applied entry, which is missing if the database was restored from a backup.
    last_entry: tuple[int, float] | None = None
    # Whether the log may have a gap, so that the index has to be compared with the database.
    gap: bool = False
    complete: bool = False
    # During a build: the pk of the last committed document, the count of indexed offers, and that of all offers.
    committed_id: int = 0
    done: int = 0
    total: int = 0

    def save(self, folder: Path):
        partial = folder / "state.json.new"
        partial.write_text(json.dumps(asdict(self)))
        os.replace(partial, folder / "state.json")

    @classmethod
    def load(cls, folder: Path) -> "IndexState | None":
        """Return the state of the index in `folder`, or None if it is missing, invalid, or of another format."""
        try:
            saved = json.loads((folder / "state.json").read_text())
            # Ignore the fields of other versions.
            state = cls(**{name: saved[name] for name in saved.keys() & cls.__dataclass_fields__.keys()})
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        state.last_entry = state.last_entry and tuple(state.last_entry)
        return state if state.format == documents.FORMAT else None


def current_folder(root: Path) -> Path | None:
    name = _current_name(root)
    return root / name if name else None


def _current_name(root: Path) -> str | None:
    try:
        return os.readlink(f"{root}/current")
    except OSError:
        return None


def open_index(folder: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(folder))
    documents.register(index)
    return index


def find_damage(folder: Path) -> str:
    """Read all files of an index and return a message about the first damaged one, or ""."""
    try:
        index = open_index(folder)
        index.reload()
        index.searcher()
        segments = {
            segment["segment_id"].replace("-", "")
            for segment in json.loads((folder / "meta.json").read_text())["segments"]
        }
        for file in folder.iterdir():
            if file.name.partition(".")[0] in segments and not _checksum_matches(file):
                return f"{file.name} does not match its checksum"
    except (OSError, ValueError, KeyError) as error:
        return str(error)
    except BaseException as error:
        if is_panic(error):
            return "Tantivy panicked"
        raise
    return ""


def _checksum_matches(file: Path) -> bool:
    """Return whether the content of a Tantivy file matches the checksum in its footer."""
    checksum, tail, block = 0, b"", 1 << 20
    with file.open("rb") as content:
        size = os.fstat(content.fileno()).st_size
        content.seek(max(size - 8, 0))
        length, magic = struct.unpack("<II", content.read(8).rjust(8, b"\0"))
        rest = size - 8 - length
        if magic != FOOTER_MAGIC or rest < 0:
            return False
        content.seek(0)
        while rest:
            checksum = zlib.crc32(tail := content.read(min(block, rest)), checksum)
            rest -= len(tail)
        return json.loads(content.read(length))["crc"] == checksum


def is_panic(error: BaseException) -> bool:
    """Return whether Tantivy has panicked. PanicException is a subclass of BaseException only."""
    return type(error).__name__ == "PanicException"


def size_on_disk(root: Path) -> int:
    """Return the size of the current index in bytes."""
    folder = current_folder(root)
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) if folder else 0


def request_maintenance(root: Path, action: str) -> None:
    """Request a "rebuild" or "check" from the process that writes the index."""
    (root / f"{action}-wanted").touch()


def consume_request(root: Path, action: str) -> bool:
    """Delete the request for the action. Return whether there was one."""
    try:
        os.unlink(root / f"{action}-wanted")
    except FileNotFoundError:
        return False
    return True


class Searcher:
    """A Tantivy searcher of one commit. Errors, such as those of damaged files, raise SearchUnavailable."""

    def __init__(self, searcher: tantivy.Searcher, on_failure: Callable[[BaseException], None]):
        self._searcher = searcher
        self._on_failure = on_failure
        self.num_docs = searcher.num_docs

    def _call(self, method: str, args, options):
        try:
            return getattr(self._searcher, method)(*args, **options)
        except Exception as error:
            self._on_failure(error)
            raise SearchUnavailable(str(error)) from error
        except BaseException as error:
            if not is_panic(error):
                raise
            self._on_failure(error)
            raise SearchUnavailable("Tantivy panicked") from error

    def search(self, *args, **options):
        return self._call("search", args, options)

    def aggregate(self, *args, **options):
        return self._call("aggregate", args, options)

    def doc_freq(self, *args, **options):
        return self._call("doc_freq", args, options)

    def fast_field_values(self, *args, **options):
        return self._call("fast_field_values", args, options)

    def terms_with_prefix(self, *args, **options):
        return self._call("terms_with_prefix", args, options)


class Reader:
    """Opens searchers of the newest commit of the current index, with two `stat` calls per request."""

    def __init__(self, root: Path):
        self.root = Path(root)
        self._lock = threading.Lock()
        self._name = None
        self._index = None
        # Generation and searcher of one commit, in one attribute so that threads read both atomically.
        self._newest: tuple[tuple, Searcher] | None = None
        self._failed_at: tuple | None = ()

    def searcher(self) -> Searcher:
        return self.newest()[1]

    def generation(self) -> tuple:
        """Return a cache key for search results, which changes with every commit."""
        return self.newest()[0]

    def newest(self) -> tuple[tuple, Searcher]:
        """Return the generation, and a searcher of that commit or a newer one."""
        name = _current_name(self.root)
        while True:
            try:
                return self._at(name)
            except (OSError, ValueError) as error:
                # Another index may have been swapped in.
                before, name = name, _current_name(self.root)
                if name == before:
                    raise SearchUnavailable(str(error)) from error

    def _at(self, name: str | None) -> tuple[tuple, Searcher]:
        # Called at every request: strings take a tenth of the time of Path objects.
        meta = os.stat(f"{self.root}/{name}/meta.json")
        generation = (name, meta.st_mtime_ns, meta.st_ino)
        newest = self._newest
        if newest is None or newest[0] != generation:
            with self._lock:
                newest = self._newest
                if newest is None or newest[0] != generation:
                    newest = self._newest = (generation, self._open(name))
        return newest

    def _open(self, name: str) -> Searcher:
        if name != self._name:
            folder = self.root / name
            if IndexState.load(folder) is None:
                raise ValueError("the index has another format")
            index = open_index(folder)
            index.config_reader("manual")
            self._index, self._name = index, name
        self._index.reload()
        searcher = self._index.searcher()
        # Tantivy opens a segment without the files that are missing: fail now if the index is being deleted.
        os.stat(f"{self.root}/{name}/meta.json")
        return Searcher(searcher, self._report_failure)

    def _report_failure(self, error: BaseException):
        """Log an error of Tantivy, once per generation, and request a check of the files."""
        generation = self._newest and self._newest[0]
        if generation != self._failed_at:
            self._failed_at = generation
            logger.error("the search index failed: %s", error)
            with contextlib.suppress(OSError):
                request_maintenance(self.root, "check")

    def names_version(self) -> int:
        """Return a cache key for the names that users search by (roles, skills, synonyms)."""
        try:
            return os.stat(f"{self.root}/words").st_mtime_ns
        except OSError:
            return 0

    def state(self) -> IndexState | None:
        folder = current_folder(self.root)
        return folder and IndexState.load(folder)


_readers: dict[str, Reader] = {}


def reader() -> Reader:
    """Return the reader of this process for the index of this host."""
    root = str(settings.SEARCH_DIR)
    if root not in _readers:
        _readers[root] = Reader(Path(root))
    return _readers[root]
