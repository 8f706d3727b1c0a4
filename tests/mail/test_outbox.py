"""The outbox: idempotent queueing, Message-IDs, claims of workers, and errors of the mail server."""

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
from tests.contact.smtp import mail_server, use_mail_server
from tests.factories import make_lead, make_outbox_message, make_user
from tests.mail.outbox import due_again
from tests.threads import run_in_threads

pytestmark = pytest.mark.django_db


def test_attempts_are_spread_over_about_three_days():
    delays = [retry_delay(attempt) for attempt in range(1, MAX_ATTEMPTS)]
    assert timedelta(days=2, hours=12) < sum(delays, timedelta()) < timedelta(days=3, hours=12)
    assert delays == sorted(delays)
    assert delays[0] == timedelta(minutes=2)


def test_mail_is_queued_once_for_each_key(register_kind):
    name = register_kind()
    for key in (12, 12, 13, None, None):
        queue_mail(name, key)
    assert OutboxMessage.objects.count() == 4
    send_outbox()
    send_outbox()
    assert len(mail.outbox) == 4


def test_second_mail_with_the_same_key_is_ignored(register_kind):
    name = register_kind()
    queue_mail(name, 1, to="anne@example.org")
    queue_mail(name, 1, to="bea@example.org")
    send_outbox()
    assert [message.to for message in mail.outbox] == [["anne@example.org"]]


def test_unknown_kind_cannot_be_queued():
    with pytest.raises(LookupError):
        queue_mail("tests.unknown")
    assert not OutboxMessage.objects.exists()


def test_kind_cannot_be_registered_twice(register_kind):
    name = register_kind()
    with pytest.raises(ValueError, match="registered already"):
        mail_kind(name, "encore")(lambda: None)


def test_rollback_queues_nothing(register_kind):
    name = register_kind()
    with transaction.atomic():
        queue_mail(name)
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()
    assert not OrmQ.objects.exists()


def test_mail_without_content_or_recipient_is_cancelled(register_kind):
    queue_mail(register_kind(lambda: None, name="tests.gone"))
    queue_mail(register_kind(lambda: Mail("account/mail/password_changed", to=[]), name="tests.no_recipient"))
    send_outbox()
    assert mail.outbox == []
    for message in OutboxMessage.objects.all():
        assert (message.sent_at, message.due_at, message.error, message.is_given_up) == (None, None, "", False)
        assert message.state == "sans objet"


def test_failed_rendering_does_not_stop_the_other_mails(register_kind, caplog):
    def render():
        raise KeyError("anne@example.org")

    queue_mail(register_kind(render, name="tests.broken"))
    queue_mail(register_kind())
    send_outbox()
    assert len(mail.outbox) == 1
    broken = OutboxMessage.objects.get(kind="tests.broken")
    assert (broken.attempts, broken.error) == (1, "KeyError")
    assert "anne" not in caplog.text


def test_message_of_an_unregistered_kind_is_given_up_and_shows_its_name():
    message = make_outbox_message(kind="tests.old")
    for _ in range(MAX_ATTEMPTS):
        due_again()
        send_outbox()
    message.refresh_from_db()
    assert message.is_given_up
    assert (str(message), message.state) == ("tests.old", f"jamais parti ({MAX_ATTEMPTS}\u00a0essais), LookupError")


# Message-ID -----------------------------------------------------------------------------------------------------------


def test_message_id_depends_on_the_key_and_not_on_the_pk(settings):
    settings.SITE_URL = "https://emploi.example"
    first, second = make_outbox_message(key="contact.notification:1"), make_outbox_message(key="contact.notification:2")
    assert message_id(first) == message_id(OutboxMessage.objects.get(pk=first.pk))
    assert message_id(first) != message_id(second)
    local, _, host = message_id(first).strip("<>").partition("@")
    assert host == "emploi.example"
    assert len(local) == 32
    OutboxMessage.objects.filter(pk=first.pk).delete()
    recreated = make_outbox_message(key="contact.notification:1")
    assert message_id(recreated) == message_id(first), "it does not contain the pk"


