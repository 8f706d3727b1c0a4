"""The CV of an application: the checks of the upload form, and the safety check before a recruiter may open it."""

import logging
import re
import socket
import threading
import unicodedata
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.forms import FileField, FileInput

from jobboard.mail.outbox import queue_mail
from jobboard.privacy.files import delete_after_commit
from jobboard.text.numbers import megabytes
from offers.applications.enums import CvState
from offers.applications.inspection import VERDICTS, InspectionFailed, examine
from offers.applications.models import Application
from offers.applications.models.application import cv_path

logger = logging.getLogger(__name__)

# Readers search the header of a PDF in so many bytes: mail gateways and old Macs write something before it.
HEADER_BYTES = 1024
# A check while the candidate waits: after this time the application is accepted, and the task worker checks the file.
FORM_CHECK_SECONDS = 8
# Concurrent checks of forms in a process, and the seconds to wait for one: uploads must not take all threads and CPUs.
_form_checks = threading.BoundedSemaphore(2)
FORM_CHECK_WAIT = 2


class CvField(FileField):
    """A PDF of at most CV_MAX_BYTES that recruiters can open."""

    default_error_messages = {
        "required": "Joignez votre CV, en PDF.",
        "missing": "Le fichier n’est pas arrivé. Choisissez-le à nouveau.",
        "invalid": "Le fichier n’est pas arrivé. Choisissez-le à nouveau.",
        "not_saved": "Ce fichier n’a pas pu être conservé. Choisissez-le à nouveau au prochain envoi.",
        "empty": "Ce fichier est vide.",
        "max_length": "Le nom de ce fichier est trop long.",
        "large": "Ce fichier pèse %(size)s\u00a0: %(max)s au plus.",
        "not_pdf": "Ce fichier n’est pas un PDF. Depuis un traitement de texte\u00a0: «\u00a0Exporter en PDF\u00a0».",
        "refused": "%(reason)s %(advice)s",
    }

    def __init__(self, **kwargs):
        widget = FileInput(attrs={"accept": "application/pdf,.pdf", "data-max-bytes": settings.CV_MAX_BYTES})
        help_text = f"PDF, {megabytes(settings.CV_MAX_BYTES)} au plus."
        super().__init__(**{"label": "CV", "help_text": help_text, "widget": widget, **kwargs})

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        if not file:
            return file
        if file.size > settings.CV_MAX_BYTES:
            sizes = {"size": megabytes(file.size), "max": megabytes(settings.CV_MAX_BYTES)}
            raise ValidationError(self.error_messages["large"], "large", sizes)
        file.seek(0)
        content = file.read()
        file.seek(0)
        header = content[:HEADER_BYTES]
        if b"%PDF" not in header:
            raise ValidationError(self.error_messages["not_pdf"], "not_pdf")
        verdict = _check_form_file(content)
        if verdict == "damaged" and not header.lstrip(b"\xef\xbb\xbf\0 \t\r\n").startswith(b"%PDF"):
            # Another format that contains the letters of the header, such as a web page.
            raise ValidationError(self.error_messages["not_pdf"], "not_pdf")
        if verdict and VERDICTS[verdict].state == CvState.REFUSED:
            params = {"reason": VERDICTS[verdict].reason, "advice": VERDICTS[verdict].advice}
            raise ValidationError(self.error_messages["refused"], verdict, params)
        return file


def _check_form_file(content: bytes) -> str | None:
    """Return the verdict on a file of a form, or None without a result in time."""
    if not _form_checks.acquire(timeout=FORM_CHECK_WAIT):
        logger.warning("a CV is not checked in its form: too many at once")
        return None
    try:
        return examine(content, FORM_CHECK_SECONDS).verdict
    except (InspectionFailed, OSError) as error:
        logger.warning("a CV is not checked in its form: %s", _failure(error))
        return None
    finally:
        _form_checks.release()


def safe_filename(name: str) -> str:
    """Return a name for downloads: without folder or control characters, at most 94 characters, ending in .pdf."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem = re.sub(r"\.pdf$", "", name, flags=re.IGNORECASE)
    stem = re.sub(r"[^\w .()'’+-]", "_", stem)
    stem = re.sub(r"\s+", " ", stem).strip(" .")[:90].strip(" .")
    return f"{stem or 'CV'}.pdf"


def check_cv(application: Application) -> None:
    """Check the file of an application if it is due, and store its state.

    Replace an accepted file by the copy without actions, delete a refused one. A check without a result is retried, and
    in the end reported to the operator: only what is in the file is a reason to refuse it.
    """
    if not application.claim_cv():
        return
    original = application.cv
    try:
        verdict, copy = examine(_read(original))
        name = original.storage.save(cv_path(None, ""), ContentFile(copy)) if copy else ""
    except (InspectionFailed, OSError) as error:
        _report_failure(application, _failure(error))
        return
    values = {
        "cv": name,
        "cv_state": VERDICTS[verdict].state,
        "cv_reason": VERDICTS[verdict].reason,
        "cv_due_at": None,
        "cv_error": "",
    }
    try:
        with transaction.atomic():
            # The candidate may have replaced the file meanwhile: the new one has its own check.
            unchanged = Application.objects.filter(pk=application.pk, cv=original.name, cv_state=CvState.WAITING)
            stored = unchanged.update(**values)
            if stored:
                delete_after_commit(original)
                if values["cv_state"] == CvState.REFUSED:
                    # One mail for each refused file: its random name makes the key unique.
                    key = f"{application.pk}-{Path(original.name).stem}"
                    queue_mail("applications.cv_refused", key, application=application.pk)
    except BaseException:
        original.storage.delete(name)
        raise
    if name and not stored:
        original.storage.delete(name)


def _read(file) -> bytes:
    try:
        with file.storage.open(file.name) as opened:
            return opened.read()
    except FileNotFoundError as error:
        # In the directory of another host, or not mounted: nothing is known about the file.
        raise InspectionFailed(f"the file is not in PRIVATE_DIR of {socket.gethostname()}") from error


def _failure(error: Exception) -> str:
    """Return the reason of a failed check, without the file names in messages of the system."""
    return str(error) if isinstance(error, InspectionFailed) else type(error).__name__


def _report_failure(application: Application, reason: str) -> None:
    Application.objects.filter(pk=application.pk).update(cv_error=reason[:200])
    level = logging.WARNING if application.cv_due_at else logging.ERROR
    logger.log(level, "application %d: check %d of its CV: %s", application.pk, application.cv_attempts, reason)
