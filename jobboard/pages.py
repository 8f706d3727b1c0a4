"""Pages that everybody sees alike are rendered once and served again until something they show has changed.

What a page may depend on is in the database, in the index of this host, and in the date (offers are dated in words,
come out and expire by the clock). The state of all three is asked at every request: one query, two `stat`s. No page
is served for any length of time without that question, and no page of anybody who has a session is kept or served.
"""

import re
import time
from collections import OrderedDict
from threading import Lock

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone

from jobboard.stamp import make_stamp
from offers.changes import Epoch
from offers.search.current import current
from offers.search.index import SearchUnavailable

# The pages that everyone asks for, by the name of their address.
KEPT = {"home", "careers:list", "careers:detail", "offers:list", "offers:detail", "offers:company"}
# Hidden fields that must differ from visitor to visitor, and what makes them.
_FRESH = {b"csrfmiddlewaretoken": get_token, b"stamp": lambda request: make_stamp()}
_FIELD = re.compile(rb'(name="(csrfmiddlewaretoken|stamp)" value=")[^"]*')
# Whoever has one of these may be shown something of their own.
_PRIVATE_COOKIES = (settings.SESSION_COOKIE_NAME, "messages")
MAX_BYTES = 16_000_000


class _Page:
    """A rendered page in pieces, with the fields that are made anew between them."""

    def __init__(self, response, fields):
        self.headers = dict(response.items())
        self.pieces, self.fields, last = [], fields, 0
        for field in fields:
            self.pieces.append(response.content[last : field.end(1)])
            last = field.end()
        self.pieces.append(response.content[last:])
        self.size = len(response.content)

    def response(self, request) -> HttpResponse:
        parts = [self.pieces[0]]
        for field, piece in zip(self.fields, self.pieces[1:], strict=True):
            parts += [_FRESH[field[2]](request).encode(), piece]
        return HttpResponse(b"".join(parts), headers=self.headers)


class PageMiddleware:
    """Stands innermost: everything above still sees the request and sets its headers."""

    def __init__(self, get_response):
        self.get_response = get_response
        self._pages: OrderedDict[tuple, _Page] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._epoch = Epoch()

    def __call__(self, request):
        response = self.get_response(request)
        key = getattr(request, "kept_page", None)
        if key and self._may_keep(request, response):
            self._keep(key, response)
        return response

    def process_view(self, request, view_func, view_args, view_kwargs):
        # Here it is known which page is asked for: no other one costs a query.
        if not self._may_serve(request):
            return None
        state = self._state()
        if state is None:
            return None
        page = self._pages.get((request.path_info, state))
        if page is not None:
            return page.response(request)
        # Asked before the page is made: what changes meanwhile belongs to the next state.
        request.kept_page = (request.path_info, state)
        return None

    @staticmethod
    def _may_serve(request) -> bool:
        return (
            request.resolver_match.view_name in KEPT
            and request.method == "GET"
            and not request.META["QUERY_STRING"]
            and "HTTP_HX_REQUEST" not in request.META
            and not any(name in request.COOKIES for name in _PRIVATE_COOKIES)
        )

    def _state(self):
        """What every kept page depends on; None where it cannot be told."""
        try:
            epoch = self._epoch.number(time.time())
            return None if epoch is None else (epoch, current().generation, timezone.localdate())
        except (DatabaseError, SearchUnavailable):
            return None

    @staticmethod
    def _may_keep(request, response) -> bool:
        return (
            response.status_code == 200
            and not response.streaming
            and not response.cookies
            and not request.session.modified
        )

    def _keep(self, key, response):
        fields = list(_FIELD.finditer(response.content))
        page = _Page(response, fields)
        with self._lock:
            # What an older state left behind goes first.
            while self._pages and (self._bytes + page.size > MAX_BYTES or next(iter(self._pages))[1] != key[1]):
                self._bytes -= self._pages.popitem(last=False)[1].size
            replaced = self._pages.pop(key, None)
            self._bytes += page.size - (replaced.size if replaced else 0)
            self._pages[key] = page