# Claims ---------------------------------------------------------------------------------------------------------------


def test_attempt_is_claimed_once():
    message = make_outbox_message()
    same = OutboxMessage.objects.get()
    assert message.claim()
    assert not same.claim()
    message.refresh_from_db()
    assert (message.attempts, message.error) == (1, INTERRUPTED), "a killed process leaves this error"
    assert message.due_at - timezone.now() > timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_concurrent_threads_send_each_mail_once(register_kind, monkeypatch):
    name = register_kind()
    for key in range(20):
        queue_mail(name, key)
    barrier, next_batch = threading.Barrier(2, timeout=20), tasks._next_batch

    def next_batch_together():
        # Both threads have read the same rows before either claims one.
        batch = next_batch()
        if batch:
            barrier.wait()
        return batch

    monkeypatch.setattr(tasks, "_next_batch", next_batch_together)
    assert run_in_threads(send_outbox, send_outbox) == []
    assert len(mail.outbox) == 20


@pytest.mark.django_db(transaction=True)
def test_concurrent_processes_send_each_mail_once(tmp_path):
    user = make_user(email="anne@example.org")
    for i in range(6):
        make_outbox_message(
            "accounts.password_changed", key=f"accounts.password_changed:{i}", context={"user": user.pk}
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


def test_connection_is_reused_for_many_mails(register_kind, monkeypatch):
    opened = []
    monkeypatch.setattr(delivery, "get_connection", lambda: opened.append(1) or mail.get_connection())
    name = register_kind()
    for key in range(MAILS_PER_CONNECTION + 1):
        queue_mail(name, key)
    send_outbox()
    assert len(mail.outbox) == MAILS_PER_CONNECTION + 1
    assert len(opened) == 2


def test_broken_connection_costs_one_attempt_of_one_mail(register_kind, monkeypatch):
    name = register_kind()
    for key in range(3):
        queue_mail(name, key)
    send = mail.EmailMultiAlternatives.send

    def break_connection(message, *args, **kwargs):
        if mail.outbox:
            raise smtplib.SMTPServerDisconnected("anne@example.org")
        return send(message, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMultiAlternatives, "send", break_connection)
        send_outbox()
    rows = OutboxMessage.objects.order_by("pk")
    assert [(row.attempts, row.error) for row in rows] == [(1, ""), (1, "SMTPServerDisconnected"), (0, "")]
    due_again()
    send_outbox()
    assert len(mail.outbox) == 3


def test_on_refused_is_called_only_after_the_last_attempt(register_kind, settings):
    refused = []
    name = register_kind(
        name="tests.bulk", rate_limit="ALERT_MAILS_PER_SECOND", on_refused=lambda **context: refused.append(context)
    )
    with mail_server(refused=["anne@example.org"]) as server:
        use_mail_server(settings, server.port)
        queue_mail(name, to="anne@example.org")
        for attempt in range(MAX_ATTEMPTS):
            assert refused == [], attempt
            due_again()
            send_outbox()
    assert refused == [{"to": "anne@example.org"}]


def test_unreachable_server_does_not_call_on_refused(register_kind, settings):
    refused = []
    use_mail_server(settings, port=9)
    queue_mail(register_kind(on_refused=lambda **context: refused.append(context)))
    for _ in range(MAX_ATTEMPTS):
        due_again()
        send_outbox()
    assert OutboxMessage.objects.get().is_given_up
    assert refused == []


# Order and time limit -------------------------------------------------------------------------------------------------


def test_bulk_mail_is_sent_after_the_others(register_kind, settings):
    settings.ALERT_MAILS_PER_SECOND = 100_000
    bulk = register_kind(
        lambda: Mail("account/mail/codes_made", to=["b@example.org"]), "tests.bulk", rate_limit="ALERT_MAILS_PER_SECOND"
    )
    queue_mail(bulk)
    queue_mail(bulk)
    queue_mail(register_kind())
    send_outbox()
    assert [message.to for message in mail.outbox] == [["anne@example.org"], ["b@example.org"], ["b@example.org"]]


def test_task_at_its_time_limit_queues_another_task(register_kind):
    name = register_kind()
    for key in range(3):
        queue_mail(name, key)
    OrmQ.objects.all().delete()
    send_outbox(seconds=-1)
    assert mail.outbox == []
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {0}
    assert OrmQ.objects.get().func() == "jobboard.mail.tasks.send_outbox"
    send_outbox()
    assert len(mail.outbox) == 3


def test_one_task_is_scheduled_for_all_mail():
    schedule = Schedule.objects.get(func="jobboard.mail.tasks.send_outbox")
    assert (schedule.minutes, schedule.repeats) == (1, -1)
    functions = set(Schedule.objects.values_list("func", flat=True))
    assert not {name for name in functions if "mails" in name}, "one task sends all mail"


# Personal data --------------------------------------------------------------------------------------------------------


def test_recipient_is_cleared_after_sending():
    queue_mail("accounts.account_deleted", recipient="anne@example.org")
    assert list(personal.export(Person(email="Anne@example.org"))) == ["E-mails du site"]
    send_outbox()
    assert [message.to for message in mail.outbox] == [["anne@example.org"]]
    assert OutboxMessage.objects.get().recipient == ""
    assert personal.export(Person(email="anne@example.org")) == {}


def test_erasure_deletes_the_pending_messages_of_an_address():
    queue_mail("accounts.account_deleted", recipient="anne@example.org")
    queue_mail("accounts.account_deleted", recipient="bea@example.org")
    assert personal.erase(Person(email="anne@example.org")) == {"mail.OutboxMessage": 1}
    send_outbox()
    assert [message.to for message in mail.outbox] == [["bea@example.org"]]


def test_purge_deletes_old_messages_and_recipients_after_one_day(settings):
    now = timezone.now()
    old = now - timedelta(days=settings.OUTBOX_RETENTION_DAYS, minutes=1)
    make_outbox_message(recipient="anne@example.org", created_at=now - timedelta(days=1, minutes=1))
    make_outbox_message(due_at=None, sent_at=old, created_at=old)
    make_outbox_message(due_at=None, error="KeyError", created_at=old)
    current = [
        make_outbox_message(recipient="bea@example.org"),
        make_outbox_message(created_at=old),
        make_outbox_message(due_at=None, sent_at=now),
    ]
    purge.run()
    assert list(OutboxMessage.objects.order_by("pk")) == current


def test_outbox_stores_pks_instead_of_personal_data(client):
    lead = make_lead(email="anne@example.org", name="Anne Lefèvre")
    queue_mail("contact.acknowledgement", lead.pk, lead=lead.pk)
    send_outbox()
    assert "anne" not in str(OutboxMessage.objects.values().get()).lower()


def test_each_kind_has_a_unique_label_and_each_body_template_a_subject(settings):
    assert len(registered_kinds()) > 25
    templates = {path.name for path in (settings.BASE_DIR / "templates").glob("**/mail/*_body.txt")}
    subjects = {path.name for path in (settings.BASE_DIR / "templates").glob("**/mail/*_subject.txt")}
    assert {name.replace("_body", "_subject") for name in templates} == subjects
    for kind in registered_kinds():
        assert kind.label
        assert kind.name.count(".") == 1
    assert len({kind.label for kind in registered_kinds()}) == len(registered_kinds())


def test_no_other_module_sends_mail(settings):
    """A mail sent without the outbox is lost if the process is killed, and delays the response."""
    senders = []
    for folder in ("jobboard", "careers", "offers"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            text = path.read_text()
            if "from django.core.mail" in text or "send_mail(" in text:
                senders.append(str(path.relative_to(settings.BASE_DIR)))
    assert sorted(senders) == ["jobboard/accounts/adapter.py", "jobboard/mail/delivery.py"]
