"""Send outbox messages over one connection to the mail server, which may be away, hang, or close early.

At least once: a mail is sent again only where a process died between the server's "accepted" and the record of it, and
then bears the same Message-ID. Logs name a message by its kind and primary key, never by an address.
"""

import logging
import smtplib
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac

from jobboard.mail.html import render_html
from jobboard.mail.kinds import Mail, MailKind, get_kind
from jobboard.mail.models import OutboxMessage
from jobboard.text.lines import in_one_line

logger = logging.getLogger(__name__)

# Mails over one connection, before a new one is opened.
MAILS_PER_CONNECTION = 100


class ServerAway(Exception):
    """The mail server cannot be reached or takes no mail at all; `__cause__` says why."""


class MailServer:
    """One connection to the mail server, opened with the first mail. A context manager."""

    def __init__(self):
        self._connection = None
        self._sent = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._close()

    def send(self, mail: EmailMultiAlternatives) -> None:
        """Send one mail. Raises ServerAway, or whatever the server or the mail itself has against this one mail."""
        if self._sent == MAILS_PER_CONNECTION:
            self._close()
        try:
            if self._connection is None:
                connection = get_connection()
                connection.open()
                self._connection, self._sent = connection, 0
            mail.connection = self._connection
            mail.send()
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError):
            raise
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway from error
        self._sent += 1

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection:
                connection.close()
        except (OSError, smtplib.SMTPException):
            # The mails have left; a server that does not say goodbye changes nothing.
            logger.info("the mail server closed the connection early")


class RateLimiter:
    """Bounds the mails per second of the kinds that have a limit."""

    def __init__(self):
        self._next: dict[str, float] = {}

    def wait(self, kind: MailKind) -> None:
        if kind.rate_limit:
            time.sleep(max(self._next.get(kind.name, 0.0) - time.monotonic(), 0))
            self._next[kind.name] = time.monotonic() + 1 / getattr(settings, kind.rate_limit)


class OutboxSender:
    """Sends outbox messages until `end` (of time.monotonic). A context manager."""

    def __init__(self, end: float):
        self._end = end
        self._server = MailServer()
        self._limiter = RateLimiter()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._server.__exit__(*exception)

    @property
    def has_time(self) -> bool:
        return time.monotonic() <= self._end

    def send(self, messages: Iterable[OutboxMessage]) -> None:
        """Try those of `messages` that are due, as far as there is time. Raises ServerAway.

        A server that does not answer one mail answers none: the others keep their attempt.
        """
        for message in messages:
            if not self.has_time:
                return
            if message.claim():
                self._send_claimed(message)

    def _send_claimed(self, message: OutboxMessage) -> None:
        try:
            kind = get_kind(message.kind)
            mail = kind.render(**message.context)
            email = compose(message, mail) if mail else None
        except Exception as error:  # whatever one mail has, it must not stop the others
            _record_failure(message, error)
            return
        if email is None or not email.recipients():
            message.mark_cancelled()
            return
        self._limiter.wait(kind)
        try:
            self._server.send(email)
        except ServerAway as away:
            _record_failure(message, away.__cause__)
            raise
        except Exception as error:
            _record_failure(message, error)
            if message.is_given_up and kind.on_refused:
                kind.on_refused(**message.context)
        else:
            message.mark_sent()


def compose(message: OutboxMessage, mail: Mail) -> EmailMultiAlternatives:
    """Render the text of a mail and, from it, its HTML alternative."""
    context = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, **mail.context}
    subject = in_one_line(render_to_string(f"{mail.template}_subject.txt", context))
    body = render_to_string(f"{mail.template}_body.txt", context)
    recipients = mail.to
    if recipients is None:
        recipients = [message.recipient] if message.recipient else []
    email = EmailMultiAlternatives(
        subject=subject,
        body=body,
        to=recipients,
        reply_to=mail.reply_to,
        headers={"Message-ID": message_id(message), "Auto-Submitted": "auto-generated", **mail.headers},
    )
    email.attach_alternative(render_html(subject, body), "text/html")
    return email


def message_id(message: OutboxMessage) -> str:
    """Return the Message-ID, the same at each attempt. It is a digest, so that it does not reveal a count of mails."""
    digest = salted_hmac("jobboard.mail.message_id", message.key, algorithm="sha256").hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.SITE_URL).hostname}>"


def _record_failure(message: OutboxMessage, error: BaseException) -> None:
    message.mark_failed(error_code(error)[:80])
    level = logging.ERROR if message.is_given_up else logging.WARNING
    logger.log(level, "mail %d (%s): attempt %d failed: %s", message.pk, message.kind, message.attempts, message.error)


def error_code(error: BaseException) -> str:
    """Return the class of an error with its SMTP code: its own text often repeats the address of a person."""
    code = getattr(error, "smtp_code", "")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((code for code, _ in error.recipients.values()), "")
    return f"{type(error).__name__} {code}".strip()
