"""The nightly purge: what is due goes, rows and files; what is not stays; stopped or failing, it goes on later."""

import io
import os
import threading
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from jobboard.contact.models import Lead
from jobboard.privacy import purge, registry, tasks
from jobboard.privacy.models import Purge
from jobboard.storage import private_storage
from offers.alerts.models import Alert
from offers.applications.models import Application, PendingUpload
from tests.factories import make_alert, make_application, make_lead, make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short(settings):
    settings.LEAD_RETENTION_DAYS = settings.APPLICATION_RETENTION_DAYS = settings.TASK_RETENTION_DAYS = 30


def ago(**time):
    return timezone.now() - timedelta(**time)


def stored(name, age=timedelta(0)):
    storage = private_storage()
    name = storage.save(name, ContentFile(b"%PDF-1.7"))
    moment = (timezone.now() - age).timestamp()
    os.utime(storage.path(name), (moment, moment))
    return name


def test_everything_due_goes_and_nothing_else(django_capture_on_commit_callbacks):
    old_file, new_file = stored("cv/aa/old.pdf"), stored("cv/aa/new.pdf")
    make_lead(created_at=ago(days=31))
    kept_lead = make_lead(created_at=ago(days=31), last_contact_at=ago(days=3))
    make_application(last_contact_at=ago(days=31), cv=old_file)
    kept = make_application(last_contact_at=ago(days=29), cv=new_file)
    for number, age in enumerate((29, 31)):
        Task.objects.create(
            id=str(number), name="essai", func="x.y", started=ago(days=age), stopped=ago(days=age), success=False
        )
    session = SessionStore()
    session.set_expiry(-1)
    session.save()

    assert purge.pending() == {"Demandes de contact": 1, "Candidatures": 1, "Tâches anciennes": 1}
    with django_capture_on_commit_callbacks(execute=True):
        record = purge.run()

    assert record.finished_at
    assert record.done == {"Demandes de contact": 1, "Candidatures": 1, "Tâches anciennes": 1}
    assert record.failed == {}
    assert list(Lead.objects.all()) == [kept_lead]
    assert list(Application.objects.all()) == [kept]
    assert [task.id for task in Task.objects.all()] == ["0"]
    assert not Session.objects.exists()
    assert not private_storage().exists(old_file)
    assert private_storage().exists(new_file)

    assert purge.pending() == {}
    assert purge.run().done == {}


def test_what_is_confirmed_while_the_purge_runs_stays(monkeypatch):
    """Between the look at what is due and the deletion."""
    alert = make_alert(confirmed_at=None, due_at=None, created_at=ago(days=8))
    source = next(source for source in registry.sources() if source.model is Alert)
    erase = type(source).erase

    def meanwhile(source, rows):
        alert.confirm()
        return erase(source, rows)

    monkeypatch.setattr(type(source), "erase", meanwhile)
    assert purge.run().done == {}
    assert Alert.objects.filter(pk=alert.pk).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_a_file_that_is_handed_on_while_the_purge_runs_stays(monkeypatch):
    """The form comes back in the very moment in which its file is due."""
    upload = PendingUpload(name="CV.pdf", created_at=ago(hours=3))
    upload.file.save("", ContentFile(b"%PDF-1.7"))
    source = next(source for source in registry.sources() if source.model is PendingUpload)
    files, waiting = type(source).files, threading.Event()

    def take():
        try:
            with transaction.atomic():
                taken = PendingUpload.objects.filter(pk=upload.pk).delete()[0]
                waiting.set()
                time.sleep(0.5)
                if taken:
                    make_application(cv=upload.file.name)
        finally:
            connection.close()

    taker = threading.Thread(target=take)

    def slowly(source, rows):
        found = list(files(source, rows))
        if not waiting.is_set():
            taker.start()
            # Held by the purge, the row cannot be taken before it is gone.
            waiting.wait(1)
        return iter(found)

    monkeypatch.setattr(type(source), "files", slowly)
    purge.run()
    taker.join()
    for application in Application.objects.all():
        assert private_storage().exists(application.cv.name)


def test_files_that_no_row_speaks_of_go_after_a_day():
    forgotten = stored("cv/ab/forgotten.pdf", timedelta(days=2))
    being_sent = stored("cv/ab/being-sent.pdf")
    known = stored("cv/ab/known.pdf", timedelta(days=2))
    make_application(cv=known)
    assert purge.run().done == {"Fichiers orphelins": 1}
    left = [private_storage().exists(name) for name in (forgotten, being_sent, known)]
    assert left == [False, True, True]


