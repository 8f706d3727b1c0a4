"""The library’s limits, counted by several workers at once on the cache that we give it."""

import threading
from contextlib import contextmanager

import pytest
from allauth.core import context
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
THREADS = 12


def passed(name: str) -> int:
    """How many of many wrong passwords for one address are tried when all come at once, where five may be."""
    together, tried = threading.Barrier(THREADS), []

    def guess(number):
        request = RequestFactory().post("/compte/login/", REMOTE_ADDR=f"192.0.2.{number}")
        together.wait()
        with context.request_context(request):
            if ratelimit.consume(request, app="allauth.account", action="login_failed", key=name):
                tried.append(number)
        connection.close()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(tried)


@contextmanager
def no_lock(cache_key):
    yield True


def test_so_many_guesses_and_no_more(monkeypatch):
    try:
        assert [passed(f"anne{number}@example.org") for number in range(3)] == [5] * 3
        # What the lock is for: without it, more are tried.
        monkeypatch.setattr(ratelimit, "cache_lock", no_lock)
        assert max(passed(f"bea{number}@example.org") for number in range(10)) > 5
    finally:
        cache.clear()
