"""Full disks, missing or damaged files, an unavailable database: search degrades, logs one line and recovers."""

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
from tests.indexing.hosts import Host, shared_database
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def host(db, tmp_path, settings):
    with shared_database(tmp_path) as url:
        host = Host(tmp_path / "search", url)
        settings.SEARCH_DIR = host.root
        yield host
        if host.process:
            host.stop()


def make_offers(count):
    first = make_offer(title="Première")
    Offer.objects.bulk_create(
        Offer(
            title=f"Forgeronne {index}", contract="cdi", status="published", confidential=True, place=first.place,
            description=f"Martelage {index} " * 40, published_at=timezone.now(), expires_at=first.expires_at,
        )
        for index in range(count)
    )  # fmt: skip


def has_all_offers(host) -> bool:
    try:
        return host.matching_ids() == set(Offer.objects.values_list("pk", flat=True))
    except SearchUnavailable:
        return False


def count_in_log(host, text) -> int:
    return host.log.read_text().count(text)


FAILURE_MESSAGE = "cannot be brought up to date"


def limit_file_size(size):
    """Return a `preexec_fn` that limits the size of every file, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def remove_file_limit(host):
    resource.prlimit(host.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="a limit for another process is Linux's")
def test_disk_full_before_the_first_index(host):
    make_offers(3_000)
    host.options["preexec_fn"] = limit_file_size(20_000)
    host.start()
    wait_until(lambda: count_in_log(host, FAILURE_MESSAGE), 60)
    time.sleep(2)  # Several attempts.
    assert count_in_log(host, FAILURE_MESSAGE) == 1
    assert health.health() == "unavailable"
    with pytest.raises(SearchUnavailable):
        current_snapshot()
    # The incomplete index is removed.
    wait_until(lambda: not list(host.root.glob("index-*")), 5)
    remove_file_limit(host)
    wait_until(lambda: has_all_offers(host), 60)
    wait_until(lambda: health.health() == "ok")
    wait_until(lambda: count_in_log(host, "L’index est suivi de nouveau") == 1)
    assert count_in_log(host, "Traceback") == 0


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="a limit for another process is Linux's")
def test_disk_full_while_the_index_is_followed(host):
    make_offers(3)
    host.start()
    wait_until(lambda: has_all_offers(host), 60)
    resource.prlimit(host.process.pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    make_offers(3_000)
    wait_until(lambda: count_in_log(host, FAILURE_MESSAGE))
    # Offers indexed before are still found.
    assert 4 <= len(host.matching_ids()) < 3_000
    remove_file_limit(host)
    wait_until(lambda: has_all_offers(host), 60)
    assert health.health() == "ok"
    assert count_in_log(host, "Traceback") == 0


def test_directory_that_cannot_be_created_is_logged_once(host):
    make_offers(3)
    host.root.write_text("a file where the folder should be")
    host.start()
    wait_until(lambda: count_in_log(host, FAILURE_MESSAGE), 60)
    assert host.process.poll() is None
    assert health.health() == "unavailable"
    result = host.run("rebuild")
    assert result.returncode == 1
    assert "pose problème" in result.stderr
    assert "Traceback" not in result.stderr
    host.root.unlink()
    wait_until(lambda: has_all_offers(host), 60)
    assert count_in_log(host, FAILURE_MESSAGE) == 1


@pytest.mark.parametrize("target", ["folder", "link", "everything"])
def test_index_removed_while_it_is_followed_is_rebuilt(host, target):
    make_offers(3)
    host.start()
    wait_until(lambda: has_all_offers(host), 60)
    folder = current_folder(host.root)
    targets = {"folder": folder, "link": host.root / "current", "everything": host.root}
    # Renamed, which is atomic: the process may write new files while a tree is removed file by file.
    os.rename(targets[target], host.root.with_name("removed"))
    wait_until(lambda: current_folder(host.root) not in (None, folder) and has_all_offers(host), 60)
    make_offer(title="Nouvelle")
    wait_until(lambda: has_all_offers(host))


def test_follower_survives_lost_database_connections(host):
    make_offers(3)
    if connection.vendor != "postgresql":
        pytest.skip("an SQLite file is always available")
    host.start()
    wait_until(lambda: has_all_offers(host), 60)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    make_offer(title="Nouvelle")
    wait_until(lambda: has_all_offers(host))
    # The idle connections of this process were terminated as well: the next test needs a new pool.
    connection.close()
    connection.close_pool()


# In one process


@pytest.fixture
def root(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("offers.indexing.writer.WRITER_MEMORY", 15_000_000)
    settings.SEARCH_DIR = tmp_path / "search"
    return settings.SEARCH_DIR


def flip_byte(file):
    """Change one byte in the middle of the file."""
    with file.open("r+b") as content:
        content.seek(file.stat().st_size // 2)
        byte = content.read(1)
        content.seek(-1, os.SEEK_CUR)
        content.write(bytes([byte[0] ^ 0xFF]))


def test_check_detects_a_flipped_byte_in_any_file(root, caplog):
    make_offer(title="Cobol")
    with Writer(root) as writer:
        writer.ensure_index()
        assert find_damage(current_folder(root)) == ""
        kinds = {file.suffix for file in current_folder(root).glob("*.*") if file.name[0] not in ".ms"}
        assert {".term", ".idx", ".pos", ".fast", ".store", ".fieldnorm"} <= kinds
        for kind in sorted(kinds):
            folder = current_folder(root)
            for file in folder.glob(f"*{kind}"):
                flip_byte(file)
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
def test_errors_of_tantivy_raise_search_unavailable_and_request_a_check(root, error):
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


def test_keyboard_interrupt_is_not_caught(root):
    class TantivySearcher:
        num_docs = 1

        def search(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Searcher(TantivySearcher(), print).search()


def test_failed_build_leaves_the_index_unchanged_and_no_directory(root, monkeypatch):
    make_offer(title="Cobol")
    with Writer(root) as writer:
        writer.ensure_index()
        before = current_folder(root)
        build = documents.build_documents

        def fail_on_full_disk(ids):
            yield next(build(ids))
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(documents, "build_documents", fail_on_full_disk)
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