def test_a_file_that_is_gone_already_stops_nothing(django_capture_on_commit_callbacks):
    make_application(last_contact_at=ago(days=31), cv="cv/ac/gone.pdf")
    with django_capture_on_commit_callbacks(execute=True):
        assert purge.run().failed == {}
    assert not Application.objects.exists()


def test_the_record_names_nobody():
    make_lead(name="Anne Martin", email="anne@example.org", created_at=ago(days=31))
    purge.run()
    written = str(Purge.objects.values().get())
    assert "anne" not in written.lower()
    assert "1" in written


def test_what_fails_in_one_room_keeps_no_other(monkeypatch, caplog):
    make_lead(email="anne@example.org", created_at=ago(days=31))
    make_application(last_contact_at=ago(days=31))
    leads = next(source for source in registry.sources() if source.model is Lead)

    def broken(rows):
        raise OSError("anne@example.org cannot be erased")

    with monkeypatch.context() as patch:
        patch.setattr(leads, "erase", broken)
        record = purge.run()
    assert record.failed == {"Demandes de contact": "OSError"}
    assert record.done == {"Candidatures": 1}
    assert "anne" not in caplog.text
    # The next night finds it again.
    assert purge.run().done == {"Demandes de contact": 1}


def test_what_cannot_be_erased_is_not_tried_for_ever(monkeypatch):
    make_lead(created_at=ago(days=31))
    leads = next(source for source in registry.sources() if source.model is Lead)
    monkeypatch.setattr(leads, "erase", lambda rows: 0)
    assert purge.run().failed == {"Demandes de contact": "RuntimeError"}


def test_a_run_that_is_stopped_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(purge, "BATCH", 2)
    for _ in range(5):
        make_lead(created_at=ago(days=31))
    heard = []
    record = purge.run(on_progress=lambda *line: heard.append(line), should_continue=lambda: len(heard) < 2)
    assert heard == [("Demandes de contact", 2), ("Demandes de contact", 4)]
    assert record.finished_at is None
    assert Lead.objects.count() == 1
    assert purge.run().done == {"Demandes de contact": 1}


def test_the_nightly_task_continues_in_another_when_it_takes_long(monkeypatch):
    for _ in range(2):
        make_lead(created_at=ago(days=31))
    monkeypatch.setattr(purge, "BATCH", 1)
    monkeypatch.setattr(tasks, "SECONDS", 0)
    tasks.purge_nightly()
    assert Lead.objects.count() == 1
    assert [queued.func() for queued in OrmQ.objects.all()] == ["jobboard.privacy.tasks.purge_nightly"]
    monkeypatch.setattr(tasks, "SECONDS", 30)
    tasks.purge_nightly()
    assert not Lead.objects.exists()
    assert OrmQ.objects.count() == 1


def test_it_is_scheduled_every_night():
    schedule = Schedule.objects.get(func="jobboard.privacy.tasks.purge_nightly")
    assert (schedule.schedule_type, schedule.repeats) == ("D", -1)
    assert not Schedule.objects.filter(func="jobboard.contact.tasks.purge").exists()


def test_the_command_says_what_it_would_do_and_does_it():
    make_lead(created_at=ago(days=31))
    out = io.StringIO()
    call_command("purge", "--dry-run", stdout=out)
    assert out.getvalue() == "Demandes de contact: 1\n1 to delete; nothing was changed.\n"
    assert Lead.objects.count() == 1
    out = io.StringIO()
    call_command("purge", stdout=out)
    assert out.getvalue() == "Demandes de contact: 1\n1 deleted.\n"


def test_the_command_fails_where_something_failed(monkeypatch):
    make_lead(created_at=ago(days=31))
    leads = next(source for source in registry.sources() if source.model is Lead)
    monkeypatch.setattr(leads, "erase", lambda rows: 0)
    with pytest.raises(CommandError, match="Demandes de contact"):
        call_command("purge", stdout=io.StringIO())


def test_an_offer_whose_applications_went_can_go(django_capture_on_commit_callbacks):
    offer = make_offer()
    make_application(offer=offer, last_contact_at=ago(days=31))
    purge.run()
    offer.delete()
