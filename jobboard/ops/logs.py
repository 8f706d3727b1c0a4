"""Redaction of logs: no personal data, no user input, no tokens of signed links.

Messages of exceptions are left out because they often contain user input: PostgreSQL quotes the row that violates a
constraint, `int()` the string it could not parse. Gunicorn imports this module too, so it must not import Django.
"""

import logging
import re
import sys
from traceback import format_tb

# URLs with a token, with which a reader of the log could reset a password or open an application, an alert or the
# offers of a company. A test fails for a route that is missing here.
_TOKEN_URL = re.compile(
    r"(/compte/(?:password/reset/key|confirm-email)/|/alertes/(?:confirmer|gerer|arreter)/"
    r"|/recruteurs/(?:invitations|suivi)/)\S+"
)
_APPLICATION_URL = re.compile(r"(?<!/recruteurs)(/candidatures/)(?!effacee/|envoi/)[^/\s]+")
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Exceptions whose messages contain no user input.
_SAFE_EXCEPTIONS = ("ImproperlyConfigured", "ImportError", "ModuleNotFoundError", "SearchUnavailable")


def redact_tokens(text: str) -> str:
    """Return `text` with the tokens in URLs replaced by “…”."""
    return _APPLICATION_URL.sub(r"\1…", _TOKEN_URL.sub(r"\1…", text))


def escape_control_characters(text: str) -> str:
    """Return `text` with control characters replaced by “?”, against log injection."""
    return _CONTROL_CHARACTERS.sub("?", text)


def redact_exception(error: BaseException) -> str:
    """Return the class of an exception, with the details that contain no user input (errno, SQLSTATE, constraint)."""
    cls = type(error)
    name = cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    details = ""
    if cls.__name__ in _SAFE_EXCEPTIONS:
        details = str(error)
    elif isinstance(error, OSError) and error.errno:
        details = f"[Errno {error.errno}] {error.strerror}"
    elif diagnosis := getattr(error, "diag", None):
        # psycopg: the message itself quotes values of the row.
        details = " ".join(filter(None, (error.sqlstate, diagnosis.table_name, diagnosis.constraint_name)))
    return f"{name}: {details}" if details else name


def redact_traceback(error: BaseException | None) -> str:
    """Return the traceback of an exception and of its causes, formatted as Python does, with redacted messages."""
    chain, links = [], []
    while error is not None and error not in chain:
        chain.append(error)
        if error.__cause__ is not None:
            links.append("\nThe above exception was the direct cause of the following exception:\n\n")
            error = error.__cause__
        else:
            links.append("\nDuring handling of the above exception, another exception occurred:\n\n")
            error = None if error.__suppress_context__ else error.__context__
    text = ""
    for index in range(len(chain) - 1, -1, -1):
        frames = "".join(format_tb(chain[index].__traceback__))
        text += f"Traceback (most recent call last):\n{frames}{redact_exception(chain[index])}\n"
        text += links[index - 1] if index else ""
    return text.rstrip("\n")


class RedactingFormatter(logging.Formatter):
    """Format records with redacted exceptions, tracebacks and URLs."""

    def formatException(self, ei):
        return redact_traceback(ei[1])

    def format(self, record):
        if isinstance(record.args, tuple) and any(isinstance(value, BaseException) for value in record.args):
            record = logging.makeLogRecord(record.__dict__)
            record.args = tuple(redact_exception(arg) if isinstance(arg, BaseException) else arg for arg in record.args)
        # Another handler may have cached an unredacted traceback on the record.
        cached, record.exc_text = record.exc_text, None
        try:
            return redact_tokens(super().format(record))
        finally:
            record.exc_text = cached


class ErrorReporter:
    """An error reporter for django-q that stores the redacted traceback of the last failed task."""

    def __init__(self):
        self.last = ""

    def report(self):
        error = sys.exc_info()[1]
        self.last = f"{redact_exception(error)}\n{redact_traceback(error)}"
