"""What the task worker does for offers. Each may run twice, or die half-way, without harm."""

import logging
import time

from offers import changes, team_mails
from offers.applying import answers, cv, files, intake, mails
from offers.models import Application, Audience, KeptUpload

logger = logging.getLogger(__name__)

# One sweep stops after so many seconds: the queue has other work, and a task is killed after Q_CLUSTER["timeout"].
SWEEP_SECONDS = 20


def prune_changes():
    changes.prune()


def prune_audience():
    Audience.objects.past_retention().delete()


def send_application_mail(pk: int) -> None:
    """Try to send one mail, right after it was written."""
    mails.send(pk)


def send_application_mails() -> None:
    """Try again what did not leave. Scheduled every minute."""
    mails.send_due()


def check_cv(pk: int) -> None:
    """Look at one file, right after it came in."""
    if application := Application.objects.cv_due().filter(pk=pk).first():
        cv.examine(application)


def check_cvs() -> None:
    """Look at what was not looked at in time. Scheduled every minute."""
    end = time.monotonic() + SWEEP_SECONDS
    for application in Application.objects.cv_due().order_by("cv_due_at")[:50]:
        cv.examine(application)
        if time.monotonic() > end:
            break


def forget_uploads() -> None:
    """Delete the files of forms that did not come back. Scheduled every ten minutes."""
    for upload in KeptUpload.objects.expired()[:500]:
        intake.forget(upload)


def measure_answers() -> None:
    """Write down how long candidates usually wait. Scheduled every day."""
    answers.measure()


def sweep_files() -> None:
    """Delete private files that no row speaks of. Scheduled every day."""
    if deleted := files.sweep():
        logger.info("%d private files without a row deleted", deleted)


def send_team_mail(event: str, *pks: int) -> None:
    """Send a mail about who works for a company."""
    team_mails.send(event, *pks)
