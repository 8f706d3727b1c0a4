"""Answers that everybody gets alike are made once and given again until something they show has changed.

What a page or the answer to a search may depend on is in the database, in the index of this host, and in the clock
(offers are dated in words, come out and expire; a search may be for those of the last day). The state of all three is
asked at every request: one query, two `stat`s. Nothing is given again for any length of time without that question,
and nothing of anybody who has a session is kept or served.
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
from django.utils.cache import patch_vary_headers

from jobboard.stamp import make_stamp
from offers.changes import Epoch
from offers.search.current import current
from offers.search.index import SearchUnavailable

# By the name of their address: the pages that everyone asks for, whose query string is nobody's;
PAGES = {"home", "careers:list", "careers:detail", "offers:list", "offers:detail", "offers:company"}
# and answers that depend on it, and on what htmx says of the part of the page that it wants.
SEARCHES = {"offers:list", "offers:suggestions", "offers:places"}
_HTMX = ("HTTP_HX_REQUEST", "HTTP_HX_TARGET", "HTTP_HX_TARGET_URI_AUTOENCODED", "HTTP_HX_BOOSTED")
# Counts how many offers are of the last days, to the minute: OfferFilter.moment.
_BY_THE_MINUTE = {"offers:list"}
# Hidden fields that must differ from visitor to visitor, and what makes them.
_FRESH = {b"csrfmiddlewaretoken": get_token, b"stamp": lambda request: make_stamp()}
_FIELD = re.compile(rb'(name="(csrfmiddlewaretoken|stamp)" value=")[^"]*')
# Of each worker. Searches stand apart, so that a robot's thousand questions leave the pages alone.
MAX_BYTES_OF_PAGES = 16_000_000
MAX_BYTES_OF_SEARCHES = 24_000_000


class _Answer:
    """What was rendered, in pieces, with the fields that are made anew between them."""

    def __init__(self, response):
        self.headers = dict(response.items())
        self.is_page = self.headers["Content-Type"].startswith("text/html")
        self.fields = list(_FIELD.finditer(response.content))
        self.pieces, last = [], 0
        for field in self.fields:
            self.pieces.append(response.content[last : field.end(1)])
            last = field.end()
        self.pieces.append(response.content[last:])
        # With what the objects themselves take, about.
        self.size = len(response.content) + 1_500

    def response(self, request) -> HttpResponse:
        parts = [self.pieces[0]]
        for field, piece in zip(self.fields, self.pieces[1:], strict=True):
            parts += [_FRESH[field[2]](request).encode(), piece]
        response = HttpResponse(b"".join(parts), headers=self.headers)
        if self.is_page:
            # Whoever has a session gets another one.
            patch_vary_headers(response, ["Cookie"])
        return response


class _Shelf:
    """Answers by what was asked, each with the state that it shows; at most so many bytes, the last used stay."""

    def __init__(self, most: int):
        self.most = most
        self._answers: OrderedDict[tuple, tuple[tuple, _Answer]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, asked: tuple, state: tuple) -> _Answer | None:
        with self._lock:
            kept = self._answers.get(asked)
            if kept is None or kept[0] != state:
                return None
            self._answers.move_to_end(asked)
            return kept[1]

    def put(self, asked: tuple, state: tuple, answer: _Answer):
        if answer.size > self.most:
            return
        with self._lock:
            if replaced := self._answers.pop(asked, None):
                self._bytes -= replaced[1].size
            self._answers[asked] = (state, answer)
            self._bytes += answer.size
            while self._bytes > self.most:
                self._bytes -= self._answers.popitem(last=False)[1][1].size


class PageMiddleware:
    """Stands innermost: everything above still sees the request and sets its headers."""

    def __init__(self, get_response):
        self.get_response = get_response
        self._pages, self._searches = _Shelf(MAX_BYTES_OF_PAGES), _Shelf(MAX_BYTES_OF_SEARCHES)
        self._epoch = Epoch()

    def __call__(self, request):
        response = self.get_response(request)
        place = getattr(request, "kept_answer", None)
        if place and self._may_keep(request, response):
            shelf, asked, state = place
            shelf.put(asked, state, _Answer(response))
        return response

    def process_view(self, request, view_func, view_args, view_kwargs):
        # Here it is known which page is asked for: no other one costs a query.
        shelf = self._shelf(request)
        state = shelf and self._state(request)
        if state is None:
            return None
        asked = (request.path_info, request.META["QUERY_STRING"], *map(request.META.get, _HTMX))
        if answer := shelf.get(asked, state):
            return answer.response(request)
        # Asked before the answer is made: what changes meanwhile belongs to the next state.
        request.kept_answer = (shelf, asked, state)
        return None

    def _shelf(self, request) -> _Shelf | None:
        """Where an answer may be kept; None where it may be neither kept nor served."""
        # Whoever has a session may be shown something of their own.
        if request.method != "GET" or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return None
        name, special = request.resolver_match.view_name, request.META["QUERY_STRING"] or _HTMX[0] in request.META
        if name in PAGES and not special:
            return self._pages
        return self._searches if name in SEARCHES else None

    def _state(self, request) -> tuple | None:
        """What every kept answer depends on; None where it cannot be told."""
        at = time.time()
        minute = int(at // 60) if request.resolver_match.view_name in _BY_THE_MINUTE else None
        try:
            epoch = self._epoch.number(at)
            return None if epoch is None else (epoch, current().generation, timezone.localdate(), minute)
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
