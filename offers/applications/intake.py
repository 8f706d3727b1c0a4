"""A form becomes an application: stored once, its file and its mails with it."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from jobboard.contact.models import Sender
from jobboard.mail.outbox import outbox_message, queue_mails
from offers.applications.cv import delete_later, plain_name
from offers.applications.enums import CvState
from offers.applications.mails import queue_again
from offers.applications.models import Application, KeptUpload
from offers.applications.models.application import cv_path

# The same text once more within so long is a double click or a page that was loaded anew, and needs no mail.
SENT_TWICE = timedelta(minutes=10)
_storage = Application._meta.get_field("cv").storage


class UploadGone(Exception):
    """The file that was kept for the form is no longer there."""


def receive(application: Application, network: str, file=None, kept: KeptUpload | None = None) -> None:
    """Store `application` with its CV: `file`, or the one that was `kept` when the form came the first time.

    Who applies again to the same offer is told so by mail and nowhere else: a page would tell anybody who asks whether
    somebody has applied. Raises TooManyMessages or UploadGone; nothing is stored then, and no file left behind.
    """
    if _told_again(application, network):
        if kept:
            forget(kept)
        return
    # Before the transaction: a database waits for no disk.
    name = _storage.save(cv_path(None, ""), file) if file else kept.file.name
    try:
        with transaction.atomic():
            Sender.objects.take(network, purpose="application", limit=settings.APPLICATION_LIMIT_PER_HOUR)
            if kept and not KeptUpload.objects.filter(pk=kept.pk).delete()[0]:
                if not file:
                    raise UploadGone
                kept = None
            now = timezone.now()
            application.created_at = application.last_contact_at = now
            application.cv = name
            application.cv_name = plain_name(file.name if file else kept.name)
            application.cv_due_at = now
            application.save(force_insert=True)
            queue_check(application)
            kinds = ("applications.confirmation", "applications.arrival")
            queue_mails([outbox_message(kind, application.pk, application=application.pk) for kind in kinds])
    except BaseException as error:
        if file:
            _storage.delete(name)
        if isinstance(error, IntegrityError) and _told_again(application, network):
            if kept:
                forget(kept)
            return
        raise
    if file and kept:
        kept.file.storage.delete(kept.file.name)


def replace_cv(application: Application, file) -> None:
    """Another CV in the place of one that was refused."""
    name = _storage.save(cv_path(None, ""), file)
    now = timezone.now()
    try:
        with transaction.atomic():
            mine = Application.objects.filter(pk=application.pk, cv_state=CvState.REFUSED).exclude(status="withdrawn")
            if not mine.update(
                cv=name,
                cv_name=plain_name(file.name),
                cv_state=CvState.WAITING,
                cv_reason="",
                cv_due_at=now,
                cv_attempts=0,
            ):
                # Somebody was faster, in another window.
                transaction.on_commit(lambda: _storage.delete(name))
                return
            queue_check(application)
    except BaseException:
        _storage.delete(name)
        raise


def queue_check(application: Application) -> None:
    # Nothing but the number: the queue and its failures are read by people who need not know the candidate.
    async_task("offers.applications.tasks.check_cv", application.pk, task_name=f"application-{application.pk}-cv")


def keep(file, network: str) -> KeptUpload:
    """Keep the file of a form that has to come back. Raises TooManyMessages: room on a disk is not for free."""
    Sender.objects.take(network, purpose="upload", limit=settings.APPLICATION_LIMIT_PER_HOUR)
    file.seek(0)
    upload = KeptUpload(name=plain_name(file.name))
    upload.file.save("", file, save=False)
    try:
        upload.save(force_insert=True)
    except BaseException:
        upload.file.storage.delete(upload.file.name)
        raise
    return upload


def forget(upload: KeptUpload) -> None:
    with transaction.atomic():
        if KeptUpload.objects.filter(pk=upload.pk).delete()[0]:
            delete_later(upload.file)


def erase(application: Application) -> None:
    """Everything about an application, the file included: that of now, which may have been replaced meanwhile."""
    with transaction.atomic():
        stored = Application.objects.select_for_update().filter(pk=application.pk).first()
        if stored is None:
            return
        if stored.cv:
            delete_later(stored.cv)
        stored.delete()


def _told_again(application: Application, network: str) -> bool:
    """Whether this person has applied to the offer before; the mail that says so is on its way then."""
    earlier = Application.objects.filter(offer=application.offer, email__iexact=application.email).first()
    if earlier is None:
        return False
    with transaction.atomic():
        Sender.objects.take(network, purpose="application", limit=settings.APPLICATION_LIMIT_PER_HOUR)
        if not _is_the_same(earlier, application):
            queue_again(earlier)
    return True


def _is_the_same(earlier: Application, again: Application) -> bool:
    told = [(each.name, each.message, each.answers) for each in (earlier, again)]
    return told[0] == told[1] and earlier.is_open and earlier.created_at > timezone.now() - SENT_TWICE
