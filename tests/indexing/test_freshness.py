"""Every committed change is searchable on every host within two seconds, even if a follower is killed.

Two hosts run `search_index follow` in real processes, each with its own index directory, on one database.
"""

import contextlib
import sqlite3
import threading
import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from offers.changelog import log
from offers.companies.models import Company
from offers.models import Offer
from offers.places.gazetteer import places_version
from offers.places.models import Place, PostalCode
from offers.search.models import SynonymSet
from tests.admin.pages import form_data
from tests.factories import make_company, make_offer, make_place, make_role, make_skill, make_user
from tests.indexing.hosts import Host, shared_database
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def url(db, tmp_path):
    with shared_database(tmp_path) as url:
        yield url


@pytest.fixture
def hosts(url, tmp_path):
    hosts = [Host(tmp_path / name, url) for name in ("a", "b")]
    for host in hosts:
        host.start()
    try:
        for host in hosts:
            wait_until(host.is_following, 60)
        yield hosts
    finally:
        for host in hosts:
            host.stop()


@contextlib.contextmanager
def another_connection(url):
    """Open a second connection, for a transaction that stays open."""
    raw = psycopg.connect(url) if url.startswith("postgres") else sqlite3.connect(url.removeprefix("sqlite:///"))
    with contextlib.closing(raw):
        yield raw


class FreshnessWatch:
    """Wait until both hosts return the expected offers, and record the seconds that this takes."""

    def __init__(self, hosts):
        self.hosts = hosts
        self.times = {}

    def __call__(self, name, expected, q="", **criteria):
        expected = {getattr(offer, "pk", offer) for offer in expected}
        waits = [wait_until(lambda host=host: host.matching_ids(q, **criteria) == expected) for host in self.hosts]
        self.times[name] = sum(waits)

    def report(self):
        print("\nSeconds until both hosts return the change:")
        for name, seconds in self.times.items():
            print(f"  {seconds:5.2f}  {name}")


@pytest.fixture
def assert_searchable(hosts):
    watch = FreshnessWatch(hosts)
    yield watch
    watch.report()


def test_every_change_is_searchable_on_both_hosts(assert_searchable):
    company = make_company(name="Boulanger Systèmes")
    offer = make_offer(title="Développeuse Cobol", company=company)
    assert_searchable("insert", [offer], "cobol")
    offer.title = "Développeuse Fortran"
    offer.save()
    assert_searchable("update", [offer], "fortran")
    assert_searchable("update, old words", [], "cobol")

    others = Offer.objects.bulk_create(
        Offer(
            title=f"Forgeronne {index}", contract="cdi", status="published", confidential=True, place=offer.place,
            published_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1),
        )
        for index in range(200)
    )  # fmt: skip
    assert_searchable("bulk insert of 200", others, "forgeronne")
    Offer.objects.filter(title__startswith="Forge").update(title="Maréchale-ferrante")
    assert_searchable("bulk update of 200", others, "maréchale")

    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    page = reverse("admin:offers_offer_change", args=[offer.pk])
    assert client.post(page, form_data(client.get(page), title="Développeuse Ada")).status_code == 302
    assert_searchable("save in the admin", [offer], "ada")

    with connection.cursor() as cursor:
        cursor.execute("UPDATE offers_offer SET title = 'Développeuse Lisp' WHERE id = %s", [offer.pk])
    assert_searchable("SQL by hand", [offer], "lisp")

    Company.objects.filter(pk=company.pk).update(name="Chocolatier Systèmes")
    assert_searchable("another name of the company", [offer], "chocolatier")
    offer.place.name = "Trifouilly"
    offer.place.save()
    assert_searchable("another name of the town", [offer, *others], "trifouilly")
    skill = make_skill("Zig")
    offer.skills.add(skill)
    assert_searchable("a skill", [offer], skills=frozenset({skill.pk}))

    now = timezone.now()
    ending = make_offer(
        title="Finissante", published_at=now - timedelta(days=1), expires_at=timezone.now() + timedelta(seconds=4)
    )
    upcoming = make_offer(title="Commençante", published_at=timezone.now() + timedelta(seconds=4))
    assert_searchable("insert of an offer that will expire", [ending], "finissante")
    wait_until(lambda: timezone.now() >= upcoming.published_at)
    assert_searchable("expiry, by the clock", [], "finissante")
    assert_searchable("publication, by the clock", [upcoming], "commençante")

    offer.refresh_from_db()
    offer.fill()
    assert_searchable("filled", [], "lisp")
    Offer.objects.filter(title__startswith="Maréchale").delete()
    assert_searchable("bulk delete of 200", [], "maréchale")


def test_changed_names_are_reloaded_on_both_hosts(hosts):
    stamps = [host.reader.names_version() for host in hosts]

    def have_new_stamps():
        return all(host.reader.names_version() != stamp for host, stamp in zip(hosts, stamps, strict=True))

    for change in (
        lambda: SynonymSet.objects.create(words="dev, développeur"),
        lambda: make_role(name="Alchimiste"),
        lambda: make_skill("Zig"),
    ):
        change()
        wait_until(have_new_stamps)
        stamps = [host.reader.names_version() for host in hosts]


def test_changed_communes_are_reloaded_on_both_hosts(hosts):
    stamps = [places_version(host.reader.root) for host in hosts]

    def have_new_stamps():
        return all(places_version(host.reader.root) != stamp for host, stamp in zip(hosts, stamps, strict=True))

    for change in (
        lambda: make_place(insee_code="01999", name="Trifouilly", postal_codes=["01999"]),
        lambda: PostalCode.objects.create(place=Place.objects.get(insee_code="01999"), code="01998"),
        lambda: Place.objects.filter(insee_code="01999").update(population=7),
        lambda: Place.objects.filter(insee_code="01999").delete(),
    ):
        change()
        wait_until(have_new_stamps)
        stamps = [places_version(host.reader.root) for host in hosts]


