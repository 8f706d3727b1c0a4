"""The mail server, for tasks that send: it may be away, hang, or close early."""

import logging
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.mail import get_connection

logger = logging.getLogger(__name__)


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
