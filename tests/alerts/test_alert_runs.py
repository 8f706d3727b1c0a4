"""What a run of the alerts sends, to whom, and what it does when the mail server or a process fails."""

import re
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings as site_settings
from django.core import mail
from django.db import connection
from django.utils import timezone
from django_q.models import Schedule

from jobboard.mail import delivery
from jobboard.mail.models import OutboxMessage
from jobboard.mail.retry import MAX_ATTEMPTS
from jobboard.mail.tasks import send_outbox
from offers.alerts import mails, sending, tasks
from offers.alerts.models import Alert, AlertDelivery, next_slot
from offers.alerts.sending import MAX_OFFERS, Run
from offers.indexing.writer import Writer
from offers.models import Offer
from tests.contact.processes import database_url
from tests.contact.smtp import mail_server
from tests.factories import make_alert, make_company, make_offer, make_role


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://emploi.example"
    settings.ALERT_MAILS_PER_SECOND = 100_000


@pytest.fixture
def run(db, search_index):
    def act(seconds=20.0) -> Run:
        search_index.follow()
        done = sending.run(seconds)
        send_outbox()
        return done

    return act


@pytest.fixture
def smtp(settings):
    def connect(server):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 0.5

    return connect


def due_again():
    """As if the next morning had come."""
    Alert.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    OutboxMessage.objects.pending().update(due_at=timezone.now())


def titles(message) -> list[str]:
    if hasattr(message, "body"):
        text = message.body
    else:
        text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    return re.findall(r"^(.+) \(H/F\)$", text, re.MULTILINE)


def test_an_alert_sends_what_its_search_finds_once_and_nothing_else(run):
    alert = make_alert(email="anne@example.org", query="contrat=cdi", label="CDI")
    make_offer(title="Avant l’alerte", age=timedelta(days=2))
    make_offer(title="Autre contrat", contract="cdd")
    new = make_offer(
        title="Directrice technique",
        company=make_company(name="Ateliers"),
        pay_min=95_000,
        pay_max=115_000,
        remote_days=2,
    )
    make_offer(
        title="Discrète", company=make_company(name="Secrète SA"), confidential=True, employer_descriptor="éditeur"
    )
    make_offer(title="Pourvue").fill()

    assert run() == Run(alerts=1, mails=1, searches=1)
    (message,) = mail.outbox
    assert message.to == ["anne@example.org"]
    assert message.subject == "2\u00a0nouvelles offres\u00a0: CDI"
    assert titles(message) == ["Discrète", "Directrice technique"]
    assert (
        "Ateliers\nLyon (69), CDI, 95\u00a0–\u00a0115\u00a0K€ brut par an, 2\u00a0jours de télétravail\n"
        in message.body
    )
    assert f"https://emploi.example{new.get_absolute_url()}\n" in message.body
    assert "https://emploi.example/offres/?contrat=cdi\n" in message.body
    assert "Éditeur" in message.body
    assert "Secrète" not in message.body
    assert "&" not in message.body

    headers = message.extra_headers
    stop = re.search(r"https://emploi\.example/alertes/arreter/\S+", message.body)[0]
    assert headers["List-Unsubscribe"] == f"<{stop}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "anne" not in stop
    alert.refresh_from_db()
    assert alert.due_at == next_slot("daily", timezone.now())
    assert alert.last_sent_at
    assert alert.claim is None

    assert run() == Run(), "not before its time"
    due_again()
    assert run() == Run(alerts=1, searches=1), "nothing new, nothing sent"
    # Closed and opened again, it is no new offer to who has had it.
    new.fill()
    new.publish()
    make_offer(title="Toute nouvelle", age=timedelta(0))
    due_again()
    run()
    assert titles(mail.outbox[-1]) == ["Toute nouvelle"]
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    "fields",
    [{"confirmed_at": None, "due_at": None}, {"paused_at": timezone.now(), "due_at": None},
     {"unsubscribed_at": timezone.now(), "due_at": None}, {"due_at": timezone.now() + timedelta(hours=1)}],
)  # fmt: skip
def test_who_receives_nothing(run, fields):
    make_alert(**fields)
    make_offer()
    assert run() == Run()
    assert mail.outbox == []


