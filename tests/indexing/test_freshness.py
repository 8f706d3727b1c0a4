"""The promise: what commits is found on every host within two seconds, whoever changes it and whatever is killed.

Two hosts, each a real `search_index follow` with a folder of its own, on one database.
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
from tests.indexing.hosts import Host, shared_database, until

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
            until(host.follows, 60)
        yield hosts
    finally:
        for host in hosts:
            host.end()


@contextlib.contextmanager
def another_connection(url):
    """Beside Django's, for a transaction that stays open."""
    opened = psycopg.connect(url) if url.startswith("postgres") else sqlite3.connect(url.removeprefix("sqlite:///"))
    with contextlib.closing(opened):
        yield opened


class Watch:
    """Waits until both hosts find what they should, and tells how long the slower one took."""

    def __init__(self, hosts):
        self.hosts = hosts
        self.times = {}

    def __call__(self, name, expected, q="", **criteria):
        expected = {getattr(offer, "pk", offer) for offer in expected}
        waits = [until(lambda host=host: host.matching_ids(q, **criteria) == expected) for host in self.hosts]
        self.times[name] = sum(waits)

    def tell(self):
        print("\nFound on both hosts after, in seconds:")
        for name, seconds in self.times.items():
            print(f"  {seconds:5.2f}  {name}")


@pytest.fixture
def seen(hosts):
    watch = Watch(hosts)
    yield watch
    watch.tell()


def test_every_change_is_found_by_both(seen):
    company = make_company(name="Boulanger Systèmes")
    offer = make_offer(title="Développeuse Cobol", company=company)
    seen("insert", [offer], "cobol")
    offer.title = "Développeuse Fortran"
    offer.save()
    seen("update", [offer], "fortran")
    seen("update, old words", [], "cobol")

    more = Offer.objects.bulk_create(
        Offer(
            title=f"Forgeronne {number}", contract="cdi", status="published", confidential=True, place=offer.place,
            published_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1),
        )
        for number in range(200)
    )  # fmt: skip
    seen("bulk insert of 200", more, "forgeronne")
    Offer.objects.filter(title__startswith="Forge").update(title="Maréchale-ferrante")
    seen("bulk update of 200", more, "maréchale")

    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    page = reverse("admin:offers_offer_change", args=[offer.pk])
    assert client.post(page, form_data(client.get(page), title="Développeuse Ada")).status_code == 302
    seen("save in the admin", [offer], "ada")

    with connection.cursor() as cursor:
        cursor.execute("UPDATE offers_offer SET title = 'Développeuse Lisp' WHERE id = %s", [offer.pk])
    seen("SQL by hand", [offer], "lisp")

    Company.objects.filter(pk=company.pk).update(name="Chocolatier Systèmes")
    seen("another name of the company", [offer], "chocolatier")
    offer.place.name = "Trifouilly"
    offer.place.save()
    seen("another name of the town", [offer, *more], "trifouilly")
    skill = make_skill("Zig")
    offer.skills.add(skill)
    seen("a skill", [offer], skills=frozenset({skill.pk}))

    now = timezone.now()
    ending = make_offer(
        title="Finissante", published_at=now - timedelta(days=1), expires_at=timezone.now() + timedelta(seconds=4)
    )
    coming = make_offer(title="Commençante", published_at=timezone.now() + timedelta(seconds=4))
    seen("insert of one that will expire", [ending], "finissante")
    until(lambda: timezone.now() >= coming.published_at)
    seen("expiry, by the clock", [], "finissante")
    seen("coming out, by the clock", [coming], "commençante")

    offer.refresh_from_db()
    offer.fill()
    seen("filled", [], "lisp")
    Offer.objects.filter(title__startswith="Maréchale").delete()
    seen("bulk delete of 200", [], "maréchale")


def test_words_that_change_are_read_again_on_both(hosts):
    stamps = [host.reader.names_version() for host in hosts]

    def told():
        return all(host.reader.names_version() != stamp for host, stamp in zip(hosts, stamps, strict=True))

    for change in (
        lambda: SynonymSet.objects.create(words="dev, développeur"),
        lambda: make_role(name="Alchimiste"),
        lambda: make_skill("Zig"),
    ):
        change()
        until(told)
        stamps = [host.reader.names_version() for host in hosts]


def test_communes_that_change_are_read_again_on_both(hosts):
    stamps = [places_version(host.reader.root) for host in hosts]

    def told():
        return all(places_version(host.reader.root) != stamp for host, stamp in zip(hosts, stamps, strict=True))

    for change in (
        lambda: make_place(insee_code="01999", name="Trifouilly", postal_codes=["01999"]),
        lambda: PostalCode.objects.create(place=Place.objects.get(insee_code="01999"), code="01998"),
        lambda: Place.objects.filter(insee_code="01999").update(population=7),
        lambda: Place.objects.filter(insee_code="01999").delete(),
    ):
        change()
        until(told)
        stamps = [places_version(host.reader.root) for host in hosts]


