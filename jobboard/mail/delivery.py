"""Send outbox messages over one SMTP connection.

Delivery is at least once: a mail is sent twice only if the process is killed after the server has accepted it and
before that is recorded. Both have the same Message-ID. Logs contain the kind and pk of a message, never an address.
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

# Mails per connection.
MAILS_PER_CONNECTION = 100


class ServerUnavailable(Exception):
    """The mail server cannot be reached, or refuses every mail; `__cause__` is the error."""


class MailServer:
    """A context manager for a connection to the mail server, opened with the first mail."""

    def __init__(self):
        self._connection = None
        self._sent = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._close()

    def send(self, mail: EmailMultiAlternatives) -> None:
        """Send a mail. Raise ServerUnavailable, or another exception if only this mail fails."""
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
            raise ServerUnavailable from error
        self._sent += 1

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection:
                connection.close()
        except (OSError, smtplib.SMTPException):
            # The mails have been accepted, so an error of QUIT has no effect.
            logger.info("the mail server closed the connection early")


class RateLimiter:
    """Limits the mails per second of the kinds with a `rate_limit`."""

    def __init__(self):
        self._next: dict[str, float] = {}

    def wait(self, kind: MailKind) -> None:
        if kind.rate_limit:
            time.sleep(max(self._next.get(kind.name, 0.0) - time.monotonic(), 0))
            self._next[kind.name] = time.monotonic() + 1 / getattr(settings, kind.rate_limit)


class OutboxSender:
    """A context manager that sends outbox messages until `end`, a value of time.monotonic()."""

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
        """Send the due ones among `messages` until the time limit. Raise ServerUnavailable.

        If the server is unavailable, the remaining messages are not claimed and lose no attempt.
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
        except Exception as error:  # an error of one mail must not stop the others
            _record_failure(message, error)
            return
        if email is None or not email.recipients():
            message.mark_cancelled()
            return
        self._limiter.wait(kind)
        try:
            self._server.send(email)
        except ServerUnavailable as unavailable:
            _record_failure(message, unavailable.__cause__)
            raise
        except Exception as error:
            _record_failure(message, error)
            if message.is_given_up and kind.on_refused:
                kind.on_refused(**message.context)
        else:
            message.mark_sent()


def compose(message: OutboxMessage, mail: Mail) -> EmailMultiAlternatives:
    """Render the text of a mail and its HTML alternative."""
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
    """Return the Message-ID, the same at each attempt. A digest, since a pk would reveal the count of mails."""
    digest = salted_hmac("jobboard.mail.message_id", message.key, algorithm="sha256").hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.SITE_URL).hostname}>"


def _record_failure(message: OutboxMessage, error: BaseException) -> None:
    message.mark_failed(error_code(error)[:80])
    level = logging.ERROR if message.is_given_up else logging.WARNING
    logger.log(level, "mail %d (%s): attempt %d failed: %s", message.pk, message.kind, message.attempts, message.error)


def error_code(error: BaseException) -> str:
    """Return the class of an error with its SMTP code; its message often contains an e-mail address."""
    code = getattr(error, "smtp_code", "")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((code for code, _ in error.recipients.values()), "")
    return f"{type(error).__name__} {code}".strip()