def test_what_was_committed_or_indexed_late_is_found_by_the_next_run(run):
    alert = make_alert(created_at=timezone.now() - timedelta(days=3))
    make_offer(title="À l’heure", age=timedelta(minutes=20))
    run()
    # It bears a time that the run before had covered already.
    make_offer(title="En retard", age=timedelta(minutes=30))
    due_again()
    run()
    assert [titles(message) for message in mail.outbox] == [["À l’heure"], ["En retard"]]
    alert.refresh_from_db()
    assert alert.deliveries.count() == 2


def test_resumed_it_goes_on_from_there(run):
    alert = make_alert()
    alert.pause()
    make_offer(title="Entre-temps", age=timedelta(minutes=5))
    alert.resume()
    make_offer(title="Depuis", age=timedelta(0))
    due_again()
    run()
    assert [titles(message) for message in mail.outbox] == [["Depuis"]]


def test_a_search_that_names_what_is_gone_sends_nothing_rather_than_everything(run):
    role = make_role(slug="cto")
    make_alert(query="metier=cto")
    make_offer(role=role)
    role.slug = "autre"
    role.save()
    assert run() == Run(alerts=1)
    assert mail.outbox == []


def test_a_long_mail_lists_twenty_and_says_how_many_more(run):
    company = make_company()
    make_alert(label="un", created_at=timezone.now() - timedelta(hours=12))
    for number in range(25):
        make_offer(title=f"Offre {number:02}", company=company, age=timedelta(hours=3, minutes=number))
    run()
    (message,) = mail.outbox
    assert message.subject.startswith("25\u00a0nouvelles offres")
    assert len(titles(message)) == 20
    assert titles(message)[0] == "Offre 00"
    assert "Et 5 autres" in message.body
    for number in range(MAX_OFFERS):
        make_offer(title=f"Encore {number:02}", company=company, age=timedelta(0))
    due_again()
    run()
    assert mail.outbox[1].subject.startswith(f"Plus de {MAX_OFFERS} nouvelles offres")
    assert f"Et plus de {MAX_OFFERS - 20} autres" in mail.outbox[1].body


def test_equal_searches_are_made_once_in_few_queries(run, search_index, django_assert_num_queries):
    for number in range(30):
        make_alert(query=["contrat=cdi", "contrat=cdd", "q=introuvable"][number % 3])
    make_offer(age=timedelta(days=2))
    search_index.follow()
    with django_assert_num_queries(7):
        assert sending.run() == Run(alerts=30, searches=3)
    due_again()
    make_offer(age=timedelta(0))
    done = run()
    assert (done.alerts, done.mails, done.searches) == (30, 10, 3)


def test_no_more_mails_in_a_second_than_may_be(run, settings, monkeypatch):
    pauses = []
    monkeypatch.setattr(delivery.time, "sleep", pauses.append)
    settings.ALERT_MAILS_PER_SECOND = 2
    for _ in range(3):
        make_alert()
    make_offer()
    run()
    assert pauses[0] == 0
    assert all(0.3 < pause <= 0.5 for pause in pauses[1:])


def test_what_there_is_no_time_for_is_left_to_the_next_run(run):
    for _ in range(3):
        make_alert()
    make_offer()
    assert run(seconds=-1).stopped
    assert mail.outbox == []
    assert Alert.objects.due().count() == 3
    run()
    assert len(mail.outbox) == 3


