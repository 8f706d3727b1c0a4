"""The outbox: queued once with what a mail tells, sent at least once, retried by one policy."""

import smtplib
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from jobboard.mail import delivery, tasks
from jobboard.mail.delivery import MAILS_PER_CONNECTION, message_id
from jobboard.mail.kinds import Mail, mail_kind, registered_kinds
from jobboard.mail.models import INTERRUPTED, OutboxMessage
from jobboard.mail.outbox import queue_mail
from jobboard.mail.retry import MAX_ATTEMPTS, retry_delay
from jobboard.mail.tasks import send_outbox
from jobboard.privacy import purge
from jobboard.privacy import registry as personal
from jobboard.privacy.registry import Person
from tests.contact.processes import run_at_once
from tests.contact.smtp import mail_server
from tests.factories import make_lead, make_outbox_message, make_user
from tests.mail.outbox import due_again

pytestmark = pytest.mark.django_db


def test_the_attempts_are_spread_over_about_three_days():
    delays = [retry_delay(attempt) for attempt in range(1, MAX_ATTEMPTS)]
    assert timedelta(days=2, hours=12) < sum(delays, timedelta()) < timedelta(days=3, hours=12)
    assert delays == sorted(delays)
    assert delays[0] == timedelta(minutes=2)


def test_a_mail_is_queued_once_by_its_key(kind):
    name = kind()
    for key in (12, 12, 13, None, None):
        queue_mail(name, key)
    assert OutboxMessage.objects.count() == 4
    send_outbox()
    send_outbox()
    assert len(mail.outbox) == 4


def test_of_two_with_one_key_the_first_stays_as_it_was(kind):
    name = kind()
    queue_mail(name, 1, to="anne@example.org")
    queue_mail(name, 1, to="bea@example.org")
    send_outbox()
    assert [message.to for message in mail.outbox] == [["anne@example.org"]]


def test_a_kind_that_is_not_registered_is_refused_when_it_is_queued():
    with pytest.raises(LookupError):
        queue_mail("tests.unknown")
    assert not OutboxMessage.objects.exists()


def test_a_kind_is_registered_once(kind):
    name = kind()
    with pytest.raises(ValueError, match="registered already"):
        mail_kind(name, "encore")(lambda: None)


def test_what_is_taken_back_queues_nothing(kind):
    name = kind()
    with transaction.atomic():
        queue_mail(name)
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()
    assert not OrmQ.objects.exists()


def test_what_is_no_longer_due_is_cancelled(kind):
    queue_mail(kind(lambda: None, name="tests.gone"))
    queue_mail(kind(lambda: Mail("account/mail/password_changed", to=[]), name="tests.no_recipient"))
    send_outbox()
    assert mail.outbox == []
    for message in OutboxMessage.objects.all():
        assert (message.sent_at, message.due_at, message.error, message.is_given_up) == (None, None, "", False)
        assert message.state == "sans objet"


def test_a_mail_that_cannot_be_rendered_stops_no_other(kind, caplog):
    def render():
        raise KeyError("anne@example.org")

    queue_mail(kind(render, name="tests.broken"))
    queue_mail(kind())
    send_outbox()
    assert len(mail.outbox) == 1
    broken = OutboxMessage.objects.get(kind="tests.broken")
    assert (broken.attempts, broken.error) == (1, "KeyError")
    assert "anne" not in caplog.text


def test_a_kind_that_is_gone_is_given_up_and_named_by_its_code():
    message = make_outbox_message(kind="tests.old")
    for _ in range(MAX_ATTEMPTS):
        due_again()
        send_outbox()
    message.refresh_from_db()
    assert message.is_given_up
    assert (str(message), message.state) == ("tests.old", f"jamais parti ({MAX_ATTEMPTS}\u00a0essais), LookupError")


# Message-ID -----------------------------------------------------------------------------------------------------------


def test_the_message_id_is_the_same_at_each_attempt_and_counts_nothing(settings):
    settings.SITE_URL = "https://emploi.example"
    first, second = make_outbox_message(key="contact.notification:1"), make_outbox_message(key="contact.notification:2")
    assert message_id(first) == message_id(OutboxMessage.objects.get(pk=first.pk))
    assert message_id(first) != message_id(second)
    local, _, host = message_id(first).strip("<>").partition("@")
    assert host == "emploi.example"
    assert len(local) == 32
    OutboxMessage.objects.filter(pk=first.pk).delete()
    again = make_outbox_message(key="contact.notification:1")
    assert message_id(again) == message_id(first), "nothing in it is the primary key"


