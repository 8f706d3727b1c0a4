"""The nightly purge of expired rows and files: concurrent changes, errors, interruption, schedule and command."""

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
def short_retention(settings):
    settings.LEAD_RETENTION_DAYS = settings.APPLICATION_RETENTION_DAYS = settings.TASK_RETENTION_DAYS = 30


def ago(**time):
    return timezone.now() - timedelta(**time)


def store_file(name, age=timedelta(0)):
    """Store a private file that was written `age` ago, and return its name."""
    storage = private_storage()
    name = storage.save(name, ContentFile(b"%PDF-1.7"))
    modified = (timezone.now() - age).timestamp()
    os.utime(storage.path(name), (modified, modified))
    return name


def test_only_expired_rows_and_their_files_are_deleted(django_capture_on_commit_callbacks):
    old_file, new_file = store_file("cv/aa/old.pdf"), store_file("cv/aa/new.pdf")
    make_lead(created_at=ago(days=31))
    current_lead = make_lead(created_at=ago(days=31), last_contact_at=ago(days=3))
    make_application(status="declined", last_contact_at=ago(days=32), cv=old_file)
    current = make_application(status="declined", last_contact_at=ago(days=29), cv=new_file)
    for i, age in enumerate((29, 31)):
        Task.objects.create(
            id=str(i), name="essai", func="x.y", started=ago(days=age), stopped=ago(days=age), success=False
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
    assert list(Lead.objects.all()) == [current_lead]
    assert list(Application.objects.all()) == [current]
    assert [task.id for task in Task.objects.all()] == ["0"]
    assert not Session.objects.exists()
    assert not private_storage().exists(old_file)
    assert private_storage().exists(new_file)

    assert purge.pending() == {}
    assert purge.run().done == {}


def test_alert_confirmed_during_the_purge_is_not_deleted(monkeypatch):
    """The confirmation comes between the query for expired rows and their deletion."""
    alert = make_alert(confirmed_at=None, due_at=None, created_at=ago(days=8))
    source = next(source for source in registry.sources() if source.model is Alert)
    erase = type(source).erase

    def confirm_and_erase(source, rows):
        alert.confirm()
        return erase(source, rows)

    monkeypatch.setattr(type(source), "erase", confirm_and_erase)
    assert purge.run().done == {}
    assert Alert.objects.filter(pk=alert.pk).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_upload_used_during_the_purge_keeps_its_file(monkeypatch):
    """The form is submitted at the time at which its upload expires."""
    upload = PendingUpload(name="CV.pdf", created_at=ago(hours=3))
    upload.file.save("", ContentFile(b"%PDF-1.7"))
    source = next(source for source in registry.sources() if source.model is PendingUpload)
    files, deleted = type(source).files, threading.Event()

    def use_upload():
        try:
            with transaction.atomic():
                count = PendingUpload.objects.filter(pk=upload.pk).delete()[0]
                deleted.set()
                time.sleep(0.5)
                if count:
                    make_application(cv=upload.file.name)
        finally:
            connection.close()

    thread = threading.Thread(target=use_upload)

    def wait_for_thread(source, rows):
        names = list(files(source, rows))
        if not deleted.is_set():
            thread.start()
            # The purge has locked the row: the thread cannot delete it before the purge does.
            deleted.wait(1)
        return iter(names)

    monkeypatch.setattr(type(source), "files", wait_for_thread)
    purge.run()
    thread.join()
    for application in Application.objects.all():
        assert private_storage().exists(application.cv.name)


def test_orphaned_file_is_deleted_after_one_day():
    orphaned = store_file("cv/ab/orphaned.pdf", timedelta(days=2))
    recent = store_file("cv/ab/recent.pdf")
    referenced = store_file("cv/ab/referenced.pdf", timedelta(days=2))
    make_application(cv=referenced)
    assert purge.run().done == {"Fichiers orphelins": 1}
    exist = [private_storage().exists(name) for name in (orphaned, recent, referenced)]
    assert exist == [False, True, True]


def test_missing_file_does_not_stop_the_purge(django_capture_on_commit_callbacks):
    make_application(status="declined", last_contact_at=ago(days=32), cv="cv/ac/gone.pdf")
    with django_capture_on_commit_callbacks(execute=True):
        assert purge.run().failed == {}
    assert not Application.objects.exists()


def test_record_of_a_purge_contains_no_personal_data():
    make_lead(name="Anne Martin", email="anne@example.org", created_at=ago(days=31))
    purge.run()
    record = str(Purge.objects.values().get())
    assert "anne" not in record.lower()
    assert "1" in record


def test_error_of_one_source_does_not_stop_the_others(monkeypatch, caplog):
    make_lead(email="anne@example.org", created_at=ago(days=31))
    make_application(status="declined", last_contact_at=ago(days=32))
    leads = next(source for source in registry.sources() if source.model is Lead)

    def fail(rows):
        raise OSError("anne@example.org cannot be erased")

    with monkeypatch.context() as patch:
        patch.setattr(leads, "erase", fail)
        record = purge.run()
    assert record.failed == {"Demandes de contact": "OSError"}
    assert record.done == {"Candidatures": 1}
    assert "anne" not in caplog.text
    # The next run deletes the row.
    assert purge.run().done == {"Demandes de contact": 1}


def test_row_that_cannot_be_erased_ends_its_source_with_an_error(monkeypatch):
    make_lead(created_at=ago(days=31))
    leads = next(source for source in registry.sources() if source.model is Lead)
    monkeypatch.setattr(leads, "erase", lambda rows: 0)
    assert purge.run().failed == {"Demandes de contact": "RuntimeError"}


def test_interrupted_run_is_continued_by_the_next(monkeypatch):
    monkeypatch.setattr(purge, "BATCH", 2)
    for _ in range(5):
        make_lead(created_at=ago(days=31))
    progress = []
    record = purge.run(on_progress=lambda *line: progress.append(line), should_continue=lambda: len(progress) < 2)
    assert progress == [("Demandes de contact", 2), ("Demandes de contact", 4)]
    assert record.finished_at is None
    assert Lead.objects.count() == 1
    assert purge.run().done == {"Demandes de contact": 1}


def test_nightly_task_at_its_time_limit_queues_another_task(monkeypatch):
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


def test_purge_is_scheduled_every_night():
    schedule = Schedule.objects.get(func="jobboard.privacy.tasks.purge_nightly")
    assert (schedule.schedule_type, schedule.repeats) == ("D", -1)
    assert not Schedule.objects.filter(func="jobboard.contact.tasks.purge").exists()


def test_command_with_dry_run_counts_and_without_it_deletes():
    make_lead(created_at=ago(days=31))
    out = io.StringIO()
    call_command("purge", "--dry-run", stdout=out)
    assert out.getvalue() == "Demandes de contact: 1\n1 to delete; nothing was changed.\n"
    assert Lead.objects.count() == 1
    out = io.StringIO()
    call_command("purge", stdout=out)
    assert out.getvalue() == "Demandes de contact: 1\n1 deleted.\n"


def test_command_fails_if_a_source_failed(monkeypatch):
    make_lead(created_at=ago(days=31))
    leads = next(source for source in registry.sources() if source.model is Lead)
    monkeypatch.setattr(leads, "erase", lambda rows: 0)
    with pytest.raises(CommandError, match="Demandes de contact"):
        call_command("purge", stdout=io.StringIO())


def test_offer_can_be_deleted_after_the_purge_of_its_applications(django_capture_on_commit_callbacks):
    offer = make_offer()
    make_application(offer=offer, status="declined", last_contact_at=ago(days=32))
    purge.run()
    offer.delete()