def test_an_index_that_does_not_follow_makes_alerts_wait(run, search_index, tmp_path, settings, caplog):
    make_alert()
    make_offer()
    search_index.follow()
    settings.SEARCH_DIR = tmp_path
    assert sending.run().stopped
    tasks.send_alerts()
    assert mail.outbox == []
    assert Alert.objects.due().count() == 1
    assert "alerts wait" in caplog.text


# A mail server in trouble ---------------------------------------------------------------------------------------------


def test_a_dead_server_loses_and_repeats_nothing(run, smtp, caplog):
    alerts = [make_alert(email=f"personne{number}@example.org") for number in range(3)]
    make_offer(title="Une offre")
    with mail_server() as server:
        smtp(server)
    assert run().mails == 3
    assert Alert.objects.filter(claim=None).count() == 3
    assert sorted(OutboxMessage.objects.pending().values_list("attempts", flat=True)) == [0, 0, 1]
    assert "ConnectionRefusedError" in caplog.text
    assert "personne" not in caplog.text
    due_again()
    with mail_server() as server:
        smtp(server)
        assert run().mails == 0
        due_again()
        run()
    assert Counter(address for (address,), _ in server.messages) == {alert.email: 1 for alert in alerts}
    assert all(titles(message) == ["Une offre"] for _, message in server.messages)
    assert all(message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" for _, message in server.messages)


def test_a_hanging_server_ends_the_run_and_the_mail_it_hangs_on_comes_last(run, smtp):
    make_alert()
    make_alert()
    make_offer()
    with mail_server(hangs=True) as server:
        smtp(server)
        start = time.monotonic()
        run()
        assert time.monotonic() - start < 5
    first, second = OutboxMessage.objects.order_by("pk")
    assert first.due_at > timezone.now() + timedelta(minutes=1)
    assert (first.attempts, second.attempts) == (1, 0)
    assert list(OutboxMessage.objects.due()) == [second]


def test_an_address_that_refuses_is_tried_later_and_at_last_suspended(run, smtp, caplog):
    refusing, other = make_alert(email="anne@example.org"), make_alert()
    make_offer()
    with mail_server(refused=["anne@example.org"]) as server:
        smtp(server)
        for _ in range(MAX_ATTEMPTS + 2):
            run()
            due_again()
    assert [address for (address,), _ in server.messages] == [other.email]
    refusing.refresh_from_db()
    assert refusing.due_at is None
    assert refusing.paused_at == refusing.refused_at
    assert OutboxMessage.objects.given_up().get().error == "SMTPRecipientsRefused 550"
    assert "SMTPRecipientsRefused 550" in caplog.text
    assert "anne" not in caplog.text


def test_a_search_or_a_mail_that_cannot_be_made_stops_no_other(run, monkeypatch, caplog):
    broken, unwritable, well = (make_alert(query=f"contrat={value}") for value in ("cdd", "cdi", "freelance"))
    for contract in ("cdd", "cdi", "freelance"):
        make_offer(contract=contract)
    newest, write = sending.Matcher.newest_pks, mails.render_text

    def find(matcher, query, since):
        if query == "contrat=cdd":
            raise ValueError("anne@example.org")
        return newest(matcher, query, since)

    def written(query, *arguments):
        if query == unwritable.query:
            raise KeyError("anne@example.org")
        return write(query, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(sending.Matcher, "newest_pks", find)
        patch.setattr(mails, "render_text", written)
        run()
    assert [message.to for message in mail.outbox] == [[well.email]]
    before = broken.covered_until
    broken.refresh_from_db()
    assert (broken.claim, broken.covered_until) == (None, before), "nothing is lost"
    assert broken.due_at > timezone.now() + timedelta(minutes=50)
    assert f"alert {broken.pk} waits: ValueError" in caplog.text
    waiting = OutboxMessage.objects.pending().get()
    assert (waiting.context["alert"], waiting.error) == (unwritable.pk, "KeyError")
    assert "anne" not in " ".join(record.getMessage() for record in caplog.records)
    due_again()
    run()
    assert {message.to[0] for message in mail.outbox} == {broken.email, unwritable.email, well.email}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gone", ["offer", "alert"])
def test_what_is_deleted_while_its_mail_is_under_way_repeats_nothing(run, monkeypatch, gone):
    alert, other = make_alert(email="a@example.org"), make_alert(email="b@example.org")
    make_offer(title="Reste")
    offer = make_offer(title="Part")
    send = delivery.MailServer.send

    def meanwhile(server, message):
        send(server, message)
        if message.to == ["a@example.org"]:
            (Offer.objects.filter(pk=offer.pk) if gone == "offer" else Alert.objects.filter(pk=alert.pk)).delete()

    monkeypatch.setattr(delivery.MailServer, "send", meanwhile)
    assert run().mails == 2
    due_again()
    run()
    assert [message.to for message in mail.outbox] == [[alert.email], [other.email]]
    # One of the first, one of the second alert; or two of the second.
    assert AlertDelivery.objects.count() == 2


def test_who_looks_for_the_same_gets_the_same_text_with_links_of_their_own(run, monkeypatch):
    alerts = [make_alert(query="contrat=cdi", label="CDI") for _ in range(3)]
    late = make_alert(query="contrat=cdi", label="CDI", created_at=timezone.now() - timedelta(hours=2))
    make_offer(title="Ancienne", age=timedelta(hours=5))
    make_offer(title="Nouvelle")
    written = []
    render = mails.render_text
    monkeypatch.setattr(mails, "render_text", lambda *args: written.append(1) or render(*args))
    run()
    assert len(written) == 2
    texts = {message.to[0]: message for message in mail.outbox}
    assert titles(texts[late.email]) == ["Nouvelle"]
    assert all(titles(texts[alert.email]) == ["Nouvelle", "Ancienne"] for alert in alerts)
    assert len({re.search(r"/alertes/arreter/\S+", message.body)[0] for message in mail.outbox}) == 4


# Processes ------------------------------------------------------------------------------------------------------------


def test_a_claim_is_one_workers_and_runs_out(db):
    alert = make_alert()
    now = timezone.now()
    claim, alerts = Alert.objects.claim(10, now)
    assert alerts == [alert]
    assert Alert.objects.claim(10, now)[1] == []
    assert Alert.objects.claim(10, now + Alert.CLAIM)[1] == [alert]
    assert not Alert.objects.held(claim).exists()


@pytest.mark.parametrize("act", ["pause", "unsubscribe", lambda alert: alert.change_frequency("weekly")])
def test_what_its_owner_decides_meanwhile_holds(run, monkeypatch, act):
    """Between the search and the mail."""
    alert = make_alert()
    make_offer()
    news = sending.AlertBatch.new_offers

    def slowly(batch):
        found = list(news(batch))
        getattr(alert, act)() if isinstance(act, str) else act(alert)
        return iter(found)

    monkeypatch.setattr(sending.AlertBatch, "new_offers", slowly)
    run()
    assert mail.outbox == []
    before = alert.covered_until
    alert.refresh_from_db()
    assert alert.covered_until == before
    assert alert.is_running is (not isinstance(act, str))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("guarded", [True, False])
def test_two_workers_at_once_send_each_alert_once(search_index, monkeypatch, guarded):
    """The control takes what is due without marking it as its own: it shows that the two do meet."""
    for _ in range(20):
        make_alert()
    make_offer()
    search_index.follow()
    rows = type(Alert.objects.get_queryset())
    together, due, mine = threading.Barrier(2, timeout=20), rows.due, threading.local()

    def meeting(queryset, at=None):
        # First they ask whether there is anything, then what: both have seen it before either acts.
        mine.asked = getattr(mine, "asked", 0) + 1
        if mine.asked == 3:
            together.wait()
        return due(queryset, at)

    def naive(queryset, most, at=None):
        found = list(due(queryset, at)[:most])
        if not hasattr(mine, "met"):
            mine.met = True
            together.wait()
        return uuid4(), found

    if guarded:
        monkeypatch.setattr(rows, "due", meeting)
    else:
        monkeypatch.setattr(rows, "claim", naive)
        monkeypatch.setattr(rows, "held", lambda queryset, claim: queryset.all())
        # The outbox would take the second mail for the first one.
        monkeypatch.setattr(sending, "_key", lambda alert: uuid4().hex)
        queue = sending._queue

        def meeting_again(batch, news):
            together.wait()
            return queue(batch, news)

        monkeypatch.setattr(sending, "_queue", meeting_again)
    failures = []

    def work():
        try:
            sending.run()
            send_outbox()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    sent = Counter(message.to[0] for message in mail.outbox)
    assert len(sent) == 20
    assert (max(sent.values()) == 1) is guarded


WORKER = """
import django
django.setup()
from offers.alerts import tasks
from jobboard.mail.tasks import send_outbox
print("ready", flush=True)
tasks.send_alerts()
send_outbox()
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_run_neither_loses_nor_repeats(tmp_path):
    alerts = [make_alert(email=f"personne{number}@example.org", query="contrat=cdi") for number in range(8)]
    make_offer(title="Une offre")
    url = database_url(tmp_path)
    environment = {
        "DJANGO_SETTINGS_MODULE": "jobboard.settings", "JOBBOARD_VAR": str(tmp_path), "DATABASE_URL": url,
        "SECRET_KEY": "essai", "SEARCH_DIR": str(tmp_path / "search"), "SITE_URL": "https://emploi.example",
    }  # fmt: skip
    with Writer(tmp_path / "search") as writer:
        writer.ensure_index()

    def start(server):
        return subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=site_settings.BASE_DIR,
            env={**environment, "EMAIL_URL": f"smtp://127.0.0.1:{server.port}"},
            stdout=subprocess.PIPE,
            text=True,
        )

    def sql(statement):
        if connection.vendor == "sqlite":
            import sqlite3

            with sqlite3.connect(tmp_path / "copy.sqlite3") as copy:
                copy.execute(statement)
            copy.close()
        else:
            with connection.cursor() as cursor:
                cursor.execute(statement)

    with mail_server(slow=0.2) as server:
        worker = start(server)
        end = time.monotonic() + 60
        while len(server.messages) < 3 and time.monotonic() < end:
            time.sleep(0.02)
        worker.kill()
        worker.communicate()
        before = len(server.messages)
        assert 3 <= before < 8
        # What the dead worker held is not given out before its time: one mail, the others leave.
        start(server).communicate(timeout=60)
        assert 7 <= len({address for (address,), _ in server.messages}) == len(server.messages) <= 8
        sql("UPDATE mail_outboxmessage SET due_at = created_at WHERE due_at IS NOT NULL")
        start(server).communicate(timeout=60)
        sql("UPDATE alerts_alert SET due_at = created_at")
        start(server).communicate(timeout=60)
    sent = Counter(address for (address,), _ in server.messages)
    assert set(sent) == {alert.email for alert in alerts}
    # Taken by the server and not noted any more: at most one, which a mail program knows for the same.
    assert sum(sent.values()) <= 9
    twice = [message["Message-ID"] for (address,), message in server.messages if sent[address] > 1]
    assert len(set(twice)) == len([address for address in sent if sent[address] > 1])


@pytest.mark.django_db
def test_the_schedule_names_a_function_that_exists():
    schedule = Schedule.objects.get(func="offers.alerts.tasks.send_alerts")
    assert (schedule.minutes, schedule.repeats) == (1, -1)
    assert callable(tasks.send_alerts)


def test_the_clock_of_offers_is_not_turned_by_alerts(run):
    """Sending writes nothing that the pages or the index would have to look at."""
    offer = make_offer()
    make_alert()
    run()
    assert Offer.objects.get() == offer
