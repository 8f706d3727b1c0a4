"""The verdict on an uploaded CV: the antivirus, and the inspection of the PDF in a process without secrets."""

import os
import shlex
import signal
import subprocess  # nosec B404 # no shell
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from offers.applications.enums import CvState

INSPECTOR = Path(__file__).with_name("inspect_pdf.py")
# Longer than the CPU limit that the inspector sets itself; with the antivirus, shorter than the timeout of a task
# (Q_CLUSTER["timeout"]).
INSPECTION_SECONDS = 20
ANTIVIRUS_SECONDS = 25
# The inspector does not write a larger copy (MAX_COPY_BYTES); a process taken over by a file might.
MAX_OUTPUT_BYTES = 16_000_000
# Signals of the inspector’s own limits and of a crash of a parser: the file is the cause.
FAULTS_OF_THE_FILE = {signal.SIGXCPU, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE}


class Verdict(NamedTuple):
    """The state of a CV with this verdict, a reason for candidate and recruiter, and advice for the candidate."""

    state: CvState
    reason: str = ""
    advice: str = ""


EXPORT_AGAIN = "Ouvrez le document d’origine et exportez-le à nouveau en PDF."
VERDICTS = {
    "safe": Verdict(CvState.SAFE),
    "cleaned": Verdict(
        CvState.SAFE, "Le PDF contenait des scripts ou des actions automatiques\u00a0: cette copie n’en a plus."
    ),
    "attached": Verdict(CvState.FLAGGED, "Le PDF contient des fichiers joints, qui n’ont pas été vérifiés."),
    "encrypted": Verdict(
        CvState.REFUSED,
        "Ce PDF ne s’ouvre qu’avec un mot de passe ou une clé.",
        "Enregistrez-le sans protection, puis choisissez-le à nouveau.",
    ),
    "damaged": Verdict(CvState.REFUSED, "Ce PDF est incomplet ou abîmé.", "Exportez-le ou téléchargez-le à nouveau."),
    "empty": Verdict(CvState.REFUSED, "Ce PDF n’a aucune page.", EXPORT_AGAIN),
    "long": Verdict(CvState.REFUSED, "Ce PDF a plus de 60\u00a0pages.", "N’en gardez que le CV."),
    "dynamic": Verdict(
        CvState.REFUSED,
        "Ce PDF est un formulaire dynamique (XFA), que la plupart des lecteurs n’affichent pas.",
        "Ouvrez-le et imprimez-le en PDF.",
    ),
    "active": Verdict(
        CvState.REFUSED,
        "Ce PDF contient des actions automatiques qui n’ont pas pu être retirées.",
        "Ouvrez-le et imprimez-le en PDF.",
    ),
    "heavy": Verdict(
        CvState.REFUSED,
        "Ce PDF est trop complexe pour être vérifié.",
        "Ouvrez-le et imprimez-le en PDF, en qualité réduite.",
    ),
    "infected": Verdict(CvState.REFUSED, "L’antivirus a reconnu un fichier dangereux.", EXPORT_AGAIN),
}


def advice_for(reason: str) -> str:
    """Return the advice that belongs to the stored reason of a refused CV."""
    return next((verdict.advice for verdict in VERDICTS.values() if verdict.reason == reason), EXPORT_AGAIN)


class InspectionFailed(Exception):
    """The check itself failed, for a reason that is not in the file: it is tried again later."""


class Inspection(NamedTuple):
    """A verdict, a key of VERDICTS, and the copy of the PDF for recruiters; without a copy if it is refused."""

    verdict: str
    copy: bytes = b""


def examine(data: bytes, seconds: float = INSPECTION_SECONDS + ANTIVIRUS_SECONDS) -> Inspection:
    """Run the antivirus and the inspection within so many seconds. Raise InspectionFailed without a result."""
    end = time.monotonic() + seconds
    if _is_infected(data, min(seconds, ANTIVIRUS_SECONDS)):
        return Inspection("infected")
    return inspect(data, min(end - time.monotonic(), INSPECTION_SECONDS))


def inspect(data: bytes, seconds: float = INSPECTION_SECONDS) -> Inspection:
    """Inspect a PDF and write its copy, in a process without secrets."""
    with tempfile.TemporaryFile() as source:
        source.write(data)
        source.seek(0)
        with subprocess.Popen(  # noqa: S603  # nosec B603 # our own script
            [sys.executable, "-I", str(INSPECTOR)],
            stdin=source,
            stdout=subprocess.PIPE,
            # The warnings of the parser quote the file.
            stderr=subprocess.DEVNULL,
            # Pass no secret of this process.
            env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
        ) as process:
            timer = threading.Timer(max(seconds, 0), process.kill)
            timer.start()
            output = process.stdout.read(MAX_OUTPUT_BYTES + 1)
            if len(output) > MAX_OUTPUT_BYTES:
                process.kill()
            process.wait()
            timer.cancel()
    if -process.returncode in FAULTS_OF_THE_FILE or len(output) > MAX_OUTPUT_BYTES:
        return Inspection("heavy")
    verdict, _, copy = output.partition(b"\n")
    if process.returncode or verdict.decode(errors="replace") not in VERDICTS:
        raise InspectionFailed(f"the inspector ended with {process.returncode}")
    return Inspection(verdict.decode(), copy)


def _is_infected(data: bytes, seconds: float) -> bool:
    """Run the antivirus, if one is configured. Its exit code is 0 for a clean file, 1 for an infected one."""
    if not settings.CV_ANTIVIRUS_COMMAND:
        return False
    command = shlex.split(settings.CV_ANTIVIRUS_COMMAND)
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds)  # noqa: S603  # nosec B603 # the command in the settings
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InspectionFailed(f"the antivirus: {type(error).__name__}") from error
    if done.returncode not in {0, 1}:
        raise InspectionFailed(f"the antivirus ended with {done.returncode}")
    return done.returncode == 1
