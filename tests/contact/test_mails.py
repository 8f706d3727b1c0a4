"""The two mails of a lead, sent by the worker of the task queue, with working and failing mail servers."""

import multiprocessing
import time
import uuid
from datetime import timedelta
from multiprocessing import Queue, Value

import pytest
from django.core import mail
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ, Schedule, Task
from django_q.monitor import monitor
from django_q.pusher import pusher
from django_q.worker import worker

from jobboard.contact import tasks
from jobboard.contact.intake import receive
from jobboard.contact.models import Lead, Sender
from jobboard.mail.models import OutboxMessage
from jobboard.mail.retry import MAX_ATTEMPTS
from jobboard.mail.tasks import send_outbox
from tests.contact.smtp import mail_server, use_mail_server
from tests.mail.outbox import due_again


def run_queue():
    """Run the due tasks like the pusher, worker and monitor processes of a cluster, one after the other."""
    waiting, done, stop = Queue(), Queue(), multiprocessing.Event()
    stop.set()
    for _ in range(OrmQ.objects.filter(lock__lte=timezone.now()).count()):
        pusher(waiting, stop, get_broker())
    waiting.put("STOP")
    worker(waiting, done, Value("f", -1), 60)
    done.put("STOP")
    monitor(done, get_broker())


@pytest.fixture(autouse=True)
def team(settings):
    settings.TEAM_EMAILS = ["equipe@example.org"]
    settings.SITE_URL = "https://emploi.example"


def receive_lead(**fields) -> Lead:
    fields = {
        "subject": "recruteur",
        "name": "Anne",
        "company": "Exemple",
        "email": "anne@example.org",
        "message": "Bonjour",
        **fields,
    }
    return receive(Lead(**fields), uuid.uuid4(), "192.0.2.1")


def messages_of(lead) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.about("contact", lead=lead.pk).order_by("pk"))


@pytest.mark.django_db(transaction=True)
def test_worker_sends_both_mails_and_leaves_no_task():
    lead = receive_lead(company="A & B <SAS>", role="CTO", message="L’équipe grandit.")
    run_queue()

    team, person = mail.outbox
    assert team.to == ["equipe@example.org"]
    assert team.reply_to == ["anne@example.org"]
    assert team.subject == "Je recrute\u00a0: A & B <SAS>, CTO"
    assert "L’équipe grandit." in team.body
    assert f"https://emploi.example/admin/contact/lead/{lead.pk}/change/" in team.body
    assert person.to == ["anne@example.org"]
    assert "L’équipe grandit." not in person.body, "the form must not send text of its author to any e-mail address"
    assert "A & B" not in person.body + person.subject
    assert person.extra_headers["Auto-Submitted"] == "auto-replied"
    assert all(message.sent_at and message.due_at is None for message in messages_of(lead))
    assert not OrmQ.objects.exists()
    assert not Task.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_repeated_task_sends_nothing_twice():
    lead = receive_lead()
    send_outbox()
    send_outbox()
    run_queue()
    assert len(mail.outbox) == len(messages_of(lead)) == 2


@pytest.mark.django_db(transaction=True)
def test_mails_of_a_deleted_lead_are_not_sent():
    receive_lead().delete()
    run_queue()
    assert mail.outbox == []
    assert not OrmQ.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_unreachable_server_loses_no_mail(settings, caplog):
    with mail_server() as server:
        use_mail_server(settings, server.port)
    lead = receive_lead()  # the server is closed by now
    run_queue()

    attempted, other = messages_of(lead)
    assert (attempted.sent_at, attempted.attempts, attempted.error) == (None, 1, "ConnectionRefusedError")
    assert timedelta(minutes=1) < attempted.due_at - timezone.now() <= timedelta(minutes=2)
    assert (other.sent_at, other.attempts) == (None, 0), "the task stops after the first connection error"
    assert "anne" not in caplog.text.lower()
    assert not Task.objects.exists()

    send_outbox()
    assert [message.attempts for message in messages_of(lead)] == [1, 1], "not before its due_at"

    due_again()
    with mail_server() as server:
        use_mail_server(settings, server.port)
        send_outbox()
    assert [recipients for recipients, _ in server.messages] == [["equipe@example.org"], ["anne@example.org"]]
    assert all(message.sent_at and message.error == "" for message in messages_of(lead))


@pytest.mark.django_db
def test_hanging_server_stops_the_task_after_one_attempt(settings):
    with mail_server(hangs=True) as server:
        use_mail_server(settings, server.port)
        first, second = receive_lead(), receive_lead()
        start = time.monotonic()
        send_outbox()
        assert time.monotonic() - start < 2
    assert [message.attempts for lead in (first, second) for message in messages_of(lead)] == [1, 0, 0, 0]


@pytest.mark.django_db
def test_refused_recipient_is_given_up_and_does_not_stop_the_other_mail(settings, caplog):
    with mail_server(refused=["anne@example.org"]) as server:
        use_mail_server(settings, server.port)
        lead = receive_lead()
        for _ in range(30):
            due_again()
            send_outbox()
    assert len(server.messages) == 1, "the team is notified once"
    notification, acknowledgement = messages_of(lead)
    assert notification.sent_at is not None
    assert acknowledgement.sent_at is None
    assert acknowledgement.attempts == MAX_ATTEMPTS
    assert acknowledgement.due_at is None
    assert acknowledgement.is_given_up
    assert list(OutboxMessage.objects.given_up()) == [acknowledgement]
    assert acknowledgement.error == "SMTPRecipientsRefused 550"
    assert "anne" not in caplog.text.lower()


@pytest.mark.django_db
def test_worker_killed_while_sending_only_delays_the_mail(monkeypatch):
    """django-q2 raises SystemExit in a task at its time limit; like a kill, it leaves the message claimed."""
    lead = receive_lead()

    def exit_process(*args):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("jobboard.mail.delivery.compose", exit_process)
        with pytest.raises(SystemExit):
            send_outbox()
    assert mail.outbox == []
    assert OrmQ.objects.count() == 1, "a task without acknowledgement stays in the queue"
    assert [message.attempts for message in messages_of(lead)] == [1, 0]
    due_again()
    send_outbox()
    assert len(mail.outbox) == 2


@pytest.mark.django_db
def test_senders_are_deleted_after_one_hour():
    Sender.objects.count_message("192.0.2.1", at=timezone.now() - timedelta(hours=2))
    Sender.objects.count_message("192.0.2.2")
    tasks.delete_expired_senders()
    assert Sender.objects.count() == 1


@pytest.mark.django_db
def test_only_the_deletion_of_senders_is_scheduled():
    names = set(Schedule.objects.filter(func__startswith="jobboard.contact.").values_list("func", flat=True))
    assert names == {"jobboard.contact.tasks.delete_expired_senders"}
    assert callable(tasks.delete_expired_senders)
