"""Mail servers that are away, hang or refuse; a worker that is killed over a file."""

import os
import shlex
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as site_settings
from django.core.files.base import ContentFile
from django.utils import timezone

from jobboard.mail.models import OutboxMessage
from jobboard.mail.outbox import queue_mail
from jobboard.mail.retry import MAX_ATTEMPTS
from jobboard.mail.tasks import send_outbox
from offers.applications.enums import CvState
from tests.applications.pdfs import make_pdf
from tests.contact.processes import database_url
from tests.contact.smtp import mail_server
from tests.factories import make_application
from tests.mail.outbox import due_again


@pytest.fixture
def smtp(settings):
    def connect(server):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 0.5

    return connect


def queue(kind="confirmation", **fields) -> OutboxMessage:
    application = make_application(**fields)
    if kind == "decline":
        application.decline(None, message="Merci, mais non.")
    else:
        queue_mail(f"applications.{kind}", application.pk, application=application.pk)
    return OutboxMessage.objects.about("applications", application=application.pk).get()


@pytest.mark.django_db
def test_a_dead_server_loses_nothing_and_repeats_nothing(smtp, caplog):
    with mail_server() as server:
        smtp(server)
    for number in range(3):
        queue(email=f"anne{number}@example.org")
    send_outbox()  # the server is closed by now
    assert [mail.attempts for mail in OutboxMessage.objects.order_by("pk")] == [1, 0, 0]
    assert OutboxMessage.objects.order_by("pk").first().error == "ConnectionRefusedError"
    assert "anne" not in caplog.text.lower()
    due_again()
    with mail_server() as server:
        smtp(server)
        send_outbox()
        send_outbox()
        send_outbox()
    assert [recipients for recipients, _ in server.messages] == [[f"anne{number}@example.org"] for number in range(3)]
    assert not OutboxMessage.objects.filter(sent_at=None).exists()


@pytest.mark.django_db
def test_a_hanging_server_is_left_after_the_timeout_and_not_asked_for_every_mail(smtp):
    with mail_server(hangs=True) as server:
        smtp(server)
        queue()
        queue()
        start = time.monotonic()
        send_outbox()
        assert time.monotonic() - start < 5
    assert sorted(OutboxMessage.objects.values_list("attempts", flat=True)) == [0, 1]


@pytest.mark.django_db
def test_a_refused_recipient_stops_nobody_else_and_is_given_up(smtp, caplog):
    with mail_server(refused=["anne@example.org"]) as server:
        smtp(server)
        refused = queue(email="anne@example.org")
        queue(kind="decline", email="bilal@example.org")
        for _ in range(MAX_ATTEMPTS + 2):
            due_again()
            send_outbox()
    assert [recipients for recipients, _ in server.messages] == [["bilal@example.org"]]
    assert server.messages[0][1]["Message-ID"].endswith(">")
    refused.refresh_from_db()
    assert (refused.attempts, refused.due_at, refused.sent_at) == (MAX_ATTEMPTS, None, None)
    assert refused.error == "SMTPRecipientsRefused 550"
    assert "anne" not in caplog.text.lower()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_over_a_file_leaves_it_shut_and_it_is_taken_up_again(tmp_path, settings):
    application = make_application(cv="", cv_state=CvState.WAITING, cv_due_at=timezone.now())
    application.cv.save("", ContentFile(make_pdf()))
    started = tmp_path / "started"
    hang = f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(60)"
    environment = {
        **os.environ,
        "JOBBOARD_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "jobboard.settings",
        "DATABASE_URL": database_url(tmp_path),
        "PRIVATE_DIR": str(settings.PRIVATE_DIR),
        "SECRET_KEY": "essai",
    }

    def run(code, **more):
        code = f"import django; django.setup(); pk = {application.pk}\n{code}"
        return subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=site_settings.BASE_DIR,
            env={**environment, **more},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    check = "from offers.applications import tasks; tasks.check_cv(pk)"
    look = "from offers.applications.models import Application; a = Application.objects.get(pk=pk)\n"
    tell = f"{look}print(a.cv_state, a.cv_attempts, a.cv_can_be_opened)"
    worker = run(check, CV_ANTIVIRUS_COMMAND=shlex.join([sys.executable, "-c", hang]))
    end = time.monotonic() + 60
    while not started.exists() and time.monotonic() < end:
        time.sleep(0.05)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate(timeout=30)
    again = "from django.utils import timezone\nApplication.objects.update(cv_due_at=timezone.now())\n"
    told = run(f"{tell}\n{again}{check}\n{tell}").communicate(timeout=60)[0]
    assert told.splitlines() == ["waiting 1 False", "safe 2 True"]
