"""The checks of a CV: the form field, the inspection, the antivirus, and uploads that are never used."""

import sys
from datetime import timedelta

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from jobboard.mail.tasks import send_outbox
from offers.applications import tasks
from offers.applications.cv import CvField, inspect, safe_filename
from offers.applications.enums import CvState
from offers.applications.models import Application, PendingUpload
from tests.applications.pdfs import make_pdf, with_attachment, with_launch, with_script
from tests.factories import make_application

ENCRYPTED = {"encryption": pikepdf.Encryption(user="", owner="secret")}


def make_unchecked_application(data, **fields):
    application = make_application(cv="", cv_state=CvState.WAITING, cv_due_at=timezone.now(), **fields)
    application.cv.save("", ContentFile(data))
    return application


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (lambda: make_pdf(), "safe"),
        (lambda: make_pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate), "safe"),
        (lambda: make_pdf(change=with_attachment), "attached"),
        (lambda: make_pdf(change=with_script), "active"),
        (lambda: make_pdf(change=with_script, object_stream_mode=pikepdf.ObjectStreamMode.generate), "active"),
        (lambda: make_pdf(change=with_launch), "active"),
        (lambda: make_pdf(**ENCRYPTED), "encrypted"),
        (lambda: make_pdf(pages=61), "long"),
        (lambda: make_pdf(pages=0), "empty"),
        (lambda: make_pdf()[:-60], "damaged"),
        (lambda: make_pdf(pages=20)[:400] + b"\n%%EOF\n", "damaged"),
        (lambda: b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF", "damaged"),
    ],
)
def test_inspection_returns_a_verdict(data, verdict):
    assert inspect(data()) == verdict


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<!doctype html><title>%PDF-1.7</title>%%EOF", "not_pdf"),
        (b"PK\x03\x04 %PDF- %%EOF", "not_pdf"),
        (make_pdf(pages=30)[:1500], "cut"),
        (b"%PDF-1.7 " + b" " * 5_000_000 + b"%%EOF", "large"),
    ],
)
def test_form_field_refuses_invalid_files(data, code):
    field = CvField()
    with pytest.raises(ValidationError) as error:
        field.clean(SimpleUploadedFile("CV.pdf", data))
    assert [each.code for each in error.value.error_list] == [code]


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
def test_refused_cv_is_deleted_and_the_candidate_is_mailed(mailoutbox, django_capture_on_commit_callbacks):
    application = make_unchecked_application(make_pdf(change=with_script))
    name = application.cv.name
    with django_capture_on_commit_callbacks(execute=True):
        tasks.check_cv(application.pk)
    send_outbox()
    application.refresh_from_db()
    assert application.cv_state == CvState.REFUSED
    assert "code" in application.cv_reason
    assert not application.cv
    assert not Application._meta.get_field("cv").storage.exists(name)
    (mail,) = mailoutbox
    assert mail.to == [application.email]
    assert application.get_absolute_url() in mail.body
    assert application.cv_reason in mail.body


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