def test_a_follower_killed_at_any_moment_loses_nothing(hosts, seen):
    place = make_offer(title="Première").place
    seen("before", list(Offer.objects.all()))
    for round_number, delay in enumerate((0.0, 0.3, 0.7)):
        Offer.objects.bulk_create(
            Offer(
                title=f"Forgeronne {round_number}", contract="cdi", status="published", confidential=True, place=place,
                published_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1),
            )
            for _ in range(500)
        )  # fmt: skip
        Offer.objects.filter(title="Première").update(title="Première")
        time.sleep(delay)
        hosts[0].kill()
        # What happens while it is away.
        Offer.objects.filter(title=f"Forgeronne {round_number - 1}").delete()
        hosts[0].start()
        until(lambda: hosts[0].matching_ids() == set(Offer.objects.values_list("pk", flat=True)), 60)
        until(lambda: hosts[1].matching_ids() == set(Offer.objects.values_list("pk", flat=True)))
    for host in hosts:
        status = host.run("status")
        assert status.returncode == 0, status.stdout + status.stderr


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite commits in the order in which it writes")
def test_a_transaction_that_stays_open_holds_up_nobody_and_is_found_when_it_commits(url, seen):
    first, second = make_offer(title="Un"), make_offer(title="Deux")
    seen("insert", [first, second])
    with another_connection(url) as slow:
        slow.execute("UPDATE offers_offer SET title = 'Premier' WHERE id = %s", [first.pk])
        # Written later, committed earlier.
        Offer.objects.filter(pk=second.pk).update(title="Second")
        seen("beside an open transaction", [second], "second")
        third = make_offer(title="Troisième")
        seen("insert beside an open transaction", [third], "troisième")
        seen("what is not committed", [], "premier")
        slow.commit()
        seen("committed out of order", [first], "premier")


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL's writers do not wait for one another")
def test_followers_read_while_somebody_writes_and_keep_no_writer_waiting(url, hosts, seen):
    offer = make_offer(title="Un")
    seen("insert", [offer])
    with another_connection(url) as slow:
        slow.isolation_level = None
        slow.execute("BEGIN IMMEDIATE")
        slow.execute("UPDATE offers_offer SET title = 'Premier' WHERE id = ?", [offer.pk])
        # A reader that asked for a write lock would wait for 20 seconds here.
        beats = [(host.root / "heartbeat").stat().st_mtime_ns for host in hosts]
        for host, beat in zip(hosts, beats, strict=True):
            until(lambda host=host, beat=beat: (host.root / "heartbeat").stat().st_mtime_ns > beat, 5)
        assert log.entries_since(0, set()).changes
        slow.execute("COMMIT")
    seen("committed after a while", [offer], "premier")
    longest = 0.0
    for number in range(100):
        began = time.monotonic()
        Offer.objects.filter(pk=offer.pk).update(title=f"Premier {number}")
        longest = max(longest, time.monotonic() - began)
    print(f"\nThe longest of 100 writes beside two followers took {longest:.3f} s")
    assert longest < 5
    seen("100 updates", [offer], "premier 99")


def test_a_second_follower_of_a_host_stands_by_and_takes_over(hosts, seen):
    other = Host(hosts[0].root, hosts[0].url)
    other.log = hosts[0].root.with_suffix(".other.log")
    other.start()
    try:
        until(lambda: "en attente" in other.log.read_text(), 60)
        hosts[0].kill()
        offer = make_offer(title="Cobol")
        seen("with the one that stood by", [offer])
        assert other.end() == 0
    finally:
        other.end()


def test_commands_ask_the_running_follower(hosts, seen):
    offer = make_offer(title="Cobol")
    seen("insert", [offer])
    before = hosts[0].reader.generation()
    done = hosts[0].run("rebuild")
    assert done.returncode == 0, done.stderr
    assert "Le processus qui suit l’index le reconstruit" in done.stdout
    assert "Index reconstruit en" in done.stdout
    assert hosts[0].reader.generation()[0] != before[0]
    assert hosts[0].matching_ids() == {offer.pk}
    done = hosts[0].run("check")
    assert done.returncode == 0
    assert "Le processus qui suit l’index le contrôle" in done.stdout
    until(lambda: not (hosts[0].root / "check-wanted").exists())
    assert hosts[0].end() == 0
    # Nobody follows any more: the commands do it themselves.
    assert "L’index est conforme à la base." in hosts[0].run("check").stdout
    assert hosts[0].run("rebuild").returncode == 0


def test_threads_and_processes_read_while_indexes_are_swapped(hosts, seen):
    """No moment without an index, however often it is built anew."""
    offer = make_offer(title="Cobol")
    seen("insert", [offer])
    failures, over = [], threading.Event()

    def read():
        while not over.is_set():
            try:
                if hosts[0].matching_ids("cobol") != {offer.pk}:
                    failures.append("not found")
            except Exception as error:
                failures.append(repr(error))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            assert hosts[0].run("rebuild").returncode == 0
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []
