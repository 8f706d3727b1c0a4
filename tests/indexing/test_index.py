"""The index follows the database whatever changes it, on two hosts, through crashes and rebuilds."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from tantivy import Query

from offers.changelog import log, triggers
from offers.changelog.models import ChangeLogEntry
from offers.companies.models import Company
from offers.indexing.drift import Drift
from offers.indexing.writer import Locked, Writer
from offers.models import Offer
from offers.search import documents, synonyms
from offers.search.criteria import Criteria
from offers.search.index import Reader, SearchUnavailable, current_folder
from offers.search.query import search
from tests.factories import make_company, make_offer, make_role, make_skill

pytestmark = pytest.mark.django_db(transaction=True)


class Host:
    """A web host inside this process: an index folder, a writer, a reader."""

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
        """Start again with the folder only, as after a kill."""
        self.writer.__exit__(None, None, None)
        self.__init__(self.root)


@pytest.fixture
def hosts(tmp_path, monkeypatch):
    # Tantivy's minimum.
    monkeypatch.setattr("offers.indexing.writer.WRITER_MEMORY", 15_000_000)
    hosts = [Host(tmp_path / name) for name in ("a", "b")]
    for host in hosts:
        host.follow()
    yield hosts
    for host in hosts:
        host.writer.__exit__(None, None, None)


def on_all(hosts, q=""):
    for host in hosts:
        host.follow()
    found = [host.matching_ids(q) for host in hosts]
    assert found[0] == found[1]
    return found[0]


def test_every_way_of_changing_an_offer_is_followed(hosts):
    company = make_company(name="Boulanger Systèmes")
    offer = make_offer(title="Développeuse Cobol", company=company)
    assert on_all(hosts, "cobol") == {offer.pk}

    offer.title = "Développeuse Fortran"
    offer.save()
    assert on_all(hosts, "cobol") == set()
    assert on_all(hosts, "fortran") == {offer.pk}

    Offer.objects.filter(pk=offer.pk).update(title="Développeuse Ada")
    assert on_all(hosts, "ada") == {offer.pk}

    with connection.cursor() as cursor:
        cursor.execute("UPDATE offers_offer SET title = 'Développeuse Lisp' WHERE id = %s", [offer.pk])
    assert on_all(hosts, "lisp") == {offer.pk}

    company.name = "Pâtissier Systèmes"
    company.save()
    assert on_all(hosts, "pâtissier") == {offer.pk}
    Company.objects.filter(pk=company.pk).update(name="Chocolatier Systèmes")
    assert on_all(hosts, "chocolatier") == {offer.pk}

    skill = make_skill("Zig")
    offer.skills.add(skill)
    on_all(hosts)
    assert all(host.matching_ids(skills=frozenset({skill.pk})) == {offer.pk} for host in hosts)
    offer.skills.clear()
    on_all(hosts)
    assert all(host.matching_ids(skills=frozenset({skill.pk})) == set() for host in hosts)

    others = Offer.objects.bulk_create(
        Offer(
            title=f"Forgeronne {number}", contract="cdi", status="published", confidential=True, place=offer.place,
            published_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1),
        )
        for number in range(5)
    )  # fmt: skip
    assert on_all(hosts, "forgeron") == {other.pk for other in others}

    offer.fill()
    assert offer.pk not in on_all(hosts)
    Offer.objects.filter(title__startswith="Forge").delete()
    assert on_all(hosts) == set()


def test_a_change_that_is_rolled_back_leaves_no_line(hosts):
    offer = make_offer(title="Développeuse Cobol")
    on_all(hosts)
    before = ChangeLogEntry.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012
        Offer.objects.update(title="Développeuse Ada")
        raise RuntimeError
    assert ChangeLogEntry.objects.count() == before
    assert on_all(hosts, "cobol") == {offer.pk}


def test_offers_come_and_go_by_the_clock_alone(hosts):
    now = timezone.now()
    ending = make_offer(
        title="Finissante", published_at=now - timedelta(days=2), expires_at=now + timedelta(seconds=60)
    )
    coming = make_offer(title="Commençante", published_at=now + timedelta(seconds=60))
    assert on_all(hosts) == {ending.pk}
    # The clock of the database cannot be turned: the rows move past it instead, without a line in the log.
    Offer.objects.filter(pk=ending.pk).update(expires_at=now - timedelta(milliseconds=1))
    Offer.objects.filter(pk=coming.pk).update(published_at=now - timedelta(milliseconds=1))
    ChangeLogEntry.objects.all().delete()
    assert on_all(hosts) == {coming.pk}
    # Once is enough: every commit invalidates all cached answers.
    before = [host.reader.generation() for host in hosts]
    assert [host.follow() for host in hosts] == [set(), set()]
    assert [host.reader.generation() for host in hosts] == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite commits in the order in which it writes")
def test_transactions_that_commit_out_of_order_are_both_followed(hosts):
    """The first to write commits last: its line has the lower number, and appears after the other was generations."""
    first, second = make_offer(title="Un"), make_offer(title="Deux")
    on_all(hosts)
    wrote, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Offer.objects.filter(pk=first.pk).update(title="Premier")
            wrote.set()
            assert may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert wrote.wait(10)
    Offer.objects.filter(pk=second.pk).update(title="Second")
    # Not held up by the open transaction, and repeatedly polled while it is open.
    assert on_all(hosts, "second") == {second.pk}
    assert on_all(hosts, "premier") == set()
    may_commit.set()
    thread.join()
    lines = list(
        ChangeLogEntry.objects.filter(object_id__in=[first.pk, second.pk]).order_by("-pk").values_list("pk", flat=True)
    )
    assert lines
    assert on_all(hosts, "premier") == {first.pk}


def test_a_host_killed_between_commit_and_indexing_catches_up(hosts):
    offer = make_offer(title="Développeuse Cobol")
    hosts[0].restart()
    assert on_all(hosts, "cobol") == {offer.pk}
    # Killed after the index was written but before its place in the log was: the same lines once more.
    state = (current_folder(hosts[0].root) / "state.json").read_text()
    offer.fill()
    hosts[0].follow()
    (current_folder(hosts[0].root) / "state.json").write_text(state)
    hosts[0].restart()
    assert on_all(hosts) == set()


def test_a_reader_sees_a_commit_of_the_writer_at_once(hosts):
    generation = hosts[0].reader.generation()
    offer = make_offer(title="Développeuse Cobol")
    assert hosts[0].matching_ids("cobol") == set()
    hosts[0].follow()
    assert hosts[0].matching_ids("cobol") == {offer.pk}
    assert hosts[0].reader.generation() != generation


def test_rebuilding_swaps_while_readers_go_on_and_keeps_what_changed_meanwhile(hosts):
    offers = [make_offer(title=f"Forgeronne {number}") for number in range(3)]
    host = hosts[0]
    host.follow()
    old = host.reader.searcher()
    assert host.writer.rebuild()
    assert host.matching_ids("forgeron") == {offer.pk for offer in offers}
    assert old.num_docs == 3
    assert len(list(host.root.glob("index-*"))) == 1


def test_readers_see_changes_while_a_new_index_is_built(hosts, monkeypatch):
    monkeypatch.setattr("offers.search.documents.CHUNK", 1)
    monkeypatch.setattr("offers.indexing.writer.FOLLOW_SECONDS", 0)
    make_offer(title="Forgeronne")
    offer = make_offer(title="Boulangère")
    host = hosts[0]
    host.follow()
    seen = []

    def change_and_look():
        if not seen:
            Offer.objects.filter(pk=offer.pk).update(title="Pâtissière")
        seen.append(host.matching_ids("pâtissière"))
        return False

    host.writer.should_stop = change_and_look
    assert host.writer.rebuild()
    assert seen[:2] == [set(), {offer.pk}]
    assert host.matching_ids("pâtissière") == {offer.pk}


@pytest.mark.parametrize("damage", ["meta", "segments", "format", "gone"])
def test_an_index_that_does_not_serve_is_built_again(hosts, damage, caplog):
    offer = make_offer(title="Développeuse Cobol")
    on_all(hosts)
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
        import shutil

        shutil.rmtree(folder)
    hosts[0].__init__(hosts[0].root)
    assert on_all(hosts, "cobol") == {offer.pk}
    assert "a new search index of 1 offers was built" in caplog.text


def test_searching_without_an_index_says_so(tmp_path):
    with pytest.raises(SearchUnavailable):
        Reader(tmp_path / "nowhere").searcher()


def test_only_one_process_of_a_host_writes(hosts):
    with pytest.raises(Locked), Writer(hosts[0].root):
        pass


def test_a_lost_trigger_is_noticed_and_the_gap_repaired(hosts):
    """SQLite drops triggers when a migration rebuilds the table."""
    offer = make_offer(title="Développeuse Cobol")
    on_all(hosts)
    with connection.cursor() as cursor:
        on = " ON offers_offer" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER changelog_offers_offer_update{on}")
    Offer.objects.filter(pk=offer.pk).update(title="Développeuse Ada")
    assert on_all(hosts, "ada") == set()
    assert log.ensure_triggers()
    assert on_all(hosts, "ada") == {offer.pk}
    assert triggers.create_triggers() == []


def test_repair_finds_and_mends_every_kind_of_drift(hosts):
    kept, changed, missing = (make_offer(title=title) for title in ("Gardée", "Changée", "Manquante"))
    on_all(hosts)
    writer = hosts[0].writer
    tantivy_writer = writer.current._writer
    tantivy_writer.delete_documents_by_query(Query.term_query(documents.SCHEMA, "id", missing.pk))
    tantivy_writer.commit()
    Offer.objects.filter(pk=changed.pk).update(title="Autre")
    extra = make_offer(title="Partie")
    hosts[0].follow()
    # What is not in the log.
    triggers.drop_triggers()
    Offer.objects.filter(pk=extra.pk).delete()
    Offer.objects.filter(pk=changed.pk).update(title="Encore")
    triggers.create_triggers()
    drift = writer.repair()
    assert drift == Drift(missing={missing.pk}, extra={extra.pk}, changed={changed.pk})
    assert not writer.repair()
    assert hosts[0].matching_ids() == {kept.pk, changed.pk, missing.pk}


def test_the_log_is_pruned_but_for_its_last_line_and_an_old_place_in_it_is_not_trusted(hosts):
    make_offer()
    on_all(hosts)
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
def test_a_database_restored_from_a_copy_is_recognised(hosts, running, caplog):
    """The rows and the log go back to what they were, and go on from there with the same numbers."""
    offer = make_offer(title="Ancienne")
    on_all(hosts)
    log = list(ChangeLogEntry.objects.order_by("pk"))
    Offer.objects.filter(pk=offer.pk).update(title="Nouvelle")
    assert on_all(hosts, "nouvelle") == {offer.pk}
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
    assert on_all(hosts, "ancienne") == {offer.pk}


def test_only_names_of_published_roles_are_words(hosts):
    stamp = hosts[0].reader.names_version()
    role = make_role(name="Alchimiste", status="draft")
    assert ("alchimist",) not in synonyms.load_thesaurus().roles
    on_all(hosts)
    assert hosts[0].reader.names_version() != stamp
    role.status = "published"
    role.save()
    assert synonyms.load_thesaurus().roles["alchimist",] == {role.pk}
