"""The checks of a CV: the form field, the inspection, the antivirus, and uploads that are never used."""

import logging
import sys
from datetime import timedelta
from threading import BoundedSemaphore

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from jobboard.mail.tasks import send_outbox
from offers.applications import cv, intake, tasks
from offers.applications.cv import CvField, safe_filename
from offers.applications.enums import CvState
from offers.applications.models import Application, PendingUpload
from tests.applications.form import private_files
from tests.applications.pdfs import FILES, active_entries, make_pdf, protect, with_attachment, with_script
from tests.factories import make_application


def make_unchecked_application(data, **fields):
    application = make_application(cv="", cv_state=CvState.WAITING, cv_due_at=timezone.now(), **fields)
    application.cv.save("", ContentFile(data))
    return application


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty", "vide"),
        (b"<!doctype html><title>%PDF-1.7</title>%%EOF", "not_pdf", "Exporter en PDF"),
        (b"PK\x03\x04 %PDF- %%EOF", "not_pdf", "Exporter en PDF"),
        (b"x" * 1_100 + make_pdf(), "not_pdf", "Exporter en PDF"),
        (make_pdf(pages=30)[:1500], "damaged", "incomplet"),
        (make_pdf(pages=61), "long", "60\u00a0pages"),
        (make_pdf(**protect("secret")), "encrypted", "sans protection"),
        (b"%PDF-1.7 " + b" " * 4_999_992, "large", "5,1\u00a0Mo\u00a0: 5\u00a0Mo au plus."),
        (b"%PDF-1.7 " + b" " * 5_242_870, "large", "5,3\u00a0Mo\u00a0: 5\u00a0Mo au plus."),
    ],
)
def test_form_field_refuses_invalid_files_and_says_why(data, code, words):
    field = CvField()
    with pytest.raises(ValidationError) as error:
        field.clean(SimpleUploadedFile("CV.pdf", data))
    assert [each.code for each in error.value.error_list] == [code]
    assert words in error.value.messages[0]


def test_form_field_accepts_the_largest_size():
    data = make_pdf()
    assert CvField().clean(SimpleUploadedFile("CV.pdf", data + b"\n" * (5_000_000 - len(data))))


@pytest.mark.parametrize("path", sorted(FILES.glob("*.pdf")), ids=lambda path: path.stem)
def test_form_field_accepts_what_chrome_opens(path):
    data = path.read_bytes()
    file = CvField().clean(SimpleUploadedFile("CV.pdf", data))
    assert file.read() == data


def test_form_field_accepts_a_file_that_cannot_be_checked_in_time(monkeypatch, caplog):
    monkeypatch.setattr("offers.applications.cv.FORM_CHECK_SECONDS", 0)
    assert CvField().clean(SimpleUploadedFile("Anne.pdf", make_pdf(**protect("secret"))))
    assert "not checked in its form" in caplog.text
    assert "Anne" not in caplog.text


def test_form_field_does_not_wait_for_other_checks(monkeypatch, caplog):
    monkeypatch.setattr("offers.applications.cv.FORM_CHECK_WAIT", 0.01)
    monkeypatch.setattr("offers.applications.cv._form_checks", BoundedSemaphore(1))
    with cv._form_checks:
        assert CvField().clean(SimpleUploadedFile("CV.pdf", make_pdf(**protect("secret"))))
    assert "too many at once" in caplog.text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Anne Lefèvre – CV.PDF", "Anne Lefèvre _ CV.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\cv.pdf", "cv.pdf"),
        ('a"; filename="b\r\n.exe.pdf', "a__ filename=_b__.exe.pdf".replace("=", "_")),
        ("", "CV.pdf"),
        ("....pdf", "CV.pdf"),
        ("x" * 300 + ".pdf", "x" * 90 + ".pdf"),
    ],
)
def test_safe_filename_replaces_paths_and_special_characters(name, expected):
    assert safe_filename(name) == expected


@pytest.mark.django_db
def test_cv_can_be_opened_only_after_its_check():
    application = make_unchecked_application(make_pdf())
    assert not application.cv_can_be_opened
    tasks.check_cv(application.pk)
    application.refresh_from_db()
    assert (application.cv_state, application.cv_due_at) == (CvState.SAFE, None)
    assert application.cv_can_be_opened


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (None, CvState.SAFE, ""),
        (with_script, CvState.SAFE, "cette copie n’en a plus"),
        (with_attachment, CvState.FLAGGED, "fichiers joints"),
    ],
)
def test_accepted_cv_is_replaced_by_its_copy(django_capture_on_commit_callbacks, change, state, words):
    application = make_unchecked_application(b"\r\n" + make_pdf(change=change))
    name = application.cv.name
    with django_capture_on_commit_callbacks(execute=True):
        tasks.check_cv(application.pk)
    application.refresh_from_db()
    assert application.cv_state == state
    assert words in application.cv_reason
    assert application.cv.name != name
    assert len(private_files()) == 1
    with application.cv.open() as file:
        copy = file.read()
    assert copy.startswith(b"%PDF")
    assert active_entries(copy) == []


