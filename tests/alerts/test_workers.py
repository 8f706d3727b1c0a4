"""Runs of several workers at once, a worker that is killed, and the schedule."""

import subprocess
import sys
import threading
import time
from collections import Counter
from uuid import uuid4

import pytest
from django.conf import settings as site_settings
from django.core import mail
from django.db import connection
from django_q.models import Schedule

from jobboard.mail.tasks import send_outbox
from offers.alerts import sending, tasks
from offers.alerts.models import Alert
from offers.indexing.writer import Writer
from tests.contact.processes import database_url
from tests.contact.smtp import mail_server
from tests.factories import make_alert, make_offer
from tests.threads import run_in_threads

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
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("with_claims", [True, False])
def test_concurrent_workers_mail_each_alert_once(search_index, monkeypatch, with_claims):
    """The control claims due alerts without marking them: it shows that the two workers do meet."""
    for _ in range(20):
        make_alert()
    make_offer()
    search_index.follow()
    queryset_class = type(Alert.objects.get_queryset())
    barrier, due, local = threading.Barrier(2, timeout=20), queryset_class.due, threading.local()

    def due_together(queryset, at=None):
        # The first two calls find due alerts and list the candidates of a claim. At the third, which claims them, both
        # workers have listed the same candidates.
        local.calls = getattr(local, "calls", 0) + 1
        if local.calls == 3:
            barrier.wait()
        return due(queryset, at)

    def claim_without_marking(queryset, most, at=None):
        alerts = list(due(queryset, at)[:most])
        if not hasattr(local, "met"):
            local.met = True
            barrier.wait()
        return uuid4(), alerts

    if with_claims:
        monkeypatch.setattr(queryset_class, "due", due_together)
    else:
        monkeypatch.setattr(queryset_class, "claim", claim_without_marking)
        monkeypatch.setattr(queryset_class, "held", lambda queryset, claim: queryset.all())
        # Else the outbox would ignore the second mail, which has the key of the first.
        monkeypatch.setattr(sending, "_key", lambda alert: uuid4().hex)
        queue = sending._queue

        def queue_together(batch, news):
            barrier.wait()
            return queue(batch, news)

        monkeypatch.setattr(sending, "_queue", queue_together)

    def run_worker():
        sending.run()
        send_outbox()

    assert run_in_threads(run_worker, run_worker) == []
    sent = Counter(message.to[0] for message in mail.outbox)
    assert len(sent) == 20
    assert (max(sent.values()) == 1) is with_claims


@pytest.mark.django_db(transaction=True)
def test_killed_worker_neither_loses_nor_repeats_mails(tmp_path):
    alerts = [make_alert(email=f"personne{i}@example.org", query="contrat=cdi") for i in range(8)]
    make_offer(title="Une offre")
    url = database_url(tmp_path)
    environment = {
        "DJANGO_SETTINGS_MODULE": "jobboard.settings", "JOBBOARD_VAR": str(tmp_path), "DATABASE_URL": url,
        "SECRET_KEY": "essai", "SEARCH_DIR": str(tmp_path / "search"), "SITE_URL": "https://emploi.example",
    }  # fmt: skip
    with Writer(tmp_path / "search") as writer:
        writer.ensure_index()

    def start_worker(server):
        return subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=site_settings.BASE_DIR,
            env={**environment, "EMAIL_URL": f"smtp://127.0.0.1:{server.port}"},
            stdout=subprocess.PIPE,
            text=True,
        )

    def execute(statement):
        if connection.vendor == "sqlite":
            import sqlite3

            with sqlite3.connect(tmp_path / "copy.sqlite3") as copy:
                copy.execute(statement)
            copy.close()
        else:
            with connection.cursor() as cursor:
                cursor.execute(statement)

    with mail_server(slow=0.2) as server:
        worker = start_worker(server)
        deadline = time.monotonic() + 60
        while len(server.messages) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        worker.kill()
        worker.communicate()
        before = len(server.messages)
        assert 3 <= before < 8
        # The message that the killed worker claimed stays claimed for a while; the others are sent.
        start_worker(server).communicate(timeout=60)
        assert 7 <= len({address for (address,), _ in server.messages}) == len(server.messages) <= 8
        execute("UPDATE mail_outboxmessage SET due_at = created_at WHERE due_at IS NOT NULL")
        start_worker(server).communicate(timeout=60)
        execute("UPDATE alerts_alert SET due_at = created_at")
        start_worker(server).communicate(timeout=60)
    sent = Counter(address for (address,), _ in server.messages)
    assert set(sent) == {alert.email for alert in alerts}
    # At most one mail was accepted but not recorded as sent: its repeat has the same Message-ID.
    assert sum(sent.values()) <= 9
    twice = [message["Message-ID"] for (address,), message in server.messages if sent[address] > 1]
    assert len(set(twice)) == len([address for address in sent if sent[address] > 1])


@pytest.mark.django_db
def test_send_alerts_is_scheduled_every_minute():
    schedule = Schedule.objects.get(func="offers.alerts.tasks.send_alerts")
    assert (schedule.minutes, schedule.repeats) == (1, -1)
    assert callable(tasks.send_alerts)
