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


class ContentSecurityPolicyMiddleware:
    """Send the Content-Security-Policy of the settings, the same for all pages.

    The middleware of django-csp rebuilds the header for each response, which took 20 % of the time of a cached page.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request):
        response = self.get_response(request)
        # The debug pages of Django have inline styles and scripts.
        if not (settings.DEBUG and response.status_code in (404, 500)):
            response.headers.setdefault(HEADER, self.policy)
        return response


class RequestBodyMiddleware:
    """Answer 413 to a request body over MAX_BODY_BYTES without reading it, and 507 when the disk is full.

    The form is parsed here because uploaded files are written to disk during parsing, outside of any view. Temporary
    files are deleted with the request, and transactions of the view are rolled back.
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
            if not is_disk_full(error):
                raise
            return self._disk_full_response()
        return None

    def process_exception(self, request, exception):
        return self._disk_full_response() if is_disk_full(exception) else None

    @staticmethod
    def _disk_full_response():
        logger.error("the disk is full: a request could not be stored")
        return HttpResponse(render_to_string("507.html"), status=507, headers={"Cache-Control": "no-store"})


class DatabaseMiddleware:
    """Answer 503 at once, and ask to come back, where a view finds that the database is away."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not is_database_unavailable(exception):
            return None
        # Without its text, which may quote values.
        logger.error("the database does not answer: %s", type(exception).__name__)
        return database_unavailable()


# Seconds after which a program may try again.
RETRY_AFTER = 10
# Connection exceptions, too many connections, and a server that starts or stops.
_AWAY = ("08", "53300", "57P01", "57P02", "57P03")
_AWAY_SQLITE = {"SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_IOERR"}


def is_database_unavailable(error: BaseException) -> bool:
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


def is_disk_full(error: BaseException) -> bool:
    """Return whether the error of a file operation or of the database means that the disk is full."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    if isinstance(error, OperationalError):
        cause = error.__cause__
        return getattr(cause, "sqlstate", "") == "53100" or getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL"
    return False


class NulCharacterMiddleware:
    """Answer 400 to a NUL character in a path, a query string, a cookie or a form.

    PostgreSQL raises an error for it, SQLite stores it; with this check views behave alike on both. A response instead
    of an exception keeps the log to one line.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Before the session is read from its cookie.
        if has_nul(request.path_info, *request.COOKIES.values()) or has_nul_in(request.GET):
            return bad_request(request, None)
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        # Here and not in __call__: the form is only parsed for existing views, which may set upload handlers.
        if has_nul_in(request.POST) or has_nul_in(request.FILES, lambda file: file.name or ""):
            return bad_request(request, None)
        return None


def has_nul_in(data, text=str) -> bool:
    return any(has_nul(key, *map(text, items)) for key, items in data.lists())


def has_nul(*values) -> bool:
    return any("\0" in value for value in values)
