import time

from offers.applications import answers, cv, intake
from offers.applications.models import Application, KeptUpload

# One sweep begins nothing new after so many seconds: one look at a file may take 45 more, and a task is killed after
# Q_CLUSTER["timeout"].
SWEEP_SECONDS = 10


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
