import errno
import logging
import re

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views.defaults import bad_request

from jobboard.encoding import STRICT_UTF8, PartHeaderStream, decode_percent_encoded, is_utf8

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
    """Answer 413 to a body over MAX_BODY_BYTES without reading it, 400 if it is not UTF-8, and 507 if the disk is full.

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
            if request.content_type == "multipart/form-data":
                self._decode_strictly(request)
            elif request.POST:
                # Only parsed from a body in memory.
                decode_percent_encoded(request.body)
            request.POST  # noqa: B018
        except UnicodeDecodeError:
            return bad_request(request, None)
        except OSError as error:
            if not is_disk_full(error):
                raise
            return self._disk_full_response()
        return None

    @staticmethod
    def _decode_strictly(request):
        request.encoding = STRICT_UTF8
        request._stream = PartHeaderStream(request._stream, request.content_params.get("boundary", ""))

    def process_exception(self, request, exception):
        return self._disk_full_response() if is_disk_full(exception) else None

    @staticmethod
    def _disk_full_response():
        logger.error("the disk is full: a request could not be stored")
        return HttpResponse(render_to_string("507.html"), status=507, headers={"Cache-Control": "no-store"})


class MethodNotAllowedMiddleware:
    """Render a page for status 405, whose response by Django is empty: someone has opened the URL of a button."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        is_page = request.method != "HEAD" and "HX-Request" not in request.headers
        if isinstance(response, HttpResponseNotAllowed) and is_page:
            # The header “Allow” and the cookies stay.
            response.content = render_to_string("405.html", request=request)
            add_never_cache_headers(response)
        return response


class PrivatePageMiddleware:
    """Forbid caches to store pages for visitors with a session: shared ones, and that of a shared computer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        # Logos, feeds and suggestions are the same for all visitors and have a Cache-Control of their own.
        is_page = response.get("Content-Type", "").startswith("text/html") or "Cache-Control" not in response
        if is_page and settings.SESSION_COOKIE_NAME in request.COOKIES:
            add_never_cache_headers(response)
        return response


class DatabaseMiddleware:
    """Answer 503 with Retry-After if a view raises an exception because the database is unavailable."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not is_database_unavailable(exception):
            return None
        # Log the class only: the message may contain values of the row.
        logger.error("the database does not answer: %s", type(exception).__name__)
        return database_unavailable_response()


# Seconds, for the header Retry-After.
RETRY_AFTER = 10
# SQLSTATE prefixes: connection exceptions, too many connections, and a server that starts or shuts down.
_UNAVAILABLE_SQLSTATES = ("08", "53300", "57P01", "57P02", "57P03")
_UNAVAILABLE_SQLITE = {"SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_IOERR"}


def is_database_unavailable(error: BaseException) -> bool:
    """Return whether `error` means that the database is unavailable, rather than an error of a statement."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    if state := getattr(error.__cause__, "sqlstate", None):
        return state.startswith(_UNAVAILABLE_SQLSTATES)
    if name := getattr(error.__cause__, "sqlite_errorname", None):
        return name in _UNAVAILABLE_SQLITE
    return True


def database_unavailable_response() -> HttpResponse:
    headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)


def is_disk_full(error: BaseException) -> bool:
    """Return whether `error`, of a file operation or of the database, means that the disk is full."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    if isinstance(error, OperationalError):
        cause = error.__cause__
        return getattr(cause, "sqlstate", "") == "53100" or getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL"
    return False


class CharacterMiddleware:
    """Answer 400 to text that is not UTF-8 in the URL or the cookies, and to a NUL character there or in a form.

    Django replaces invalid bytes by U+FFFD. PostgreSQL raises an error for NUL and SQLite stores it. A response, unlike
    an exception, logs one line only.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_utf8(request.content_params.get("charset", "utf-8")) or not self._is_text(request):
            return bad_request(request, None)
        return self.get_response(request)

    @staticmethod
    def _is_text(request) -> bool:
        """Return whether path, query string and cookies are UTF-8 without NUL."""
        try:
            query = decode_percent_encoded(request.META.get("QUERY_STRING", "").encode("latin-1"))
            request.META.get("HTTP_COOKIE", "").encode("latin-1").decode()
        except UnicodeError:
            return False
        # Of cookies the parsed values: quoted ones have octal escapes.
        path = request.path_info
        return not (_BROKEN_PATH.search(path) or has_nul(path, query, *request.COOKIES.values()))

    def process_view(self, request, view_func, view_args, view_kwargs):
        # Not in __call__: views may set upload handlers before the form is parsed.
        if has_nul_in(request.POST) or has_nul_in(request.FILES, lambda file: file.name or ""):
            return bad_request(request, None)
        return None


# Django percent-encodes the bytes of a path that are not UTF-8.
_BROKEN_PATH = re.compile("%[89A-F][0-9A-F]")


def has_nul_in(data, text=str) -> bool:
    return any(has_nul(key, *map(text, items)) for key, items in data.lists())


def has_nul(*values) -> bool:
    return any("\0" in value for value in values)
