"""What logs may say of an error and of a request: where and of what kind, never what somebody typed or who they are.

The text of an exception often repeats it: PostgreSQL quotes the row that a constraint refuses, `int()` what it could
not read. The access log is written by these rules too, so this module needs nothing of Django when it is imported.
"""

import logging
import re
import sys
from traceback import format_tb

# Who reads a log could use the key of a password reset or of an address before its owner does, or open an
# application, an alert, a company or its offers. A test finds the addresses that are missing here.
_KEYS = re.compile(
    r"(/compte/(?:password/reset/key|confirm-email)/|/alertes/(?:confirmer|gerer|arreter)/"
    r"|/recruteurs/(?:invitations|suivi)/)\S+"
)
_APPLICATION = re.compile(r"(?<!/recruteurs)(/candidatures/)(?!effacee/)[^/\s]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Whose texts are about machines.
_PLAIN = ("ImproperlyConfigured", "ImportError", "ModuleNotFoundError", "MailNotSent", "SearchUnavailable")


def without_keys(text: str) -> str:
    """`text` with what opens a door in its addresses left out."""
    return _APPLICATION.sub(r"\1…", _KEYS.sub(r"\1…", text))


def one_line(text: str) -> str:
    """`text` without what could begin a line of the visitor’s own."""
    return _CONTROLS.sub("?", text)


def told(error: BaseException) -> str:
    """The kind of an error, with what can be said of it."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    more = ""
    if kind.__name__ in _PLAIN:
        more = str(error)
    elif isinstance(error, OSError) and error.errno:
        more = f"[Errno {error.errno}] {error.strerror}"
    elif diagnosis := getattr(error, "diag", None):
        # Of psycopg: never the message itself, which quotes values.
        more = " ".join(filter(None, (error.sqlstate, diagnosis.table_name, diagnosis.constraint_name)))
    return f"{name}: {more}" if more else name


def trace(error: BaseException | None) -> str:
    """The traceback of an error and of those that led to it, as Python writes it but for the texts of the errors."""
    chain, links = [], []
    while error is not None and error not in chain:
        chain.append(error)
        if error.__cause__ is not None:
            links.append("\nThe above exception was the direct cause of the following exception:\n\n")
            error = error.__cause__
        else:
            links.append("\nDuring handling of the above exception, another exception occurred:\n\n")
            error = None if error.__suppress_context__ else error.__context__
    found = ""
    for number in range(len(chain) - 1, -1, -1):
        frames = "".join(format_tb(chain[number].__traceback__))
        found += f"Traceback (most recent call last):\n{frames}{told(chain[number])}\n"
        found += links[number - 1] if number else ""
    return found.rstrip("\n")


class Line(logging.Formatter):
    """A record, with the traceback of its error where it has one."""

    def formatException(self, ei):
        return trace(ei[1])

    def format(self, record):
        if isinstance(record.args, tuple) and any(isinstance(value, BaseException) for value in record.args):
            record = logging.makeLogRecord(record.__dict__)
            record.args = tuple(told(value) if isinstance(value, BaseException) else value for value in record.args)
        # A traceback that another handler has written down is one with everything in it.
        kept, record.exc_text = record.exc_text, None
        try:
            return without_keys(super().format(record))
        finally:
            record.exc_text = kept


class Reports:
    """Stands where django-q looks for a service of error reports: keeps the last failure of a task, as logs tell it."""

    def __init__(self):
        self.last = ""

    def report(self):
        error = sys.exc_info()[1]
        self.last = f"{told(error)}\n{trace(error)}"
