import errno
import logging

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import bad_request

logger = logging.getLogger(__name__)


class PolicyMiddleware:
    """Send the Content-Security-Policy that the settings describe, one for all pages.

    The library's own middleware writes it anew for each answer, which took a fifth of the time of one that was kept.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request):
        response = self.get_response(request)
        # Django's pages for developers bring styles and code of their own.
        if not (settings.DEBUG and response.status_code in (404, 500)):
            response.headers.setdefault(HEADER, self.policy)
        return response


class BodyMiddleware:
    """Refuse a body that is too large before reading any of it (413), and say so where the disk is full (507).

    Files are written to the disk while a form is read, before there is a view that could answer; so the form is read
    here. What was written is gone with the request, and what a view had begun in the database is rolled back.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.MAX_BODY_BYTES:
            return HttpResponse(render_to_string("413.html"), status=413)
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        try:
            request.POST  # noqa: B018
        except OSError as error:
            if not disk_is_full(error):
                raise
            return self._full()
        return None

    def process_exception(self, request, exception):
        return self._full() if disk_is_full(exception) else None

    @staticmethod
    def _full():
        logger.error("the disk is full: a request could not be stored")
        return HttpResponse(render_to_string("507.html"), status=507, headers={"Cache-Control": "no-store"})


class DatabaseMiddleware:
    """Answer 503 at once, and ask to come back, where a view finds that the database is away."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not database_is_away(exception):
            return None
        # Without its text, which may quote values.
        logger.error("the database does not answer: %s", type(exception).__name__)
        return database_unavailable()


# Seconds after which a program may try again.
RETRY_AFTER = 10
# Connection exceptions, too many connections, and a server that starts or stops.
_AWAY = ("08", "53300", "57P01", "57P02", "57P03")
_AWAY_SQLITE = {"SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_IOERR"}


def database_is_away(error: BaseException) -> bool:
    """Return whether the database could not be reached; of a statement that it refused, False."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    if state := getattr(error.__cause__, "sqlstate", None):
        return state.startswith(_AWAY)
    if name := getattr(error.__cause__, "sqlite_errorname", None):
        return name in _AWAY_SQLITE
    return True


def database_unavailable() -> HttpResponse:
    headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)


def disk_is_full(error: BaseException) -> bool:
    """Whether a file or the database could not be written for want of room."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    if isinstance(error, OperationalError):
        cause = error.__cause__
        return getattr(cause, "sqlstate", "") == "53100" or getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL"
    return False


class RefuseNulMiddleware:
    """Answer 400 to a NUL character in a path, a query string, a cookie or a form.

    PostgreSQL cannot store one and raises wherever it meets it, SQLite does not: refusing it up front keeps
    both alike and spares every view the check. Answered rather than raised: a refusal is one line of the log.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Before anything reads a session by its cookie.
        if has_nul(request.path_info, *request.COOKIES.values()) or has_nul_in(request.GET):
            return bad_request(request, None)
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        # A form is parsed only where there is a view for it, which may have set its own upload handlers.
        if has_nul_in(request.POST) or has_nul_in(request.FILES, lambda file: file.name or ""):
            return bad_request(request, None)
        return None


def has_nul_in(data, text=str) -> bool:
    return any(has_nul(key, *map(text, items)) for key, items in data.lists())


def has_nul(*values) -> bool:
    return any("\0" in value for value in values)