# Claims ---------------------------------------------------------------------------------------------------------------


def test_an_attempt_is_claimed_once():
    message = make_outbox_message()
    other = OutboxMessage.objects.get()
    assert message.claim()
    assert not other.claim()
    message.refresh_from_db()
    assert (message.attempts, message.error) == (1, INTERRUPTED), "a process that dies leaves a trace"
    assert message.due_at - timezone.now() > timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_workers_at_once_send_each_mail_once(kind, monkeypatch):
    name = kind()
    for number in range(20):
        queue_mail(name, number)
    together, next_batch = threading.Barrier(2, timeout=20), tasks._next_batch

    def meeting():
        # Both have seen the same rows before either claims one.
        found = next_batch()
        if found:
            together.wait()
        return found

    monkeypatch.setattr(tasks, "_next_batch", meeting)
    failures = []

    def work():
        try:
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
    assert len(mail.outbox) == 20


@pytest.mark.django_db(transaction=True)
def test_processes_at_once_send_each_mail_once(tmp_path):
    user = make_user(email="anne@example.org")
    for number in range(6):
        make_outbox_message(
            "accounts.password_changed", key=f"accounts.password_changed:{number}", context={"user": user.pk}
        )
    with mail_server() as server:
        lines = run_at_once(
            f"""
from django.conf import settings
from jobboard.mail.tasks import send_outbox
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", {server.port}
send_outbox()
print("done")
""",
            2,
            tmp_path,
        )
    assert lines == ["done", "done"]
    assert len({message["Message-ID"] for _, message in server.messages}) == len(server.messages) == 6


# The mail server ------------------------------------------------------------------------------------------------------


def test_one_connection_serves_many_mails(kind, monkeypatch):
    opened = []
    monkeypatch.setattr(delivery, "get_connection", lambda: opened.append(1) or mail.get_connection())
    name = kind()
    for number in range(MAILS_PER_CONNECTION + 1):
        queue_mail(name, number)
    send_outbox()
    assert len(mail.outbox) == MAILS_PER_CONNECTION + 1
    assert len(opened) == 2


def test_a_connection_that_breaks_leaves_the_others_their_attempt(kind, monkeypatch):
    name = kind()
    for number in range(3):
        queue_mail(name, number)
    send = mail.EmailMultiAlternatives.send

    def breaks(message, *args, **kwargs):
        if mail.outbox:
            raise smtplib.SMTPServerDisconnected("anne@example.org")
        return send(message, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMultiAlternatives, "send", breaks)
        send_outbox()
    rows = OutboxMessage.objects.order_by("pk")
    assert [(row.attempts, row.error) for row in rows] == [(1, ""), (1, "SMTPServerDisconnected"), (0, "")]
    due_again()
    send_outbox()
    assert len(mail.outbox) == 3


def test_a_refused_mail_calls_its_kind_after_the_last_attempt_only(kind, smtp):
    refused = []
    name = kind(
        name="tests.bulk", rate_limit="ALERT_MAILS_PER_SECOND", on_refused=lambda **context: refused.append(context)
    )
    with mail_server(refused=["anne@example.org"]) as server:
        smtp(server)
        queue_mail(name, to="anne@example.org")
        for attempt in range(MAX_ATTEMPTS):
            assert refused == [], attempt
            due_again()
            send_outbox()
    assert refused == [{"to": "anne@example.org"}]


def test_a_server_that_is_away_for_days_is_no_refusal(kind, settings):
    refused = []
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    queue_mail(kind(on_refused=lambda **context: refused.append(context)))
    for _ in range(MAX_ATTEMPTS):
        due_again()
        send_outbox()
    assert OutboxMessage.objects.get().is_given_up
    assert refused == []


# Time -----------------------------------------------------------------------------------------------------------------


