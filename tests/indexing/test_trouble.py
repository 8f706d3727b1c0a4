"""Full disks, missing folders, damaged files, a database that is away: search degrades, logs one line and recovers."""

import os
import resource
import time

import pytest
from django.db import connection
from django.utils import timezone

from offers.indexing import health
from offers.indexing.writer import Writer
from offers.models import Offer
from offers.search import documents
from offers.search.index import Reader, Searcher, SearchUnavailable, current_folder, find_damage
from offers.search.snapshot import current_snapshot
from tests.factories import make_offer
from tests.indexing.hosts import Host, shared_database, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def host(db, tmp_path, settings):
    with shared_database(tmp_path) as url:
        host = Host(tmp_path / "search", url)
        settings.SEARCH_DIR = host.root
        yield host
        if host.process:
            host.end()


def make_many(count):
    first = make_offer(title="Première")
    Offer.objects.bulk_create(
        Offer(
            title=f"Forgeronne {number}", contract="cdi", status="published", confidential=True, place=first.place,
            description=f"Martelage {number} " * 40, published_at=timezone.now(), expires_at=first.expires_at,
        )
        for number in range(count)
    )  # fmt: skip


def all_found(host):
    try:
        return host.matching_ids() == set(Offer.objects.values_list("pk", flat=True))
    except SearchUnavailable:
        return False


def lines(host, text) -> int:
    return host.log.read_text().count(text)


TROUBLE = "cannot be brought up to date"


def limit_files(size):
    """Return a `preexec_fn` that limits the size of every file, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def give_space(host):
    resource.prlimit(host.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="a limit for another process is Linux's")
def test_a_disk_that_is_full_before_the_first_index(host):
    make_many(3_000)
    host.options["preexec_fn"] = limit_files(20_000)
    host.start()
    until(lambda: lines(host, TROUBLE), 60)
    time.sleep(2)  # Several tries.
    assert lines(host, TROUBLE) == 1
    assert health.health() == "unavailable"
    with pytest.raises(SearchUnavailable):
        current_snapshot()
    # The folder that filled the disk is removed.
    until(lambda: not list(host.root.glob("index-*")), 5)
    give_space(host)
    until(lambda: all_found(host), 60)
    until(lambda: health.health() == "ok")
    until(lambda: lines(host, "L’index est suivi de nouveau") == 1)
    assert lines(host, "Traceback") == 0


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="a limit for another process is Linux's")
def test_a_disk_that_fills_while_the_index_is_followed(host):
    make_many(3)
    host.start()
    until(lambda: all_found(host), 60)
    resource.prlimit(host.process.pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    make_many(3_000)
    until(lambda: lines(host, TROUBLE))
    # Offers indexed before are still found.
    assert 4 <= len(host.matching_ids()) < 3_000
    give_space(host)
    until(lambda: all_found(host), 60)
    assert health.health() == "ok"
    assert lines(host, "Traceback") == 0


def test_a_folder_that_cannot_be_made_is_one_line_until_it_can(host):
    make_many(3)
    host.root.write_text("a file where the folder should be")
    host.start()
    until(lambda: lines(host, TROUBLE), 60)
    assert host.process.poll() is None
    assert health.health() == "unavailable"
    done = host.run("rebuild")
    assert done.returncode == 1
    assert "pose problème" in done.stderr
    assert "Traceback" not in done.stderr
    host.root.unlink()
    until(lambda: all_found(host), 60)
    assert lines(host, TROUBLE) == 1


@pytest.mark.parametrize("what", ["folder", "link", "everything"])
def test_files_removed_while_the_index_is_followed_are_built_again(host, what):
    make_many(3)
    host.start()
    until(lambda: all_found(host), 60)
    folder = current_folder(host.root)
    targets = {"folder": folder, "link": host.root / "current", "everything": host.root}
    # Renamed in one step: the process may write new files while a tree is removed file by file.
    os.rename(targets[what], host.root.with_name("removed"))
    until(lambda: current_folder(host.root) not in (None, folder) and all_found(host), 60)
    make_offer(title="Nouvelle")
    until(lambda: all_found(host))


def test_a_database_that_is_away_for_a_moment_ends_nothing(host):
    make_many(3)
    if connection.vendor != "postgresql":
        pytest.skip("a file is not away")
    host.start()
    until(lambda: all_found(host), 60)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    make_offer(title="Nouvelle")
    until(lambda: all_found(host))
    # The idle connections of this process have gone with them: the next test begins with a new pool.
    connection.close()
    connection.close_pool()


# In one process


@pytest.fixture
def root(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("offers.indexing.writer.WRITER_MEMORY", 15_000_000)
    settings.SEARCH_DIR = tmp_path / "search"
    return settings.SEARCH_DIR


def flip(file):
    """Change one byte in the middle of the file."""
    with file.open("r+b") as content:
        content.seek(file.stat().st_size // 2)
        byte = content.read(1)
        content.seek(-1, os.SEEK_CUR)
        content.write(bytes([byte[0] ^ 0xFF]))


def test_a_flipped_byte_in_any_file_is_found_by_a_check(root, caplog):
    make_offer(title="Cobol")
    with Writer(root) as writer:
        writer.ensure_index()
        assert find_damage(current_folder(root)) == ""
        kinds = {file.suffix for file in current_folder(root).glob("*.*") if file.name[0] not in ".ms"}
        assert {".term", ".idx", ".pos", ".fast", ".store", ".fieldnorm"} <= kinds
        for kind in sorted(kinds):
            folder = current_folder(root)
            for file in folder.glob(f"*{kind}"):
                flip(file)
            assert find_damage(folder)
            assert writer.check() is None
            assert current_folder(root) != folder
        assert not writer.check()
    assert "damaged" in caplog.text
    assert Reader(root).searcher().num_docs == 1


class Panic(BaseException):
    pass


Panic.__name__ = "PanicException"


@pytest.mark.parametrize("error", [ValueError("corrupt"), OSError("gone"), Panic("index out of bounds")])
def test_no_error_of_tantivy_reaches_a_page_and_a_check_is_requested(root, error):
    class TantivySearcher:
        num_docs = 1

        def search(self, *args, **options):
            raise error

        aggregate = doc_freq = fast_field_values = terms_with_prefix = search

    root.mkdir()
    searcher = Searcher(TantivySearcher(), Reader(root)._report_failure)
    for name in ("search", "aggregate", "doc_freq", "fast_field_values", "terms_with_prefix"):
        with pytest.raises(SearchUnavailable):
            getattr(searcher, name)()
    assert (root / "check-wanted").exists()


def test_an_interrupt_is_not_taken_for_an_error_of_tantivy(root):
    class TantivySearcher:
        num_docs = 1

        def search(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Searcher(TantivySearcher(), print).search()


def test_a_build_that_fails_leaves_no_folder_and_the_index_as_it_was(root, monkeypatch):
    make_offer(title="Cobol")
    with Writer(root) as writer:
        writer.ensure_index()
        before = current_folder(root)
        build = documents.build_documents

        def full(ids):
            yield next(build(ids))
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(documents, "build_documents", full)
        make_offer(title="Ada")
        make_offer(title="Lisp")
        with pytest.raises(OSError, match="No space left"):
            writer.rebuild()
        assert current_folder(root) == before
        assert list(root.glob("index-*")) == [before]
        monkeypatch.undo()
        monkeypatch.setattr("offers.indexing.writer.WRITER_MEMORY", 15_000_000)
        writer.follow_once()
    assert Reader(root).searcher().num_docs == 3
