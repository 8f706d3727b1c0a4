"""The mail server, for tasks that send: it may be away, hang, or close early. And mails that wait for it as rows.

Such a mail is written in the transaction of what it tells. A try is claimed before it starts and stamped when the mail
has left, so that one goes out again only where a process died between the server's "accepted" and the stamp; it then
bears the same Message-ID. Logs and queue know numbers only.
"""

import logging
import smtplib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.mail import EmailMessage, get_connection
from django.db import models
from django.utils import timezone
from django_q.models import Schedule

logger = logging.getLogger(__name__)

# One sweep stops after so many seconds: the queue has other work, and a task is killed after Q_CLUSTER["timeout"].
SWEEP_SECONDS = 30
SWEEP_ROWS = 200


def mail_pause(attempts: int) -> timedelta:
    """How long to wait after so many tries: 2, 4, 8 … minutes, at most 6 hours."""
    return timedelta(minutes=min(2**attempts, 360))


class QueuedMailQuerySet(models.QuerySet):
    def due(self, at=None):
        return self.filter(due_at__lte=at or timezone.now())


class QueuedMail(models.Model):
    """A mail to be sent, sent, or given up."""

    # With the pauses of `mail_pause` between them, some three days of tries.
    ATTEMPTS = 18

    due_at = models.DateTimeField("prochain envoi", null=True, default=timezone.now)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    sent_at = models.DateTimeField("envoyé le", null=True)
    error = models.CharField("dernière erreur", max_length=80, blank=True)

    objects = QueuedMailQuerySet.as_manager()

    class Meta:
        abstract = True

    def claim(self, at=None) -> bool:
        """Take the next try, for this process alone; False when it is not due or already taken.

        The try is counted and the following one set before anything is sent: a process that dies meanwhile delays
        the mail, and nothing holds a lock while a mail server takes its time.
        """
        at = at or timezone.now()
        attempts = self.attempts + 1
        due = at + mail_pause(attempts) if attempts < self.ATTEMPTS else None
        mine = type(self).objects.due(at).filter(pk=self.pk, attempts=self.attempts)
        if not mine.update(attempts=attempts, due_at=due):
            return False
        self.attempts, self.due_at = attempts, due
        return True


def deliver(mails: Iterable[QueuedMail], compose: Callable[[QueuedMail, object], EmailMessage]) -> None:
    """Try those of `mails` that are due, over one connection; `compose` makes the message of a row."""
    end = time.monotonic() + SWEEP_SECONDS
    mails = list(mails)
    if not mails:
        return
    try:
        with mail_server() as connection:
            for mail in mails:
                if mail.claim():
                    _send(mail, compose, connection)
                if time.monotonic() > end:
                    break
    except ServerAway as away:
        # A server that does not answer one mail answers none: the others keep their try.
        if mails[0].claim():
            _failed(mails[0], away.__cause__)


def _send(mail, compose, connection) -> None:
    try:
        message = compose(mail, connection)
        # Nobody left to tell, as where a company has no member: that is done too.
        if message.recipients():
            message.send()
    except Exception as error:  # whatever one mail has, it must not stop the others
        _failed(mail, error)
        return
    type(mail).objects.filter(pk=mail.pk).update(sent_at=timezone.now(), due_at=None, error="")


def _failed(mail, error: BaseException) -> None:
    code = error_code(error)[:80]
    type(mail).objects.filter(pk=mail.pk).update(error=code)
    level = logging.WARNING if mail.due_at else logging.ERROR
    logger.log(level, "%s %d: try %d failed: %s", mail._meta.label, mail.pk, mail.attempts, code)


def try_later(task: str, *args, attempts: int) -> bool:
    """Have a task that sends a mail of no row of its own run again, with the same pauses; False after the last try.

    `task` is its name and takes `attempts` behind `args`. The queue itself gives up within half an hour, which is less
    than a mail server may be away.
    """
    if attempts + 1 >= QueuedMail.ATTEMPTS:
        return False
    Schedule.objects.create(
        name=task.rpartition(".")[2],
        func=task,
        args=repr((*args, attempts + 1)),
        schedule_type=Schedule.ONCE,
        next_run=timezone.now() + mail_pause(attempts + 1),
    )
    return True


class ServerAway(Exception):
    """The mail server cannot be reached; `__cause__` says why."""


@contextmanager
def mail_server() -> Iterator:
    """An open connection to the mail server. Raises ServerAway where there is none."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise ServerAway from error
    try:
        yield connection
    finally:
        try:
            connection.close()
        except (OSError, smtplib.SMTPException):
            # The mails have left; a server that does not say goodbye changes nothing.
            logger.info("the mail server closed the connection early")


def error_code(error: BaseException) -> str:
    """The kind of an error with its SMTP code: its own text often repeats the address of the person."""
    code = getattr(error, "smtp_code", "")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((code for code, _ in error.recipients.values()), "")
    return f"{type(error).__name__} {code}".strip()