def test_bulk_mail_leaves_after_the_others(kind, settings):
    settings.ALERT_MAILS_PER_SECOND = 100_000
    bulk = kind(
        lambda: Mail("account/mail/codes_made", to=["b@example.org"]), "tests.bulk", rate_limit="ALERT_MAILS_PER_SECOND"
    )
    queue_mail(bulk)
    queue_mail(bulk)
    queue_mail(kind())
    send_outbox()
    assert [message.to for message in mail.outbox] == [["anne@example.org"], ["b@example.org"], ["b@example.org"]]


def test_what_there_is_no_time_for_is_left_to_another_task(kind):
    name = kind()
    for number in range(3):
        queue_mail(name, number)
    OrmQ.objects.all().delete()
    send_outbox(seconds=-1)
    assert mail.outbox == []
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {0}
    assert OrmQ.objects.get().func() == "jobboard.mail.tasks.send_outbox"
    send_outbox()
    assert len(mail.outbox) == 3


def test_it_is_scheduled():
    schedule = Schedule.objects.get(func="jobboard.mail.tasks.send_outbox")
    assert (schedule.minutes, schedule.repeats) == (1, -1)
    functions = set(Schedule.objects.values_list("func", flat=True))
    assert not {name for name in functions if "mails" in name}, "one task sends all mail"


# Personal data --------------------------------------------------------------------------------------------------------


def test_an_address_is_cleared_when_its_mail_was_sent():
    queue_mail("accounts.account_deleted", recipient="anne@example.org")
    assert list(personal.export(Person(email="Anne@example.org"))) == ["E-mails du site"]
    send_outbox()
    assert [message.to for message in mail.outbox] == [["anne@example.org"]]
    assert OutboxMessage.objects.get().recipient == ""
    assert personal.export(Person(email="anne@example.org")) == {}


def test_an_address_is_erased_with_its_mail():
    queue_mail("accounts.account_deleted", recipient="anne@example.org")
    queue_mail("accounts.account_deleted", recipient="bea@example.org")
    assert personal.erase(Person(email="anne@example.org")) == {"mail.OutboxMessage": 1}
    send_outbox()
    assert [message.to for message in mail.outbox] == [["bea@example.org"]]


def test_the_purge_deletes_addresses_after_a_day_and_the_rest_in_its_time(settings):
    now = timezone.now()
    old = now - timedelta(days=settings.OUTBOX_RETENTION_DAYS, minutes=1)
    make_outbox_message(recipient="anne@example.org", created_at=now - timedelta(days=1, minutes=1))
    make_outbox_message(due_at=None, sent_at=old, created_at=old)
    make_outbox_message(due_at=None, error="KeyError", created_at=old)
    kept = [
        make_outbox_message(recipient="bea@example.org"),
        make_outbox_message(created_at=old),
        make_outbox_message(due_at=None, sent_at=now),
    ]
    purge.run()
    assert list(OutboxMessage.objects.order_by("pk")) == kept


def test_nothing_but_primary_keys_lies_in_the_outbox(client):
    lead = make_lead(email="anne@example.org", name="Anne Lefèvre")
    queue_mail("contact.acknowledgement", lead.pk, lead=lead.pk)
    send_outbox()
    assert "anne" not in str(OutboxMessage.objects.values().get()).lower()


def test_each_kind_has_a_label_and_each_template_a_subject(settings):
    assert len(registered_kinds()) > 25
    templates = {path.name for path in (settings.BASE_DIR / "templates").glob("**/mail/*_body.txt")}
    subjects = {path.name for path in (settings.BASE_DIR / "templates").glob("**/mail/*_subject.txt")}
    assert {name.replace("_body", "_subject") for name in templates} == subjects
    for kind in registered_kinds():
        assert kind.label
        assert kind.name.count(".") == 1
    assert len({kind.label for kind in registered_kinds()}) == len(registered_kinds())


def test_no_other_module_sends_mail(settings):
    """What is sent past the outbox is lost with the process, and makes a page wait."""
    senders = []
    for folder in ("jobboard", "careers", "offers"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            text = path.read_text()
            if "from django.core.mail" in text or "send_mail(" in text:
                senders.append(str(path.relative_to(settings.BASE_DIR)))
    assert sorted(senders) == ["jobboard/accounts/adapter.py", "jobboard/mail/delivery.py"]
