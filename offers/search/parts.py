"""An index that is built anew: parts of all offers side by side, a process each, and then one index of their segments.

    SEARCH_DIR/index-<random>/state.json    which offers each part holds, beside what every index says of itself
    SEARCH_DIR/index-<random>/part-<n>/     an index of its own and `part.json`, until all parts are complete

Most of the work is Python's, of which a process does one thing at a time. A segment of the engine's is complete in
itself and its name is random, so that those of several indexes stand in one folder as they are: nothing is written
twice. A build that is stopped, or killed, goes on in every part where it was.
"""

import contextlib
import gc
import json
import os
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import django.db
import tantivy
from django.conf import settings

from offers.search import documents
from offers.search.drift import HIGHEST
from offers.search.index import State, damage, open_folder

# Offers between two commits of a part: what a kill loses at most.
COMMIT_EVERY = 100_000
# Below that many offers a process takes longer to start than it saves.
WORTH_A_PROCESS = 5_000
WRITER_MEMORY = 128_000_000
# Seconds between two notes of how far a build is.
TELL_SECONDS = 0.5
# Those who visit the site come before those who build.
NICENESS = 5
# What a process of a part ends with when it was asked to stop, and when the database was in trouble.
STOPPED, OF_DATABASE = 4, 5

# Checking the site, which whoever builds has done, would load every page of it.
_COMMAND = (sys.executable, "-m", "django", "search_index", "--skip-checks")

# Called with the number of offers done; may raise Stopped.
Tell = Callable[[int], None]


class Stopped(Exception):
    """Whoever asked for a long work wants no more of it."""


@dataclass
class Place:
    """How far a part is."""

    last_id: int = 0
    done: int = 0
    complete: bool = False

    def save(self, folder: Path):
        partial = folder / "part.json.new"
        partial.write_text(json.dumps(asdict(self)))
        os.replace(partial, folder / "part.json")

    @classmethod
    def load(cls, folder: Path) -> "Place":
        try:
            return cls(**json.loads((folder / "part.json").read_text()))
        except FileNotFoundError:
            return cls()


@dataclass(frozen=True)
class Part:
    """The offers above the number `after`, up to `last` (None: to the end)."""

    folder: Path
    after: int
    last: int | None

    def build(self, tell: Tell):
        place = self._begin()
        if place.complete:
            return
        index = open_folder(self.folder)
        writer = index.writer(WRITER_MEMORY, 1)
        if place.done:
            # What was committed but not written down when the build was killed.
            unsaved = tantivy.Query.range_query(
                documents.SCHEMA, "id", tantivy.FieldType.Unsigned, place.last_id + 1, HIGHEST
            )
            writer.delete_documents_by_query(unsaved)
        try:
            for pk, document in documents.documents(start_after=max(place.last_id, self.after), until=self.last):
                writer.add_json(document)
                place.last_id = pk
                place.done += 1
                if place.done % COMMIT_EVERY == 0:
                    writer.commit()
                    place.save(self.folder)
                if place.done % documents.CHUNK == 0:
                    tell(place.done)
            writer.commit()
            # From here on the engine leaves the files alone.
            writer.wait_merging_threads()
        except Stopped:
            writer.commit()
            place.save(self.folder)
            raise
        finally:
            # It holds the folder's lock, and whoever holds the exception would hold the writer.
            writer = None
        place.complete = True
        place.save(self.folder)

    def _begin(self) -> Place:
        place = Place.load(self.folder)
        if not (place.done or place.complete):
            # Nothing is written down of what it may hold.
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir()
            documents.register(tantivy.Index(documents.schema(), str(self.folder)))
        return place


