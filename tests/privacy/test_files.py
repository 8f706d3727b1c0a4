"""The files of erased rows: deleted after the commit, tried again until they are gone, closed by an operator."""

import logging
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from jobboard.privacy import files, registry, tasks
from jobboard.privacy.models import FileDeletion
from jobboard.storage import private_storage
from offers.applications.models import Application
from tests.factories import make_application, make_user

LIST = reverse("admin:privacy_filedeletion_changelist")


@pytest.fixture
def application(db):
    application = make_application(email="anne@example.org", cv="")
    application.cv.save("", ContentFile(b"%PDF"))
    return application


@pytest.mark.django_db(transaction=True)
def test_file_is_deleted_with_its_row_but_not_before_the_commit(application):
    with transaction.atomic():
        files.delete_after_commit(application.cv)
        transaction.set_rollback(True)
    assert private_storage().exists(application.cv.name)
    assert not FileDeletion.objects.exists()
    with transaction.atomic():
        files.delete_after_commit(application.cv)
        assert private_storage().exists(application.cv.name)
    assert not private_storage().exists(application.cv.name)
    assert not FileDeletion.objects.exists()


def test_deletion_survives_a_kill_after_the_commit(application):
    """The callback after the commit does not run in this test, as in a process that is killed."""
    registry.erase(registry.Person.from_email("anne@example.org"))
    assert private_storage().exists(application.cv.name)
    tasks.delete_files()
    assert not private_storage().exists(application.cv.name)


def test_file_on_another_host_is_deleted_there(application, settings, tmp_path, caplog):
    own = settings.PRIVATE_DIR
    registry.erase(registry.Person.from_email("anne@example.org"))
    settings.PRIVATE_DIR = tmp_path / "other host"
    tasks.delete_files()
    deletion = FileDeletion.objects.get()
    assert (deletion.attempts, deletion.error[:16]) == (1, "introuvable sur ")
    assert deletion.due_at > timezone.now()
    tasks.delete_files()
    assert FileDeletion.objects.get().attempts == 1
    assert "anne" not in caplog.text
    settings.PRIVATE_DIR = own
    files.delete_due_files(timezone.now() + timedelta(hours=1))
    assert not FileDeletion.objects.exists()
    assert not private_storage().exists(application.cv.name)


def test_file_that_is_never_found_is_left_to_the_operator(application, settings, tmp_path, caplog):
    registry.erase(registry.Person.from_email("anne@example.org"))
    settings.PRIVATE_DIR = tmp_path / "other host"
    FileDeletion.objects.update(attempts=files.MAX_ATTEMPTS - 1)
    tasks.delete_files()
    deletion = FileDeletion.objects.get()
    assert deletion.due_at is None
    assert caplog.records[-1].levelno == logging.ERROR
    tasks.delete_files()
    assert FileDeletion.objects.get().attempts == files.MAX_ATTEMPTS


def test_file_that_cannot_be_deleted_is_tried_again(application, monkeypatch):
    def fail(self, name):
        raise PermissionError(name)

    registry.erase(registry.Person.from_email("anne@example.org"))
    monkeypatch.setattr(type(private_storage()), "delete", fail)
    tasks.delete_files()
    assert FileDeletion.objects.get().error.startswith("PermissionError sur ")


@pytest.fixture
def curator(client):
    client.force_login(make_user(email="curatrice@example.org", is_staff=True, is_superuser=True))
    return client


def run_action(client, action):
    values = {"action": action, "_selected_action": list(FileDeletion.objects.values_list("pk", flat=True))}
    return client.post(LIST, values, follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_erasure_in_the_admin_names_the_files_that_remain(application, curator, settings, tmp_path):
    own = settings.PRIVATE_DIR
    settings.PRIVATE_DIR = tmp_path / "other host"
    values = {"email": "anne@example.org", "erase": "1", "confirmation": "anne@example.org"}
    page = curator.post(reverse("admin:privacy_person"), values, follow=True).content.decode()
    assert "Fichiers qui restent à effacer\u00a0: 1." in page
    assert not Application.objects.exists()
    assert "introuvable" in curator.get(LIST).content.decode()
    assert "Fichiers effacés\u00a0: 0 sur 1." in run_action(curator, "try_again")
    settings.PRIVATE_DIR = own
    assert "Fichiers effacés\u00a0: 1 sur 1." in run_action(curator, "try_again")
    assert not private_storage().exists(application.cv.name)


def test_operator_confirms_that_a_file_is_gone(db, curator):
    FileDeletion.objects.create(storage="private", name="cv/aa/gone.pdf")
    assert "Fichiers confirmés disparus\u00a0: 1." in run_action(curator, "confirm_gone")
    assert not FileDeletion.objects.exists()
