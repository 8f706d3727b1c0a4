"""The index follows every change of the database on two hosts, through crashes, damage and rebuilds."""

import shutil
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from tantivy import Query

from offers.changelog import log, triggers
from offers.changelog.models import ChangeLogEntry
from offers.companies.models import Company
from offers.indexing import builder
from offers.indexing.drift import Drift
from offers.indexing.writer import Locked, Writer
from offers.models import Offer
from offers.search import documents, synonyms
from offers.search.criteria import Criteria
from offers.search.index import Reader, SearchUnavailable, current_folder, open_index
from offers.search.query import search
from tests.factories import make_company, make_offer, make_role, make_skill

pytestmark = pytest.mark.django_db(transaction=True)


class Host:
    """A web host in this process: an index directory, a writer and a reader."""

    def __init__(self, root):
        self.root = root
        self.writer = Writer(root)
        self.writer.__enter__()
        self.reader = Reader(root)

    def follow(self):
        return self.writer.follow_once()

    def matching_ids(self, q="", **criteria):
        return set(search(self.reader.searcher(), Criteria(q=q, **criteria), limit=1000).ids)

    def restart(self):
        """Restart with the state on disk only, as after a kill."""
        self.writer.__exit__(None, None, None)
        self.__init__(self.root)


@pytest.fixture
def hosts(tmp_path, monkeypatch):
    # The minimum of Tantivy.
    monkeypatch.setattr("offers.indexing.writer.WRITER_MEMORY", 15_000_000)
    hosts = [Host(tmp_path / name) for name in ("a", "b")]
    for host in hosts:
        host.follow()
    yield hosts
    for host in hosts:
        host.writer.__exit__(None, None, None)


def follow_and_search(hosts, q=""):
    """Let all hosts follow, and return the pks of the matches, which are the same on both."""
    for host in hosts:
        host.follow()
    ids = [host.matching_ids(q) for host in hosts]
    assert ids[0] == ids[1]
    return ids[0]


def test_every_kind_of_change_is_indexed(hosts):
    company = make_company(name="Boulanger Systèmes")
    offer = make_offer(title="Développeuse Cobol", company=company)
    assert follow_and_search(hosts, "cobol") == {offer.pk}

    offer.title = "Développeuse Fortran"
    offer.save()
    assert follow_and_search(hosts, "cobol") == set()
    assert follow_and_search(hosts, "fortran") == {offer.pk}

    Offer.objects.filter(pk=offer.pk).update(title="Développeuse Ada")
    assert follow_and_search(hosts, "ada") == {offer.pk}

    with connection.cursor() as cursor:
        cursor.execute("UPDATE offers_offer SET title = 'Développeuse Lisp' WHERE id = %s", [offer.pk])
    assert follow_and_search(hosts, "lisp") == {offer.pk}

    company.name = "Pâtissier Systèmes"
    company.save()
    assert follow_and_search(hosts, "pâtissier") == {offer.pk}
    Company.objects.filter(pk=company.pk).update(name="Chocolatier Systèmes")
    assert follow_and_search(hosts, "chocolatier") == {offer.pk}

    skill = make_skill("Zig")
    offer.skills.add(skill)
    follow_and_search(hosts)
    assert all(host.matching_ids(skills=frozenset({skill.pk})) == {offer.pk} for host in hosts)
    offer.skills.clear()
    follow_and_search(hosts)
    assert all(host.matching_ids(skills=frozenset({skill.pk})) == set() for host in hosts)

    others = Offer.objects.bulk_create(
        Offer(
            title=f"Forgeronne {index}", contract="cdi", status="published", confidential=True, place=offer.place,
            published_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1),
        )
        for index in range(5)
    )  # fmt: skip
    assert follow_and_search(hosts, "forgeron") == {other.pk for other in others}

    offer.fill()
    assert offer.pk not in follow_and_search(hosts)
    Offer.objects.filter(title__startswith="Forge").delete()
    assert follow_and_search(hosts) == set()


def test_rolled_back_change_leaves_no_log_entry(hosts):
    offer = make_offer(title="Développeuse Cobol")
    follow_and_search(hosts)
    before = ChangeLogEntry.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012
        Offer.objects.update(title="Développeuse Ada")
        raise RuntimeError
    assert ChangeLogEntry.objects.count() == before
    assert follow_and_search(hosts, "cobol") == {offer.pk}


def test_publication_and_expiry_by_date_are_indexed(hosts):
    now = timezone.now()
    ending = make_offer(
        title="Finissante", published_at=now - timedelta(days=2), expires_at=now + timedelta(seconds=60)
    )
    upcoming = make_offer(title="Commençante", published_at=now + timedelta(seconds=60))
    assert follow_and_search(hosts) == {ending.pk}
    # The clock of the database cannot be set: the dates are moved instead, without a log entry.
    Offer.objects.filter(pk=ending.pk).update(expires_at=now - timedelta(milliseconds=1))
    Offer.objects.filter(pk=upcoming.pk).update(published_at=now - timedelta(milliseconds=1))
    ChangeLogEntry.objects.all().delete()
    assert follow_and_search(hosts) == {upcoming.pk}
    # Not committed again: every commit invalidates cached searches.
    before = [host.reader.generation() for host in hosts]
    assert [host.follow() for host in hosts] == [set(), set()]
    assert [host.reader.generation() for host in hosts] == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite commits in the order in which it writes")
