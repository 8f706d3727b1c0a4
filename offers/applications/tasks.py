import time

from offers.applications import answers, cv, intake
from offers.applications.models import Application, PendingUpload

# Seconds after which a sweep starts no other check: one check may take 45 s more, and a task is killed after
# Q_CLUSTER["timeout"].
SWEEP_SECONDS = 10


def check_cv(pk: int) -> None:
    """Check the CV of one application, right after its upload."""
    if application := Application.objects.cv_due().filter(pk=pk).first():
        cv.check_cv(application)


def check_cvs() -> None:
    """Check the CVs that are due: new ones whose task was lost, and failed checks. Scheduled every minute."""
    end = time.monotonic() + SWEEP_SECONDS
    for application in Application.objects.cv_due().order_by("cv_due_at")[:50]:
        cv.check_cv(application)
        if time.monotonic() > end:
            break


def delete_expired_uploads() -> None:
    """Delete the pending files that have expired. Scheduled every ten minutes."""
    for upload in PendingUpload.objects.expired()[:500]:
        intake.delete_upload(upload)


def update_answer_days() -> None:
    """Store the usual time to answer of each company. Scheduled every day."""
    answers.update_answer_days()
