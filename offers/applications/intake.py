"""Store an application with its CV and its mails, replace a refused CV, and delete all of it."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from jobboard.contact.models import Sender
from jobboard.locks import lock_value
from jobboard.mail.outbox import outbox_message, queue_mails
from jobboard.privacy.files import delete_after_commit
from jobboard.privacy.models import FileDeletion
from offers.applications.cv import safe_filename
from offers.applications.enums import CvState
from offers.applications.mails import queue_repeat_notice
from offers.applications.models import Application, PendingUpload
from offers.applications.models.application import cv_path

# An identical application within this time is a double click or a reload, and needs no mail.
RESUBMISSION_WINDOW = timedelta(minutes=10)
_storage = Application._meta.get_field("cv").storage


class _Repeated(Exception):
    """A concurrent request has stored an application of the same candidate to the same offer."""


class UploadExpired(Exception):
    """The pending file of the form has been deleted."""


def receive_application(application: Application, network: str, file=None, upload: PendingUpload | None = None) -> None:
    """Store `application` with its CV: `file`, or the pending `upload` of an earlier submission.

    A second application to the same offer is reported by mail only: a page would reveal to others who has applied.
    Raise RateLimitExceeded or UploadExpired, with nothing stored and no file left.
    """
    if _handle_repeat(application, network):
        if upload:
            delete_upload(upload)
        return
    # Before the transaction, so that no lock is held while writing to disk.
    name = _storage.save(cv_path(None, ""), file) if file else upload.file.name
    try:
        with transaction.atomic():
            lock_value("application", f"{application.offer_id} {application.email.lower()}")
            if _earlier(application):
                raise _Repeated
            Sender.objects.count_message(network, purpose="application", limit=settings.APPLICATION_LIMIT_PER_HOUR)
            if upload and not PendingUpload.objects.filter(pk=upload.pk).delete()[0]:
                if not file:
                    raise UploadExpired
            elif upload and file:
                delete_after_commit(upload.file)
            now = timezone.now()
            application.created_at = application.last_contact_at = now
            application.cv = name
            application.cv_name = safe_filename(file.name if file else upload.name)
            application.cv_due_at = now
            application.save(force_insert=True)
            if application.keep_for_others:
                application.consents.create(given=True, at=now)
            queue_check(application)
            kinds = ("applications.confirmation", "applications.arrival")
            queue_mails([outbox_message(kind, application.pk, application=application.pk) for kind in kinds])
    except BaseException as error:
        if file:
            _storage.delete(name)
        if isinstance(error, _Repeated) and _handle_repeat(application, network):
            if upload:
                delete_upload(upload)
            return
        raise


def replace_cv(application: Application, file) -> bool:
    """Store another CV in place of a refused one. Return False if the application no longer has a refused CV."""
    name = _storage.save(cv_path(None, ""), file)
    now = timezone.now()
    try:
        with transaction.atomic():
            refused = Application.objects.filter(pk=application.pk, cv_state=CvState.REFUSED)
            if not refused.exclude(status="withdrawn").update(
                cv=name,
                cv_name=safe_filename(file.name),
                cv_state=CvState.WAITING,
                cv_reason="",
                cv_due_at=now,
                cv_attempts=0,
                cv_error="",
                last_contact_at=now,
            ):
                # Replaced already, in another window.
                transaction.on_commit(lambda: _storage.delete(name))
                return False
            queue_check(application)
    except BaseException:
        _storage.delete(name)
        raise
    return True


def queue_check(application: Application) -> None:
    # Queue the pk only: administrators of the queue need not know the candidate.
    async_task("offers.applications.tasks.check_cv", application.pk, task_name=f"application-{application.pk}-cv")


def recheck(applications) -> int:
    """Make the checks without a result due again, with all their attempts; return their count."""
    waiting = applications.filter(cv_state=CvState.WAITING).exclude(cv="")
    return waiting.update(cv_due_at=timezone.now(), cv_attempts=0)


def save_upload(file, network: str) -> PendingUpload:
    """Store the file of an invalid form. Raise RateLimitExceeded beyond the rate limit, which protects the disk."""
    Sender.objects.count_message(network, purpose="upload", limit=settings.APPLICATION_LIMIT_PER_HOUR)
    file.seek(0)
    upload = PendingUpload(name=safe_filename(file.name))
    upload.file.save("", file, save=False)
    try:
        upload.save(force_insert=True)
    except BaseException:
        upload.file.storage.delete(upload.file.name)
        raise
    return upload


def delete_upload(upload: PendingUpload) -> None:
    with transaction.atomic():
        if PendingUpload.objects.filter(pk=upload.pk).delete()[0]:
            delete_after_commit(upload.file)


def erase_application(application: Application) -> bool:
    """Delete an application with all its rows and its current file, which may have been replaced meanwhile.

    Return whether the file is gone; if not, a task goes on trying (see jobboard/privacy/files.py).
    """
    deletion = None
    with transaction.atomic():
        stored = Application.objects.select_for_update().filter(pk=application.pk).first()
        if stored is None:
            return True
        if stored.cv:
            deletion = delete_after_commit(stored.cv)
        stored.delete()
    return deletion is None or not FileDeletion.objects.filter(pk=deletion.pk).exists()


def _handle_repeat(application: Application, network: str) -> bool:
    """Return whether the candidate has applied to the offer before, and queue the mail that says so."""
    earlier = _earlier(application)
    if earlier is None:
        return False
    with transaction.atomic():
        Sender.objects.count_message(network, purpose="application", limit=settings.APPLICATION_LIMIT_PER_HOUR)
        if not _is_resubmission(earlier, application):
            queue_repeat_notice(earlier)
    return True


def _earlier(application: Application) -> Application | None:
    """Return the application of the same candidate to the same offer that is stored already."""
    return Application.objects.filter(offer=application.offer, email__iexact=application.email).first()


def _is_resubmission(earlier: Application, again: Application) -> bool:
    texts = [(each.name, each.message, each.answers) for each in (earlier, again)]
    return texts[0] == texts[1] and earlier.is_open and earlier.created_at > timezone.now() - RESUBMISSION_WINDOW