def plan() -> tuple[list[list[int | None]], int]:
    """Between which numbers the parts of an index lie, with as many offers each, and how many there are in all.

    As many parts as are worth it.
    """
    # Read once: counting and skipping would each read as much, while all processors but one wait.
    numbers = documents.published_ids()
    wanted = max(min(settings.SEARCH_BUILD_PROCESSES, len(numbers) // WORTH_A_PROCESS), 1)
    ends = [numbers[len(numbers) * part // wanted] for part in range(1, wanted)]
    return [[after, last] for after, last in zip([0, *ends], [*ends, None], strict=True)], len(numbers)


def parts(folder: Path, state: State) -> list[Part]:
    return [Part(folder / f"part-{number}", *ends) for number, ends in enumerate(state.parts)]


def can_go_on(folder: Path, state: State) -> bool:
    """Whether what a stopped build has left is whole."""
    try:
        if (folder / "meta.json").exists():
            return not damage(folder)
        begun = [part.folder for part in parts(folder, state) if Place.load(part.folder).done]
    except (OSError, ValueError, TypeError):
        return False
    return bool(state.parts) and not any(map(damage, begun))


def build(folder: Path, state: State, tell: Tell):
    """Have `folder` hold the index of all parts; `tell` is called every half second or so."""
    if not (folder / "meta.json").exists():
        todo = [part for part in parts(folder, state) if not Place.load(part.folder).complete]
        done = sum(Place.load(part.folder).done for part in parts(folder, state) if part not in todo)
        if len(todo) == 1:
            todo[0].build(lambda more: tell(done + more))
        elif todo:
            _side_by_side(todo, lambda more: tell(done + more))
        _gather(folder, [part.folder for part in parts(folder, state)])
    for part in parts(folder, state):
        shutil.rmtree(part.folder, ignore_errors=True)


def _gather(folder: Path, parts: list[Path]):
    """Make the segments of all parts those of one index. It is there from the moment when `meta.json` is."""
    metas = [json.loads((part / "meta.json").read_text()) for part in parts]
    segments = [segment for meta in metas for segment in meta["segments"]]
    names = {segment["segment_id"].replace("-", "") for segment in segments}
    files = {file.name: file for part in parts for file in part.iterdir() if file.name.partition(".")[0] in names}
    for name, file in files.items():
        _put(file, folder / name)
    # What the engine may remove once it is of no more use.
    (folder / ".managed.json").write_text(json.dumps([*files, "meta.json"]))
    meta = {**metas[0], "segments": segments, "opstamp": max(meta["opstamp"] for meta in metas)}
    partial = folder / "meta.json.new"
    partial.write_text(json.dumps(meta))
    os.replace(partial, folder / "meta.json")


def _put(file: Path, there: Path):
    with contextlib.suppress(FileNotFoundError):
        there.unlink()
    try:
        os.link(file, there)
    except OSError:
        # Not every file system has links.
        shutil.copyfile(file, there)


def _side_by_side(todo: list[Part], tell: Tell):
    """Each part by a process, which says how many offers it has done and ends when nobody listens."""
    done, begun, told = dict.fromkeys(todo, 0), {}, 0.0
    try:
        with selectors.DefaultSelector() as selector:
            for part in todo:
                part_of = ["part", str(part.folder), str(part.after), str(part.last or "")]
                begun[part] = process = subprocess.Popen(  # noqa: S603 - our own program and numbers
                    [*_COMMAND, *part_of], cwd=settings.BASE_DIR, stdout=subprocess.PIPE
                )
                selector.register(process.stdout, selectors.EVENT_READ, part)
            while selector.get_map():
                for key, _ in selector.select(TELL_SECONDS):
                    if said := os.read(key.fd, 1 << 16):
                        # A number a line, the last of which may not be there as a whole.
                        lines = said.rpartition(b"\n")[0].split()
                        done[key.data] = int(lines[-1]) if lines else done[key.data]
                    else:
                        selector.unregister(key.fileobj)
                        _ended(begun[key.data].wait())
                if time.monotonic() - told > TELL_SECONDS:
                    tell(sum(done.values()))
                    told = time.monotonic()
    finally:
        for process in begun.values():
            process.terminate()
        for process in begun.values():
            process.wait()
            process.stdout.close()


def _ended(code: int):
    if code == STOPPED:
        raise Stopped
    if code == OF_DATABASE:
        raise django.db.OperationalError("the database was in trouble while a part of the index was built")
    if code:
        raise OSError(f"the process that built a part of the index ended with {code}")


def build_alone(folder: Path, after: int, last: int | None, stop: Callable[[], bool], say: Callable[[str], None]):
    """What the process of a part does."""

    def tell(done: int):
        say(str(done))
        if stop():
            raise Stopped

    os.nice(NICENESS)
    # What is done for an offer leaves no cycles, and they would be looked for among all that Django has loaded.
    gc.disable()
    try:
        Part(folder, after, last).build(tell)
    except Stopped:
        sys.exit(STOPPED)
    except django.db.Error:
        sys.exit(OF_DATABASE)
