"""Answers that everybody gets alike are made once and given again until something they show has changed.

What a page or the answer to a search may depend on is in the database, in the index of this host, and in the clock
(offers are dated in words, come out and expire; a search may be for those of the last day). The state of all three is
asked at every request: one query, five looks at the disk. Nothing is given again for any length of time without that
question, and nothing of anybody who has a session is kept or served.
"""

import re
import time
from collections import OrderedDict
from threading import Event, Lock

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from jobboard.stamp import make_stamp
from offers.changelog.log import Epoch
from offers.search.current import generation
from offers.search.documents import day
from offers.search.index import SearchUnavailable

# By the name of their address: the pages that everyone asks for, whose query string is nobody's;
PAGES = {"home", "careers:list", "careers:detail", "catalogue:list", "catalogue:detail", "catalogue:company"}
# and answers that depend on it, and on what htmx says of the part of the page that it wants.
SEARCHES = {"catalogue:list", "catalogue:suggestions", "places:suggest"}
_HTMX = ("HTTP_HX_REQUEST", "HTTP_HX_TARGET", "HTTP_HX_TARGET_URI_AUTOENCODED", "HTTP_HX_BOOSTED")
# Hidden fields that must differ from visitor to visitor, and what makes them.
_FRESH = {b"csrfmiddlewaretoken": get_token, b"stamp": lambda request: make_stamp()}
_FIELD = re.compile(rb'(name="(csrfmiddlewaretoken|stamp)" value=")[^"]*')
# Of each worker. Searches stand apart, so that a robot's thousand questions leave the pages alone.
MAX_BYTES_OF_PAGES = 10_000_000
MAX_BYTES_OF_SEARCHES = 8_000_000


class _Answer:
    """What was rendered for an address that resolves to `match`, in pieces between the fields that are made anew."""

    def __init__(self, response, match):
        self.match = match
        self.headers = dict(response.items())
        self.is_page = self.headers["Content-Type"].startswith("text/html")
        self.fields = list(_FIELD.finditer(response.content))
        self.pieces, last = [], 0
        for field in self.fields:
            self.pieces.append(response.content[last : field.end(1)])
            last = field.end()
        self.pieces.append(response.content[last:])
        if self.is_page:
            # Whoever has a session gets another one.
            patch_vary_headers(response, ["Cookie"])
            self.headers["Vary"] = response["Vary"]
        # With what the objects themselves take, about.
        self.size = len(response.content) + 1_500

    def response(self, request) -> HttpResponse:
        parts = [self.pieces[0]]
        for field, piece in zip(self.fields, self.pieces[1:], strict=True):
            parts += [_FRESH[field[2]](request).encode(), piece]
        return HttpResponse(b"".join(parts), headers=self.headers)


class _Shelf:
    """Answers by what was asked, each with the state that it shows; at most so many bytes, the last used stay."""

    def __init__(self, most: int):
        self.most = most
        self._answers: OrderedDict[tuple, tuple[tuple, _Answer]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, asked: tuple) -> tuple[tuple, _Answer] | None:
        with self._lock:
            kept = self._answers.get(asked)
            if kept:
                self._answers.move_to_end(asked)
            return kept

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


class _Turns:
    """Who is making which answer: what has just changed is asked for by many at once, and one of them makes it."""

    # Seconds after which somebody who waits makes the answer too. A page takes a tenth of one.
    LONGEST_WAIT = 3

    def __init__(self):
        self._making: dict[tuple, Event] = {}
        self._lock = Lock()

    def take(self, asked: tuple) -> bool:
        """Whether it is this thread's turn to make the answer; if not, some other thread has done so by now."""
        with self._lock:
            made = self._making.get(asked)
            if made is None:
                self._making[asked] = Event()
                return True
        made.wait(self.LONGEST_WAIT)
        return False

    def end(self, asked: tuple):
        with self._lock:
            made = self._making.pop(asked)
        made.set()


class KeptPages:
    """Middleware that keeps the answers, and gives those that need no session again before there is one.

    It stands below what sets headers, and around what finds out who asks: that took a third of the time.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self._pages, self._searches = _Shelf(MAX_BYTES_OF_PAGES), _Shelf(MAX_BYTES_OF_SEARCHES)
        self._epoch = Epoch()
        self.turns = _Turns()

    def __call__(self, request):
        request.kept_pages = self
        # What has a token needs the middleware that sets its cookie.
        if (answer := self.answer(request)) and not answer.fields:
            request.resolver_match = answer.match
            return answer.response(request)
        return self.get_response(request)

    def answer(self, request) -> _Answer | None:
        """What was kept for such a request, where it still holds."""
        if not _is_anybodys(request):
            return None
        asked = what_is_asked(request)
        kept = self._pages.get(asked) or self._searches.get(asked)
        return kept[1] if kept and kept[0] == self.state(request) else None

    def keep(self, request, match, state: tuple, response):
        shelf = self._shelf(request, match)
        if shelf:
            shelf.put(what_is_asked(request), state, _Answer(response, match))

    def keeps(self, request, match) -> bool:
        return _is_anybodys(request) and self._shelf(request, match) is not None

    def _shelf(self, request, match) -> _Shelf | None:
        name, special = match.view_name, request.META["QUERY_STRING"] or _HTMX[0] in request.META
        if name in PAGES and not special:
            return self._pages
        return self._searches if name in SEARCHES else None

    def state(self, request) -> tuple | None:
        """What every kept answer depends on; None where it cannot be told.

        Asked once for a request, at its beginning: what changes meanwhile belongs to the next state.
        """
        if not hasattr(request, "kept_state"):
            request.kept_state = self._state()
        return request.kept_state

    def _state(self) -> tuple | None:
        at = time.time()
        try:
            epoch = self._epoch.number(at)
            return None if epoch is None else (epoch, generation(), day(timezone.now()))
        except (DatabaseError, SearchUnavailable):
            return None


class PageMiddleware:
    """Stands innermost, where it is known which page is asked for, and what it is before anybody's cookies come in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            response = self.get_response(request)
            state = getattr(request, "state_to_keep", None)
            if state and self._may_keep(request, response):
                request.kept_pages.keep(request, request.resolver_match, state, response)
            return response
        finally:
            if asked := getattr(request, "turn", None):
                request.kept_pages.turns.end(asked)

    def process_view(self, request, view_func, view_args, view_kwargs):
        kept, match = request.kept_pages, request.resolver_match
        # No other page costs a query.
        if not kept.keeps(request, match):
            return None
        if answer := kept.answer(request):
            return answer.response(request)
        if state := kept.state(request):
            request.state_to_keep, asked = state, what_is_asked(request)
            if kept.turns.take(asked):
                request.turn = asked
            elif answer := kept.answer(request):
                return answer.response(request)
        return None

    @staticmethod
    def _may_keep(request, response) -> bool:
        return (
            response.status_code == 200
            and not response.streaming
            and not response.cookies
            and not request.session.modified
        )


def _is_anybodys(request) -> bool:
    # Whoever has a session may be shown something of their own.
    return request.method == "GET" and settings.SESSION_COOKIE_NAME not in request.COOKIES


def what_is_asked(request) -> tuple:
    return (request.path_info, request.META["QUERY_STRING"], *map(request.META.get, _HTMX))
