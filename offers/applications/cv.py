"""The CV of an application: the checks of the upload form, and the safety check before a recruiter may open it."""

import logging
import os
import re
import shlex
import subprocess
import sys
import unicodedata
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import FileField, FileInput
from django.template.defaultfilters import filesizeformat

from jobboard.mail.outbox import queue_mail
from offers.applications.enums import CvState
from offers.applications.models import Application

logger = logging.getLogger(__name__)

INSPECTOR = Path(__file__).with_name("inspect_pdf.py")
# Longer than the CPU limit that the inspector sets itself, shorter than the timeout of a task (Q_CLUSTER["timeout"]).
INSPECTION_SECONDS = 20
ANTIVIRUS_SECONDS = 25
# For each verdict of the inspector, the state of the CV and a sentence for the candidate and the recruiter.
VERDICTS = {
    "safe": (CvState.SAFE, ""),
    "attached": (CvState.FLAGGED, "Le PDF contient des fichiers joints, qui n’ont pas été vérifiés."),
    "encrypted": (CvState.REFUSED, "Le PDF est protégé par un mot de passe ou des restrictions."),
    "damaged": (CvState.REFUSED, "Le PDF est incomplet ou abîmé."),
    "empty": (CvState.REFUSED, "Le PDF n’a aucune page."),
    "long": (CvState.REFUSED, "Le PDF a plus de 60\u00a0pages."),
    "active": (CvState.REFUSED, "Le PDF contient du code ou des actions automatiques."),
    "heavy": (CvState.REFUSED, "Le PDF est trop complexe pour être vérifié."),
    "infected": (CvState.REFUSED, "L’antivirus a reconnu un fichier dangereux."),
    "missing": (CvState.REFUSED, "Le fichier n’a pas été retrouvé."),
}


class InspectionFailed(Exception):
    """The check itself failed, for a reason that is not in the file: it is tried again later."""


class CvField(FileField):
    """A PDF of at most CV_MAX_BYTES, with the header and the end marker of the format."""

    default_error_messages = {
        "required": "Joignez votre CV, en PDF.",
        "missing": "Le fichier n’est pas arrivé. Choisissez-le à nouveau.",
        "invalid": "Le fichier n’est pas arrivé. Choisissez-le à nouveau.",
        "not_saved": "Ce fichier n’a pas pu être conservé. Choisissez-le à nouveau au prochain envoi.",
        "empty": "Ce fichier est vide.",
        "max_length": "Le nom de ce fichier est trop long.",
        "large": "Ce fichier pèse %(size)s\u00a0: 5\u00a0Mo au plus.",
        "not_pdf": "Ce fichier n’est pas un PDF. Depuis un traitement de texte\u00a0: «\u00a0Exporter en PDF\u00a0».",
        "cut": "Ce PDF est incomplet. Exportez-le ou téléchargez-le à nouveau.",
    }

    def __init__(self, **kwargs):
        widget = FileInput(attrs={"accept": "application/pdf,.pdf", "data-max-bytes": settings.CV_MAX_BYTES})
        super().__init__(**{"label": "CV", "help_text": "PDF, 5\u00a0Mo au plus.", "widget": widget, **kwargs})

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        if not file:
            return file
        if file.size > settings.CV_MAX_BYTES:
            raise ValidationError(self.error_messages["large"], "large", {"size": filesizeformat(file.size)})
        file.seek(0)
        if not file.read(5) == b"%PDF-":
            raise ValidationError(self.error_messages["not_pdf"], "not_pdf")
        file.seek(max(0, file.size - 2048))
        end = file.read()
        file.seek(0)
        if b"%%EOF" not in end:
            raise ValidationError(self.error_messages["cut"], "cut")
        return file


def safe_filename(name: str) -> str:
    """Return a name for downloads: without folder or control characters, at most 94 characters, ending in .pdf."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem = re.sub(r"\.pdf$", "", name, flags=re.IGNORECASE)
    stem = re.sub(r"[^\w .()'’+-]", "_", stem)
    stem = re.sub(r"\s+", " ", stem).strip(" .")[:90].strip(" .")
    return f"{stem or 'CV'}.pdf"


def check_cv(application: Application) -> None:
    """Check the file of an application if it is due, and store its state. Delete a refused file."""
    if not application.claim_cv():
        return
    try:
        verdict = _verdict(application.cv)
    except InspectionFailed as reason:
        level = logging.WARNING if application.cv_due_at else logging.ERROR
        logger.log(level, "application %d: check %d of its CV: %s", application.pk, application.cv_attempts, reason)
        return
    state, reason = VERDICTS[verdict]
    file = application.cv
    values = {"cv_state": state, "cv_reason": reason, "cv_due_at": None}
    if state == CvState.REFUSED:
        values["cv"] = ""
    with transaction.atomic():
        # The candidate may have replaced the file meanwhile: the new one has its own check.
        unchanged = Application.objects.filter(pk=application.pk, cv=file.name, cv_state=CvState.WAITING)
        if unchanged.update(**values) and state == CvState.REFUSED:
            # One mail for each refused file: its random name makes the key unique.
            queue_mail(
                "applications.cv_refused", f"{application.pk}-{Path(file.name).stem}", application=application.pk
            )
            delete_on_commit(file)


def delete_on_commit(file) -> None:
    """Delete a file once the transaction that removed its row is committed."""
    storage, name = file.storage, file.name
    transaction.on_commit(lambda: storage.delete(name), robust=True)


def _verdict(file) -> str:
    try:
        with file.storage.open(file.name) as opened:
            data = opened.read()
    except FileNotFoundError:
        return "missing"
    return "infected" if _is_infected(data) else inspect(data)


def inspect(data: bytes) -> str:
    """Return the verdict on a PDF, a key of VERDICTS, from a process without secrets."""
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603 # our own script
            [sys.executable, "-I", str(INSPECTOR)],
            input=data,
            capture_output=True,
            timeout=INSPECTION_SECONDS,
            # Pass no secret of this process.
            env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
        )
    except subprocess.TimeoutExpired:
        return "heavy"
    if done.returncode < 0:
        # Killed by a resource limit, or by a crash of the parser.
        return "heavy"
    verdict = done.stdout.decode().strip()
    if done.returncode or verdict not in VERDICTS:
        raise InspectionFailed(f"the inspector ended with {done.returncode}")
    return verdict


def _is_infected(data: bytes) -> bool:
    """Run the antivirus, if one is configured. Its exit code is 0 for a clean file, 1 for an infected one."""
    if not settings.CV_ANTIVIRUS_COMMAND:
        return False
    command = shlex.split(settings.CV_ANTIVIRUS_COMMAND)
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603 # the command in the settings, without a shell
            command, input=data, capture_output=True, timeout=ANTIVIRUS_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InspectionFailed(f"the antivirus: {type(error).__name__}") from error
    if done.returncode not in {0, 1}:
        raise InspectionFailed(f"the antivirus ended with {done.returncode}")
    return done.returncode == 1