def test_transactions_that_commit_out_of_order_are_both_indexed(hosts):
    """The first transaction commits last: its entry has a lower pk, and appears after the other was generations."""
    first, second = make_offer(title="Un"), make_offer(title="Deux")
    follow_and_search(hosts)
    has_written, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Offer.objects.filter(pk=first.pk).update(title="Premier")
            has_written.set()
            assert may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert has_written.wait(10)
    Offer.objects.filter(pk=second.pk).update(title="Second")
    # Not delayed by the open transaction, which is polled twice.
    assert follow_and_search(hosts, "second") == {second.pk}
    assert follow_and_search(hosts, "premier") == set()
    may_commit.set()
    thread.join()
    entries = list(
        ChangeLogEntry.objects.filter(object_id__in=[first.pk, second.pk]).order_by("-pk").values_list("pk", flat=True)
    )
    assert entries
    assert follow_and_search(hosts, "premier") == {first.pk}


def test_host_killed_before_or_after_indexing_catches_up(hosts):
    offer = make_offer(title="Développeuse Cobol")
    hosts[0].restart()
    assert follow_and_search(hosts, "cobol") == {offer.pk}
    # Killed between writing the index and saving the log position: the same entries are applied again.
    state = (current_folder(hosts[0].root) / "state.json").read_text()
    offer.fill()
    hosts[0].follow()
    (current_folder(hosts[0].root) / "state.json").write_text(state)
    hosts[0].restart()
    assert follow_and_search(hosts) == set()


def test_reader_sees_a_commit_of_the_writer_immediately(hosts):
    generation = hosts[0].reader.generation()
    offer = make_offer(title="Développeuse Cobol")
    assert hosts[0].matching_ids("cobol") == set()
    hosts[0].follow()
    assert hosts[0].matching_ids("cobol") == {offer.pk}
    assert hosts[0].reader.generation() != generation


def test_rebuild_replaces_the_index_while_old_searchers_remain_valid(hosts):
    offers = [make_offer(title=f"Forgeronne {index}") for index in range(3)]
    host = hosts[0]
    host.follow()
    old = host.reader.searcher()
    assert host.writer.rebuild()
    assert host.matching_ids("forgeron") == {offer.pk for offer in offers}
    assert old.num_docs == 3
    assert len(list(host.root.glob("index-*"))) == 1


def test_readers_see_changes_during_a_rebuild(hosts, monkeypatch):
    monkeypatch.setattr("offers.search.documents.CHUNK", 1)
    monkeypatch.setattr("offers.indexing.writer.FOLLOW_SECONDS", 0)
    make_offer(title="Forgeronne")
    offer = make_offer(title="Boulangère")
    host = hosts[0]
    host.follow()
    results = []

    def change_and_search():
        if not results:
            Offer.objects.filter(pk=offer.pk).update(title="Pâtissière")
        results.append(host.matching_ids("pâtissière"))
        return False

    host.writer.should_stop = change_and_search
    assert host.writer.rebuild()
    assert results[:2] == [set(), {offer.pk}]
    assert host.matching_ids("pâtissière") == {offer.pk}


@pytest.mark.parametrize("damage", ["meta", "segments", "format", "deleted"])
def test_unusable_index_is_rebuilt(hosts, damage, caplog):
    offer = make_offer(title="Développeuse Cobol")
    follow_and_search(hosts)
    folder = current_folder(hosts[0].root)
    hosts[0].writer.__exit__(None, None, None)
    if damage == "meta":
        (folder / "meta.json").write_text("{")
    elif damage == "segments":
        for file in folder.glob("*.store"):
            file.write_bytes(b"")
        for file in folder.glob("*.term"):
            file.write_bytes(b"x")
    elif damage == "format":
        text = (folder / "state.json").read_text()
        (folder / "state.json").write_text(text.replace('"format": ', '"format": 9'))
    else:
        shutil.rmtree(folder)
    hosts[0].__init__(hosts[0].root)
    assert follow_and_search(hosts, "cobol") == {offer.pk}
    assert "a new search index of 1 offers was built" in caplog.text


def test_search_without_an_index_raises_search_unavailable(tmp_path):
    with pytest.raises(SearchUnavailable):
        Reader(tmp_path / "nowhere").searcher()


class IndexBeingDeleted:
    """An index that another process deletes, `meta.json` first, while a reader opens its segments."""

    def __init__(self, folder, delete):
        for file in folder.glob("*.pos"):
            file.unlink()
        self._index, self._delete = open_index(folder), delete

    def config_reader(self, policy):
        self._index.config_reader(policy)

    def reload(self):
        self._index.reload()
        self._delete()

    def searcher(self):
        return self._index.searcher()


