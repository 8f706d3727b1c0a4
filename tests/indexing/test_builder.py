"""A build that is stopped, killed or loses a worker process: it resumes, and each offer is indexed once."""

import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

import django.db
import pytest
from django.conf import settings as site_settings
from django.utils import timezone

from offers.indexing import builder, worker
from offers.indexing.writer import Writer
from offers.models import Offer
from offers.search import documents
from offers.search.index import IndexState, Reader, current_folder, find_damage
from offers.search.query import Criteria, search
from tests.factories import make_offer
from tests.indexing.hosts import Host, shared_database
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def root(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("offers.indexing.writer.WRITER_MEMORY", 15_000_000)
    monkeypatch.setattr(documents, "CHUNK", 2)
    settings.SEARCH_DIR = tmp_path / "search"
    return settings.SEARCH_DIR


@pytest.fixture
def workers(db, tmp_path, settings, monkeypatch):
    """Use two worker processes, even for few offers, on the test database; yield its URL."""
    monkeypatch.setattr(builder, "MIN_OFFERS_PER_WORKER", 1)
    settings.SEARCH_BUILD_PROCESSES = 2
    with shared_database(tmp_path) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "jobboard.settings")
        monkeypatch.setenv("JOBBOARD_VAR", str(tmp_path))
        yield url


def make_offers(count) -> list[Offer]:
    return [make_offer(title=f"Forgeronne {index}") for index in range(count)]


def matching_ids(root, q="") -> list[int]:
    """Return the pks of the matches, duplicates included."""
    return sorted(search(Reader(root).searcher(), Criteria(q=q), limit=1_000).ids)


def pks(offers) -> list[int]:
    return [offer.pk for offer in offers]


def unfinished_build(root) -> tuple[Path, IndexState]:
    (folder,) = (folder for folder in root.glob("index-*") if folder != current_folder(root))
    return folder, IndexState.load(folder)


def stop_at_call(call_count):
    """Return a `should_stop` that is true from this call on."""
    calls = []
    return lambda: calls.append(1) or len(calls) >= call_count


def test_stopped_build_resumes_after_the_last_committed_offer(root, monkeypatch):
    offers = make_offers(7)
    with Writer(root, should_stop=stop_at_call(2)) as writer:
        assert not writer.rebuild()
    assert current_folder(root) is None
    folder, state = unfinished_build(root)
    assert (state.committed_id, state.done, state.total) == (offers[3].pk, 4, 7)
    Offer.objects.filter(pk=offers[0].pk).update(title="Boulangère")
    built, reported, build = [], [], documents.build_documents

    def recording_build(ids):
        built.extend(ids)
        return build(ids)

    monkeypatch.setattr(documents, "build_documents", recording_build)
    with Writer(root, lambda result, total: reported.append((result, total))) as writer:
        assert writer.rebuild()
    # The remaining offers, then the one changed since the stop.
    assert built[:3] == pks(offers[4:])
    assert reported == [(7, 7)]
    assert current_folder(root) == folder
    assert matching_ids(root, "forgeron") == pks(offers[1:])
    assert matching_ids(root, "boulangère") == [offers[0].pk]


def test_progress_is_reported_and_saved_for_other_processes(root, monkeypatch):
    monkeypatch.setattr("offers.indexing.writer.REPORT_SECONDS", 0)
    make_offers(5)
    reported, saved = [], []

    def report(result, total):
        reported.append((result, total))
        if result < total:
            saved.append(unfinished_build(root)[1].done)

    with Writer(root, report) as writer:
        writer.rebuild()
    assert {(2, 5), (4, 5), (5, 5)} <= set(reported)
    assert saved == sorted(saved)
    assert {2, 4} <= set(saved)


@pytest.mark.parametrize("step", ["between commits", "between commit and state", "after the last commit"])
def test_killed_build_resumes_without_duplicates(root, monkeypatch, step):
    offers = make_offers(7)
    monkeypatch.setattr(builder, "COMMIT_EVERY", 4)
    # As after a kill: no cleanup, no further commit.
    monkeypatch.setattr(builder, "delete_index", lambda folder: None)

    def kill(*args):
        raise KeyboardInterrupt

    if step == "between commit and state":
        monkeypatch.setattr(IndexState, "save", lambda state, folder, save=IndexState.save: (
            kill() if state.committed_id else save(state, folder)
        ))  # fmt: skip
    elif step == "after the last commit":
        monkeypatch.setattr("offers.indexing.writer.WritableIndex", kill)
    with Writer(root) as writer:
        if step == "between commits":
            writer.should_stop = lambda calls=[]: calls.append(1) or (len(calls) > 2 and kill())
        with pytest.raises(KeyboardInterrupt):
            writer.rebuild()
    monkeypatch.undo()
    folder, state = unfinished_build(root)
    committed = {"between commits": 3, "between commit and state": None, "after the last commit": 6}[step]
    assert state.committed_id == (0 if committed is None else offers[committed].pk)
    with Writer(root) as writer:
        assert writer.rebuild()
        assert not writer.repair()
    assert current_folder(root) == folder
    assert Reader(root).searcher().num_docs == 7
    assert matching_ids(root) == pks(offers)
    assert find_damage(folder) == ""


