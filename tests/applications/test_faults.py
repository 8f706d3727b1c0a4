"""Mail servers that are unreachable, hang or refuse, and a worker that is killed during a check of a CV."""

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
from tests.contact.smtp import mail_server, use_mail_server
from tests.factories import make_application
from tests.mail.outbox import due_again


def queue_application_mail(kind="confirmation", **fields) -> OutboxMessage:
    """Queue the mail of this kind about a new application."""
    application = make_application(**fields)
    if kind == "decline":
        application.decline(None, message="Merci, mais non.")
    else:
        queue_mail(f"applications.{kind}", application.pk, application=application.pk)
    return OutboxMessage.objects.about("applications", application=application.pk).get()


@pytest.mark.django_db
def test_unreachable_server_neither_loses_nor_repeats_a_mail(settings, caplog):
    with mail_server() as server:
        use_mail_server(settings, server.port)
    for i in range(3):
        queue_application_mail(email=f"anne{i}@example.org")
    send_outbox()  # the server is closed by now
    assert [mail.attempts for mail in OutboxMessage.objects.order_by("pk")] == [1, 0, 0]
    assert OutboxMessage.objects.order_by("pk").first().error == "ConnectionRefusedError"
    assert "anne" not in caplog.text.lower()
    due_again()
    with mail_server() as server:
        use_mail_server(settings, server.port)
        send_outbox()
        send_outbox()
        send_outbox()
    assert [recipients for recipients, _ in server.messages] == [[f"anne{i}@example.org"] for i in range(3)]
    assert not OutboxMessage.objects.filter(sent_at=None).exists()


@pytest.mark.django_db
def test_hanging_server_stops_the_task_after_one_attempt(settings):
    with mail_server(hangs=True) as server:
        use_mail_server(settings, server.port)
        queue_application_mail()
        queue_application_mail()
        start = time.monotonic()
        send_outbox()
        assert time.monotonic() - start < 5
    assert sorted(OutboxMessage.objects.values_list("attempts", flat=True)) == [0, 1]


@pytest.mark.django_db
def test_refused_recipient_is_given_up_and_does_not_stop_the_others(settings, caplog):
    with mail_server(refused=["anne@example.org"]) as server:
        use_mail_server(settings, server.port)
        refused = queue_application_mail(email="anne@example.org")
        queue_application_mail(kind="decline", email="bilal@example.org")
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
def test_killed_check_leaves_the_cv_closed_and_is_repeated(tmp_path, settings):
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

    def start_process(code, **variables):
        code = f"import django; django.setup(); pk = {application.pk}\n{code}"
        return subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=site_settings.BASE_DIR,
            env={**environment, **variables},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    check = "from offers.applications import tasks; tasks.check_cv(pk)"
    load = "from offers.applications.models import Application; a = Application.objects.get(pk=pk)\n"
    report = f"{load}print(a.cv_state, a.cv_attempts, a.cv_can_be_opened)"
    worker = start_process(check, CV_ANTIVIRUS_COMMAND=shlex.join([sys.executable, "-c", hang]))
    deadline = time.monotonic() + 60
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate(timeout=30)
    make_due = "from django.utils import timezone\nApplication.objects.update(cv_due_at=timezone.now())\n"
    output = start_process(f"{report}\n{make_due}{check}\n{report}").communicate(timeout=60)[0]
    assert output.splitlines() == ["waiting 1 False", "safe 2 True"]