def test_reader_that_opens_an_index_while_it_is_replaced_opens_the_new_one(hosts, monkeypatch):
    """Tantivy opens a segment without its positions, and fails only when it reads them."""
    offer = make_offer(title="Développeuse Cobol")
    follow_and_search(hosts)
    old = current_folder(hosts[0].root)

    def open_while_replaced(folder):
        return IndexBeingDeleted(folder, hosts[0].writer.rebuild) if folder == old else open_index(folder)

    monkeypatch.setattr("offers.search.index.open_index", open_while_replaced)
    hosts[0].reader = Reader(hosts[0].root)
    assert hosts[0].matching_ids("développeuse cobol") == {offer.pk}
    assert not old.exists()


def test_meta_file_is_deleted_before_the_segments(hosts, monkeypatch):
    folder = current_folder(hosts[0].root)
    remaining = []
    monkeypatch.setattr("shutil.rmtree", lambda path, **options: remaining.extend(file.name for file in path.iterdir()))
    builder.delete_index(folder)
    assert remaining
    assert "meta.json" not in remaining


def test_second_writer_of_a_host_is_locked_out(hosts):
    with pytest.raises(Locked), Writer(hosts[0].root):
        pass


def test_missing_trigger_is_created_and_the_index_repaired(hosts):
    """SQLite drops triggers when a migration rebuilds the table."""
    offer = make_offer(title="Développeuse Cobol")
    follow_and_search(hosts)
    with connection.cursor() as cursor:
        suffix = " ON offers_offer" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER changelog_offers_offer_update{suffix}")
    Offer.objects.filter(pk=offer.pk).update(title="Développeuse Ada")
    assert follow_and_search(hosts, "ada") == set()
    assert log.ensure_triggers()
    assert follow_and_search(hosts, "ada") == {offer.pk}
    assert triggers.create_triggers() == []


def test_repair_corrects_every_kind_of_drift(hosts):
    unchanged, changed, missing = (make_offer(title=title) for title in ("Gardée", "Changée", "Manquante"))
    follow_and_search(hosts)
    writer = hosts[0].writer
    tantivy_writer = writer.current._writer
    tantivy_writer.delete_documents_by_query(Query.term_query(documents.SCHEMA, "id", missing.pk))
    tantivy_writer.commit()
    Offer.objects.filter(pk=changed.pk).update(title="Autre")
    extra = make_offer(title="Partie")
    hosts[0].follow()
    # Changes without log entries.
    triggers.drop_triggers()
    Offer.objects.filter(pk=extra.pk).delete()
    Offer.objects.filter(pk=changed.pk).update(title="Encore")
    triggers.create_triggers()
    drift = writer.repair()
    assert drift == Drift(missing={missing.pk}, extra={extra.pk}, changed={changed.pk})
    assert not writer.repair()
    assert hosts[0].matching_ids() == {unchanged.pk, changed.pk, missing.pk}


def test_prune_keeps_the_last_entry_and_old_positions_cannot_be_resumed(hosts):
    make_offer()
    follow_and_search(hosts)
    ChangeLogEntry.objects.update(at=timezone.now() - timedelta(days=3))
    assert log.prune() > 0
    assert ChangeLogEntry.objects.count() == 1
    assert log.prune() == 0
    now = timezone.now()
    assert log.can_resume(log.position(), now.timestamp(), log.newest_entry())
    assert not log.can_resume(log.position(), (now - timedelta(days=2)).timestamp())
    assert not log.can_resume(log.position() + 10_000, now.timestamp())
    assert not log.can_resume(log.position(), now.timestamp(), (10_000, now.timestamp()))


@pytest.mark.parametrize("running", [True, False])
def test_database_restored_from_a_backup_is_detected(hosts, running, caplog):
    """The rows and the log return to an earlier state, and new entries get the same pks again."""
    offer = make_offer(title="Ancienne")
    follow_and_search(hosts)
    log = list(ChangeLogEntry.objects.order_by("pk"))
    Offer.objects.filter(pk=offer.pk).update(title="Nouvelle")
    assert follow_and_search(hosts, "nouvelle") == {offer.pk}
    triggers.drop_triggers()
    Offer.objects.filter(pk=offer.pk).update(title="Ancienne")
    ChangeLogEntry.objects.all().delete()
    ChangeLogEntry.objects.bulk_create(log)
    triggers.create_triggers()
    for host in hosts:
        if running:
            host.writer._triggers_checked_at = 0.0
        else:
            host.restart()
    assert follow_and_search(hosts, "ancienne") == {offer.pk}


def test_only_published_roles_are_in_the_thesaurus(hosts):
    stamp = hosts[0].reader.names_version()
    role = make_role(name="Alchimiste", status="draft")
    assert ("alchimist",) not in synonyms.load_thesaurus().roles
    follow_and_search(hosts)
    assert hosts[0].reader.names_version() != stamp
    role.status = "published"
    role.save()
    assert synonyms.load_thesaurus().roles["alchimist",] == {role.pk}