def test_damaged_unfinished_build_is_not_resumed(root):
    offers = make_offers(5)
    with Writer(root, should_stop=stop_at_call(2)) as writer:
        assert not writer.rebuild()
    folder, _ = unfinished_build(root)
    for file in folder.glob("*.term"):
        file.write_bytes(b"x")
    with Writer(root) as writer:
        assert writer.rebuild()
    assert current_folder(root) != folder
    assert matching_ids(root) == pks(offers)


def test_worker_processes_build_a_complete_index(workers, root):
    offers = make_offers(9)
    Offer.objects.filter(pk=offers[5].pk).delete()
    del offers[5]
    with Writer(root) as writer:
        assert writer.rebuild()
        assert not writer.repair()
    assert matching_ids(root) == pks(offers)


def test_build_with_workers_can_be_stopped_and_resumed(workers, root, monkeypatch):
    monkeypatch.setattr("offers.indexing.writer.REPORT_SECONDS", 0)
    offers = make_offers(20)
    reported = []
    with Writer(root, lambda result, total: reported.append(result), lambda: any(reported)) as writer:
        assert not writer.rebuild()
    assert 0 < unfinished_build(root)[1].committed_id < offers[-1].pk
    with Writer(root) as writer:
        assert writer.rebuild()
        assert not writer.repair()
    assert matching_ids(root) == pks(offers)


def test_database_error_in_a_worker_is_raised_and_the_build_resumes(workers, root, tmp_path, monkeypatch):
    offers = make_offers(5)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/empty.sqlite3")
    with Writer(root) as writer:
        with pytest.raises(django.db.OperationalError):
            writer.rebuild()
        folder, _ = unfinished_build(root)
        monkeypatch.setenv("DATABASE_URL", workers)
        assert writer.rebuild()
    assert current_folder(root) == folder
    assert matching_ids(root) == pks(offers)


def test_killed_worker_raises_oserror(workers, root, monkeypatch):
    make_offers(5)
    monkeypatch.setattr(worker, "start", functools.partial(os._exit, 9))
    with Writer(root) as writer, pytest.raises(OSError, match="worker process"):
        writer.rebuild()
    assert not list(root.glob("index-*"))


# Real processes


@pytest.fixture
def host(db, tmp_path, settings, monkeypatch):
    monkeypatch.setenv("SEARCH_BUILD_PROCESSES", "2")
    with shared_database(tmp_path) as url:
        host = Host(tmp_path / "search", url)
        settings.SEARCH_DIR = host.root
        yield host


def start_rebuild(host):
    """Start a build of 12,001 offers in its own process group, as a shell does; return it once its workers run."""
    first = make_offer(title="Première")
    Offer.objects.bulk_create(
        Offer(
            title=f"Forgeronne {index}", contract="cdi", status="published", confidential=True, place=first.place,
            description=f"Martelage {index} " * 40, published_at=timezone.now(), expires_at=first.expires_at,
        )
        for index in range(12_000)
    )  # fmt: skip
    process = subprocess.Popen(
        host.command("rebuild"), cwd=site_settings.BASE_DIR, env=host.environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    # Two workers and the resource tracker of multiprocessing.
    wait_until(lambda: process.poll() is not None or len(children(process.pid)) >= 3, 60)
    return process


def children(pid) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def assert_resumes(host, monkeypatch, folder=None):
    # Without workers, which start slowly on a busy machine.
    monkeypatch.setenv("SEARCH_BUILD_PROCESSES", "1")
    result = host.run("rebuild")
    assert result.returncode == 0, result.stderr
    assert folder in (None, current_folder(host.root))
    assert host.reader.searcher().num_docs == 12_001
    # The index can be checked, updated and compared.
    assert find_damage(current_folder(host.root)) == ""
    Offer.objects.filter(pk=Offer.objects.latest("pk").pk).update(title="Zingueuse")
    assert "L’index est conforme à la base" in host.run("check").stdout
    assert len(host.matching_ids("zingueuse")) == 1


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_only
def test_sigint_stops_builder_and_workers_and_the_build_resumes(host, monkeypatch):
    process = start_rebuild(host)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    assert "la même commande reprendra" in err
    assert "pose problème" not in err
    assert current_folder(host.root) is None
    (folder,) = host.root.glob("index-*")
    assert_resumes(host, monkeypatch, folder)


@linux_only
def test_workers_exit_when_the_builder_is_killed(host, monkeypatch):
    process = start_rebuild(host)
    workers = children(process.pid)
    assert len(workers) == 3
    process.kill()
    process.communicate()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 30)
    assert_resumes(host, monkeypatch)
