"""The two mails of a lead, with the task queue's own worker and a mail server that is well or not."""

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
from tests.contact.smtp import mail_server
from tests.mail.outbox import due_again


def run_queue():
    """What the cluster's three processes do, one after the other, until the queue is empty."""
    waiting, done, stop = Queue(), Queue(), multiprocessing.Event()
    stop.set()
    for _ in range(OrmQ.objects.filter(lock__lte=timezone.now()).count()):
        pusher(waiting, stop, get_broker())
    waiting.put("STOP")
    worker(waiting, done, Value("f", -1), 60)
    done.put("STOP")
    monitor(done, get_broker())


@pytest.fixture
def smtp(settings):
    def connect(server):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 0.5

    return connect


@pytest.fixture(autouse=True)
def team(settings):
    settings.TEAM_EMAILS = ["equipe@example.org"]
    settings.SITE_URL = "https://emploi.example"


def new_lead(**fields) -> Lead:
    fields = {"name": "Anne", "company": "Exemple", "email": "anne@example.org", "message": "Bonjour", **fields}
    return receive(Lead(**fields), uuid.uuid4(), "192.0.2.1")


def messages(lead) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.about("contact", lead=lead.pk).order_by("pk"))


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_both_mails_and_leaves_no_trace():
    lead = new_lead(company="A & B <SAS>", role="CTO", message="L’équipe grandit.")
    run_queue()

    team, person = mail.outbox
    assert team.to == ["equipe@example.org"]
    assert team.reply_to == ["anne@example.org"]
    assert team.subject == "Demande de A & B <SAS>\u00a0: CTO"
    assert "L’équipe grandit." in team.body
    assert f"https://emploi.example/admin/contact/lead/{lead.pk}/change/" in team.body
    assert person.to == ["anne@example.org"]
    assert "L’équipe grandit." not in person.body, "nobody’s words are sent to an address that anyone can type"
    assert "A & B" not in person.body + person.subject
    assert person.extra_headers["Auto-Submitted"] == "auto-replied"
    assert all(message.sent_at and message.due_at is None for message in messages(lead))
    assert not OrmQ.objects.exists()
    assert not Task.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_task_that_runs_again_sends_nothing_again():
    lead = new_lead()
    send_outbox()
    send_outbox()
    run_queue()
    assert len(mail.outbox) == len(messages(lead)) == 2


@pytest.mark.django_db(transaction=True)
def test_a_lead_deleted_meanwhile():
    new_lead().delete()
    run_queue()
    assert mail.outbox == []
    assert not OrmQ.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_dead_server_loses_nothing(smtp, caplog):
    with mail_server() as server:
        smtp(server)
    lead = new_lead()  # the server is closed by now
    run_queue()

    tried, other = messages(lead)
    assert (tried.sent_at, tried.attempts, tried.error) == (None, 1, "ConnectionRefusedError")
    assert timedelta(minutes=1) < tried.due_at - timezone.now() <= timedelta(minutes=2)
    assert (other.sent_at, other.attempts) == (None, 0), "a server that does not answer one mail answers none"
    assert "anne" not in caplog.text.lower()
    assert not Task.objects.exists()

    send_outbox()
    assert [message.attempts for message in messages(lead)] == [1, 1], "not before its time"

    due_again()
    with mail_server() as server:
        smtp(server)
        send_outbox()
    assert [recipients for recipients, _ in server.messages] == [["equipe@example.org"], ["anne@example.org"]]
    assert all(message.sent_at and message.error == "" for message in messages(lead))


@pytest.mark.django_db
def test_a_hanging_server_is_left_after_the_timeout_and_not_asked_for_every_mail(smtp):
    with mail_server(hangs=True) as server:
        smtp(server)
        first, second = new_lead(), new_lead()
        start = time.monotonic()
        send_outbox()
        assert time.monotonic() - start < 2
    assert [message.attempts for lead in (first, second) for message in messages(lead)] == [1, 0, 0, 0]


@pytest.mark.django_db
def test_a_refused_recipient_keeps_the_other_mail_from_nothing_and_is_given_up(smtp, caplog):
    with mail_server(refused=["anne@example.org"]) as server:
        smtp(server)
        lead = new_lead()
        for _ in range(30):
            due_again()
            send_outbox()
    assert len(server.messages) == 1, "the team heard of it once"
    notification, acknowledgement = messages(lead)
    assert notification.sent_at is not None
    assert acknowledgement.sent_at is None
    assert acknowledgement.attempts == MAX_ATTEMPTS
    assert acknowledgement.due_at is None
    assert acknowledgement.is_given_up
    assert list(OutboxMessage.objects.given_up()) == [acknowledgement]
    assert acknowledgement.error == "SMTPRecipientsRefused 550"
    assert "anne" not in caplog.text.lower()


@pytest.mark.django_db
def test_a_worker_that_dies_while_sending_only_delays_the_mail(monkeypatch):
    """A SystemExit is what django-q2 raises in a task at its time limit; a kill leaves as little behind."""
    lead = new_lead()

    def dies(*args):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("jobboard.mail.delivery.compose", dies)
        with pytest.raises(SystemExit):
            send_outbox()
    assert mail.outbox == []
    assert OrmQ.objects.count() == 1, "the queue keeps what nobody acknowledged"
    assert [message.attempts for message in messages(lead)] == [1, 0]
    due_again()
    send_outbox()
    assert len(mail.outbox) == 2


@pytest.mark.django_db
def test_senders_are_forgotten_after_their_hour():
    Sender.objects.count_message("192.0.2.1", at=timezone.now() - timedelta(hours=2))
    Sender.objects.count_message("192.0.2.2")
    tasks.delete_expired_senders()
    assert Sender.objects.count() == 1


@pytest.mark.django_db
def test_the_schedules_name_functions_that_exist():
    names = set(Schedule.objects.filter(func__startswith="jobboard.contact.").values_list("func", flat=True))
    assert names == {"jobboard.contact.tasks.delete_expired_senders"}
    assert callable(tasks.delete_expired_senders)