def test_follower_killed_at_any_time_loses_no_change(hosts, assert_searchable):
    place = make_offer(title="Première").place
    assert_searchable("before", list(Offer.objects.all()))
    for round_index, delay in enumerate((0.0, 0.3, 0.7)):
        Offer.objects.bulk_create(
            Offer(
                title=f"Forgeronne {round_index}", contract="cdi", status="published", confidential=True, place=place,
                published_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1),
            )
            for _ in range(500)
        )  # fmt: skip
        Offer.objects.filter(title="Première").update(title="Première")
        time.sleep(delay)
        hosts[0].kill()
        # A change while the follower is stopped.
        Offer.objects.filter(title=f"Forgeronne {round_index - 1}").delete()
        hosts[0].start()
        wait_until(lambda: hosts[0].matching_ids() == set(Offer.objects.values_list("pk", flat=True)), 60)
        wait_until(lambda: hosts[1].matching_ids() == set(Offer.objects.values_list("pk", flat=True)))
    for host in hosts:
        status = host.run("status")
        assert status.returncode == 0, status.stdout + status.stderr


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite commits in the order in which it writes")
def test_open_transaction_delays_no_other_and_is_searchable_after_its_commit(url, assert_searchable):
    first, second = make_offer(title="Un"), make_offer(title="Deux")
    assert_searchable("insert", [first, second])
    with another_connection(url) as slow:
        slow.execute("UPDATE offers_offer SET title = 'Premier' WHERE id = %s", [first.pk])
        # Written later, committed earlier.
        Offer.objects.filter(pk=second.pk).update(title="Second")
        assert_searchable("beside an open transaction", [second], "second")
        third = make_offer(title="Troisième")
        assert_searchable("insert beside an open transaction", [third], "troisième")
        assert_searchable("uncommitted update", [], "premier")
        slow.commit()
        assert_searchable("committed out of order", [first], "premier")


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL's writers do not wait for one another")
def test_followers_do_not_wait_for_writers_nor_block_them(url, hosts, assert_searchable):
    offer = make_offer(title="Un")
    assert_searchable("insert", [offer])
    with another_connection(url) as slow:
        slow.isolation_level = None
        slow.execute("BEGIN IMMEDIATE")
        slow.execute("UPDATE offers_offer SET title = 'Premier' WHERE id = ?", [offer.pk])
        # A reader that requested a write lock would wait for 20 seconds here.
        heartbeats = [(host.root / "heartbeat").stat().st_mtime_ns for host in hosts]
        for host, before in zip(hosts, heartbeats, strict=True):
            wait_until(lambda host=host, before=before: (host.root / "heartbeat").stat().st_mtime_ns > before, 5)
        assert log.entries_since(0, set()).changes
        slow.execute("COMMIT")
    assert_searchable("committed after a while", [offer], "premier")
    longest = 0.0
    for index in range(100):
        began = time.monotonic()
        Offer.objects.filter(pk=offer.pk).update(title=f"Premier {index}")
        longest = max(longest, time.monotonic() - began)
    print(f"\nThe longest of 100 writes beside two followers took {longest:.3f} s")
    assert longest < 5
    assert_searchable("100 updates", [offer], "premier 99")


def test_second_follower_of_a_host_waits_and_takes_over(hosts, assert_searchable):
    other = Host(hosts[0].root, hosts[0].url)
    other.log = hosts[0].root.with_suffix(".other.log")
    other.start()
    try:
        wait_until(lambda: "en attente" in other.log.read_text(), 60)
        hosts[0].kill()
        offer = make_offer(title="Cobol")
        assert_searchable("insert after the takeover", [offer])
        assert other.stop() == 0
    finally:
        other.stop()


def test_commands_are_executed_by_the_running_follower(hosts, assert_searchable):
    offer = make_offer(title="Cobol")
    assert_searchable("insert", [offer])
    before = hosts[0].reader.generation()
    result = hosts[0].run("rebuild")
    assert result.returncode == 0, result.stderr
    assert "Le processus qui suit l’index le reconstruit" in result.stdout
    assert "Index reconstruit en" in result.stdout
    assert hosts[0].reader.generation()[0] != before[0]
    assert hosts[0].matching_ids() == {offer.pk}
    result = hosts[0].run("check")
    assert result.returncode == 0
    assert "Le processus qui suit l’index le contrôle" in result.stdout
    wait_until(lambda: not (hosts[0].root / "check-wanted").exists())
    assert hosts[0].stop() == 0
    # Without a follower, the commands write the index themselves.
    assert "L’index est conforme à la base." in hosts[0].run("check").stdout
    assert hosts[0].run("rebuild").returncode == 0


def test_threads_read_without_errors_while_the_index_is_replaced(hosts, assert_searchable):
    """An index is available at any time during repeated rebuilds."""
    offer = make_offer(title="Cobol")
    assert_searchable("insert", [offer])
    failures, has_finished = [], threading.Event()

    def read():
        while not has_finished.is_set():
            try:
                if hosts[0].matching_ids("cobol") != {offer.pk}:
                    failures.append("no match")
            except Exception as error:
                failures.append(repr(error))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            assert hosts[0].run("rebuild").returncode == 0
    finally:
        has_finished.set()
        for thread in threads:
            thread.join()
    assert failures == []
