"""The application form with a body that is too large, a full disk, and concurrent submissions."""

import errno

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client

from jobboard.mail.models import OutboxMessage
from offers.applications import intake
from offers.applications.models import Application, PendingUpload
from tests.applications.form import cv_file, form_data, form_url, private_files
from tests.factories import make_offer
from tests.search_client import IndexingClient
from tests.threads import run_in_threads

pytestmark = pytest.mark.django_db


def test_body_that_is_too_large_is_not_read(client):
    class Unread:
        def read(self, *args):
            raise AssertionError("read")

        readline = read

    offer = make_offer()
    response = client.generic(
        "POST",
        form_url(offer),
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(200 * 1024 * 1024),
        **{"wsgi.input": Unread()},
    )
    assert response.status_code == 413
    assert "5\u00a0Mo" in response.content.decode()


def _raise_disk_full(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_while_parsing_the_form_returns_507(client, settings, monkeypatch):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    offer = make_offer()
    values = form_data(client.get(form_url(offer)), cv=cv_file())
    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", _raise_disk_full)
    response = client.post(form_url(offer), values)
    assert response.status_code == 507
    assert not Application.objects.exists()
    assert private_files() == []


def test_full_disk_while_storing_the_file_returns_507(client, monkeypatch):
    offer = make_offer()
    values = form_data(client.get(form_url(offer)), cv=cv_file())
    chunks = SimpleUploadedFile.chunks

    def write_part(self, *args):
        yield next(chunks(self))[:100]
        _raise_disk_full()

    monkeypatch.setattr("django.core.files.base.File.chunks", write_part)
    monkeypatch.setattr("django.core.files.uploadedfile.InMemoryUploadedFile.chunks", write_part)
    response = client.post(form_url(offer), values)
    assert response.status_code == 507
    assert not Application.objects.exists()
    assert not PendingUpload.objects.exists()
    assert private_files() == []


def test_full_disk_of_the_database_returns_507(client, monkeypatch):
    class DiskFull(Exception):
        sqlstate = "53100"
        sqlite_errorname = "SQLITE_FULL"

    def fail(*args, **kwargs):
        raise OperationalError("disk full") from DiskFull()

    offer = make_offer()
    values = form_data(client.get(form_url(offer)), cv=cv_file())
    monkeypatch.setattr(intake, "queue_check", fail)
    response = client.post(form_url(offer), values)
    assert response.status_code == 507
    assert not Application.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert private_files() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_fifty_concurrent_submissions_store_one_application(search_index, settings):
    """`tests/site/test_database_log.py` shows that the lock is needed."""
    settings.APPLICATION_LIMIT_PER_HOUR = 100
    offer = make_offer()
    values = form_data(IndexingClient(search_index).get(form_url(offer)))
    statuses = []

    def apply():
        client = Client()
        statuses.extend(client.post(form_url(offer), {**values, "cv": cv_file()}).status_code for _ in range(5))

    run_in_threads(*[apply] * 10)
    assert statuses == [302] * 50
    assert Application.objects.count() == 1
    assert OutboxMessage.objects.filter(kind="applications.confirmation").count() == 1
    assert len(private_files()) == 1
