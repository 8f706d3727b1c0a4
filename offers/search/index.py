"""The index on this host's disk, and who reads it; `writer` has who writes it.

    SEARCH_DIR/lock              held by the one process that writes (`search_index follow`)
    SEARCH_DIR/heartbeat         touched whenever the index agrees with the database
    SEARCH_DIR/words             touched when names that people search by have changed: readers load them again
    SEARCH_DIR/places            the same for communes
    SEARCH_DIR/current           symbolic link to the folder that readers use
    SEARCH_DIR/index-<random>/   a Tantivy index and our `state.json`: its format, where it stands in the change
                                 log, and, while it is being built in `parts`, how far it is

The database is the truth: everything here can be deleted at any time and is built again.
"""

import contextlib
import json
import logging
import os
import struct
import threading
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

import tantivy
from django.conf import settings

from offers.search import documents

logger = logging.getLogger(__name__)

# What a file of the engine ends with, after the length of the record before it that has the file's checksum.
MAGIC = 1337


class SearchUnavailable(Exception):
    """There is no index to ask on this host at this moment."""


@dataclass
class State:
    """What an index says of itself."""

    format: int
    # Where it stands: in the change log with the lines beyond that it has applied already, and in time.
    cursor: int
    clock: float
    open: list[int] = field(default_factory=list)
    # The newest line applied (number, time), by which a database that was restored from a copy is recognised.
    witness: tuple[int, float] | None = None
    # The log may have a gap: index and database have to be compared.
    gap: bool = False
    complete: bool = False
    # While it is being built: the numbers of the offers between which each part lies, and how far it is.
    parts: list[list[int | None]] = field(default_factory=list)
    done: int = 0
    total: int = 0

    def save(self, folder: Path):
        partial = folder / "state.json.new"
        partial.write_text(json.dumps(asdict(self)))
        os.replace(partial, folder / "state.json")

    @classmethod
    def load(cls, folder: Path) -> "State | None":
        """The state of the folder's index; None where there is none, or one of another time."""
        try:
            said = json.loads((folder / "state.json").read_text())
            # Without what only another version speaks of.
            state = cls(**{name: said[name] for name in said.keys() & cls.__dataclass_fields__.keys()})
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        state.witness = state.witness and tuple(state.witness)
        return state if state.format == documents.FORMAT else None


def current_folder(root: Path) -> Path | None:
    name = _current_name(root)
    return root / name if name else None


def _current_name(root: Path) -> str | None:
    try:
        return os.readlink(f"{root}/current")
    except OSError:
        return None


def open_folder(folder: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(folder))
    documents.register(index)
    return index


def damage(folder: Path) -> str:
    """What is wrong with the files of an index, "" when nothing is. Reads all of them."""
    try:
        index = open_folder(folder)
        index.reload()
        index.searcher()
        segments = {
            segment["segment_id"].replace("-", "")
            for segment in json.loads((folder / "meta.json").read_text())["segments"]
        }
        for file in folder.iterdir():
            if file.name.partition(".")[0] in segments and not _is_whole(file):
                return f"{file.name} is not what was written"
    except (OSError, ValueError, KeyError) as error:
        return str(error)
    except BaseException as error:
        if is_panic(error):
            return "the engine panicked"
        raise
    return ""


def _is_whole(file: Path) -> bool:
    """Compare the checksum that the engine wrote at the end of its file."""
    checksum, tail, block = 0, b"", 1 << 20
    with file.open("rb") as content:
        size = os.fstat(content.fileno()).st_size
        content.seek(max(size - 8, 0))
        length, magic = struct.unpack("<II", content.read(8).rjust(8, b"\0"))
        rest = size - 8 - length
        if magic != MAGIC or rest < 0:
            return False
        content.seek(0)
        while rest:
            checksum = zlib.crc32(tail := content.read(min(block, rest)), checksum)
            rest -= len(tail)
        return json.loads(content.read(length))["crc"] == checksum


def is_panic(error: BaseException) -> bool:
    """Whether the engine panicked, which stands outside Python's exceptions in order to end a program."""
    return type(error).__name__ == "PanicException"


def size_on_disk(root: Path) -> int:
    """Bytes of the current index."""
    folder = current_folder(root)
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) if folder else 0


def ask(root: Path, wish: str) -> None:
    """Leave a wish ("rebuild" or "check") for the process that writes the index."""
    (root / f"{wish}-wanted").touch()


class Searcher:
    """The engine's searcher of one commit. Whatever it cannot do for a damaged file becomes SearchUnavailable."""

    def __init__(self, engine: tantivy.Searcher, failed):
        self._engine = engine
        self._failed = failed
        self.num_docs = engine.num_docs

    def _call(self, method: str, args, options):
        try:
            return getattr(self._engine, method)(*args, **options)
        except Exception as error:
            self._failed(error)
            raise SearchUnavailable(str(error)) from error
        except BaseException as error:
            if not is_panic(error):
                raise
            self._failed(error)
            raise SearchUnavailable("the engine panicked") from error

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
    """What a process needs to search: always the newest commit of the current index, at the cost of two `stat`s."""

    def __init__(self, root: Path):
        self.root = Path(root)
        self._lock = threading.Lock()
        self._name = None
        self._index = None
        # Both of one moment: threads take them together.
        self._newest: tuple[tuple, Searcher] | None = None
        self._failed_at: tuple | None = ()

    def searcher(self) -> Searcher:
        return self.newest()[1]

    def generation(self) -> tuple:
        """Changes whenever an answer may."""
        return self.newest()[0]

    def newest(self) -> tuple[tuple, Searcher]:
        """The generation, and a searcher that has at least what this generation has."""
        name = _current_name(self.root)
        while True:
            try:
                return self._at(name)
            except (OSError, ValueError) as error:
                # Another index may have taken the place of this one in the very moment.
                before, name = name, _current_name(self.root)
                if name == before:
                    raise SearchUnavailable(str(error)) from error

    def _at(self, name: str | None) -> tuple[tuple, Searcher]:
        # Asked at every request: joined as text, at a tenth of what paths take.
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
            if State.load(folder) is None:
                raise ValueError("the index has another format")
            index = open_folder(folder)
            index.config_reader("manual")
            self._index, self._name = index, name
        self._index.reload()
        return Searcher(self._index.searcher(), self._failed)

    def _failed(self, error: BaseException):
        """The engine could not do what it was asked: say so once, and have the files looked at."""
        generation = self._newest and self._newest[0]
        if generation != self._failed_at:
            self._failed_at = generation
            logger.error("the search index failed: %s", error)
            with contextlib.suppress(OSError):
                ask(self.root, "check")

    def words_stamp(self) -> int:
        """Changes when the names that people search by have changed."""
        try:
            return os.stat(f"{self.root}/words").st_mtime_ns
        except OSError:
            return 0

    def state(self) -> State | None:
        folder = current_folder(self.root)
        return folder and State.load(folder)


_readers: dict[str, Reader] = {}


def reader() -> Reader:
    """This process's reader of this host's index."""
    root = str(settings.SEARCH_DIR)
    if root not in _readers:
        _readers[root] = Reader(Path(root))
    return _readers[root]
