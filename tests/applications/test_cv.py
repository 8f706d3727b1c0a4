"""What is found out about a file before anybody may open it."""

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


def _waiting(data, **fields):
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
def test_what_kind_of_file_it_is(data, verdict):
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
def test_what_is_refused_at_the_door(data, code):
    field = CvField()
    with pytest.raises(ValidationError) as refused:
        field.clean(SimpleUploadedFile("CV.pdf", data))
    assert [error.code for error in refused.value.error_list] == [code]


@pytest.mark.parametrize(
    ("name", "plain"),
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
def test_what_a_file_is_called_afterwards(name, plain):
    assert safe_filename(name) == plain


@pytest.mark.django_db
def test_a_checked_file_can_be_opened_and_an_unchecked_one_cannot():
    application = _waiting(make_pdf())
    assert not application.cv_can_be_opened
    tasks.check_cv(application.pk)
    application.refresh_from_db()
    assert (application.cv_state, application.cv_due_at) == (CvState.SAFE, None)
    assert application.cv_can_be_opened


@pytest.mark.django_db
def test_a_refused_file_is_deleted_and_its_owner_told(mailoutbox, django_capture_on_commit_callbacks):
    application = _waiting(make_pdf(change=with_script))
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
@pytest.mark.parametrize(("ends_with", "state"), [(0, CvState.SAFE), (1, CvState.REFUSED), (2, CvState.WAITING)])
def test_the_antivirus_is_asked_by_its_exit_code(settings, ends_with, state, caplog):
    code = f"import sys; sys.exit({ends_with} if sys.stdin.buffer.read(5) == b'%PDF-' else 9)"
    settings.CV_ANTIVIRUS_COMMAND = f'{sys.executable} -c "{code}"'
    application = _waiting(make_pdf())
    tasks.check_cv(application.pk)
    application.refresh_from_db()
    assert application.cv_state == state
    # No answer is asked for again, later.
    assert bool(application.cv_due_at) == (state == CvState.WAITING)
    assert application.name not in caplog.text


@pytest.mark.django_db
def test_a_check_whose_worker_was_killed_is_taken_up_by_the_sweep():
    application = _waiting(make_pdf())
    assert application.claim_cv()  # and then the process dies
    tasks.check_cvs()
    application.refresh_from_db()
    assert application.cv_state == CvState.WAITING
    Application.objects.update(cv_due_at=timezone.now() - timedelta(seconds=1))
    tasks.check_cvs()
    application.refresh_from_db()
    assert application.cv_state == CvState.SAFE
    assert application.cv_attempts == 2


@pytest.mark.django_db
def test_what_nobody_came_back_for_is_deleted(django_capture_on_commit_callbacks):
    storage = Application._meta.get_field("cv").storage
    kept = PendingUpload(name="CV.pdf", created_at=timezone.now() - PendingUpload.LIFETIME)
    kept.file.save("", ContentFile(b"%PDF"))
    current = PendingUpload(name="CV.pdf")
    current.file.save("", ContentFile(b"%PDF"))
    application = _waiting(make_pdf())
    with django_capture_on_commit_callbacks(execute=True):
        tasks.delete_expired_uploads()
    assert list(PendingUpload.objects.all()) == [current]
    assert not storage.exists(kept.file.name)
    assert storage.exists(current.file.name)
    assert storage.exists(application.cv.name)