@pytest.mark.django_db
def test_refused_cv_is_deleted_and_the_candidate_is_mailed(mailoutbox, django_capture_on_commit_callbacks):
    application = make_unchecked_application(make_pdf(**protect("secret")))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.check_cv(application.pk)
    send_outbox()
    application.refresh_from_db()
    assert application.cv_state == CvState.REFUSED
    assert "mot de passe" in application.cv_reason
    assert not application.cv
    assert private_files() == []
    (mail,) = mailoutbox
    assert mail.to == [application.email]
    assert application.get_absolute_url() in mail.body
    assert application.cv_reason in mail.body
    assert "Enregistrez-le sans protection" in mail.body


@pytest.mark.django_db
def test_file_replaced_during_its_check_keeps_its_own_check(monkeypatch, django_capture_on_commit_callbacks):
    application = make_unchecked_application(make_pdf(pages=0))
    refuse = cv.examine

    def replace(data):
        Application.objects.filter(pk=application.pk).update(cv="cv/aa/new.pdf")
        return refuse(data)

    monkeypatch.setattr(cv, "examine", replace)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.check_cv(application.pk)
    application.refresh_from_db()
    assert (application.cv.name, application.cv_state) == ("cv/aa/new.pdf", CvState.WAITING)


@pytest.mark.django_db
def test_missing_file_is_retried_and_reported_to_the_operator_only(
    settings, tmp_path, caplog, mailoutbox, django_capture_on_commit_callbacks
):
    """As with two hosts that have separate private directories."""
    application = make_unchecked_application(make_pdf())
    name, own = application.cv.name, settings.PRIVATE_DIR
    settings.PRIVATE_DIR = tmp_path / "other host"
    for attempt in range(1, Application.CV_ATTEMPTS + 1):
        Application.objects.filter(cv_due_at__isnull=False).update(cv_due_at=timezone.now())
        with django_capture_on_commit_callbacks(execute=True):
            tasks.check_cvs()
        application.refresh_from_db()
        assert application.cv_attempts == attempt
    send_outbox()
    assert (application.cv_state, application.cv_reason) == (CvState.WAITING, "")
    assert (application.cv.name, application.cv_due_at) == (name, None)
    assert "not in PRIVATE_DIR" in application.cv_error
    assert mailoutbox == []
    assert [record.levelno for record in caplog.records][-2:] == [logging.WARNING, logging.ERROR]

    # The operator mounts the directory, and lets the check run again.
    settings.PRIVATE_DIR = own
    assert intake.recheck(Application.objects.all()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        tasks.check_cvs()
    application.refresh_from_db()
    assert (application.cv_state, application.cv_error) == (CvState.SAFE, "")


@pytest.mark.django_db
def test_full_disk_while_storing_the_copy_is_retried(monkeypatch):
    application = make_unchecked_application(make_pdf())

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(application.cv.storage), "_save", fail)
    tasks.check_cv(application.pk)
    application.refresh_from_db()
    assert (application.cv_state, application.cv_error) == (CvState.WAITING, "OSError")
    assert application.cv_due_at


@pytest.mark.django_db
@pytest.mark.parametrize(("exit_code", "state"), [(0, CvState.SAFE), (1, CvState.REFUSED), (2, CvState.WAITING)])
def test_exit_code_of_the_antivirus_decides(settings, exit_code, state, caplog):
    code = f"import sys; sys.exit({exit_code} if sys.stdin.buffer.read(5) == b'%PDF-' else 9)"
    settings.CV_ANTIVIRUS_COMMAND = f'{sys.executable} -c "{code}"'
    application = make_unchecked_application(make_pdf())
    tasks.check_cv(application.pk)
    application.refresh_from_db()
    assert application.cv_state == state
    # Only an error of the antivirus is retried later.
    assert bool(application.cv_due_at) == (state == CvState.WAITING)
    assert application.name not in caplog.text


@pytest.mark.django_db
def test_check_of_a_killed_worker_is_repeated_after_its_claim():
    application = make_unchecked_application(make_pdf())
    assert application.claim_cv()  # by a process that is killed
    tasks.check_cvs()
    application.refresh_from_db()
    assert application.cv_state == CvState.WAITING
    Application.objects.update(cv_due_at=timezone.now() - timedelta(seconds=1))
    tasks.check_cvs()
    application.refresh_from_db()
    assert application.cv_state == CvState.SAFE
    assert application.cv_attempts == 2


@pytest.mark.django_db
def test_expired_uploads_are_deleted(django_capture_on_commit_callbacks):
    storage = Application._meta.get_field("cv").storage
    expired = PendingUpload(name="CV.pdf", created_at=timezone.now() - PendingUpload.LIFETIME)
    expired.file.save("", ContentFile(b"%PDF"))
    current = PendingUpload(name="CV.pdf")
    current.file.save("", ContentFile(b"%PDF"))
    application = make_unchecked_application(make_pdf())
    with django_capture_on_commit_callbacks(execute=True):
        tasks.delete_expired_uploads()
    assert list(PendingUpload.objects.all()) == [current]
    assert not storage.exists(expired.file.name)
    assert storage.exists(current.file.name)
    assert storage.exists(application.cv.name)
