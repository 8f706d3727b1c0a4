"""The rate limits of django-allauth in the cache of the site, counted by concurrent threads."""

from contextlib import contextmanager
from functools import partial

import pytest
from allauth.core import context
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory

from tests.threads import run_in_threads

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
THREADS = 12


def count_allowed(email: str) -> int:
    """Return how many of the concurrent wrong passwords for one e-mail address the rate limit allows."""
    allowed = []

    def attempt(i):
        request = RequestFactory().post("/compte/login/", REMOTE_ADDR=f"192.0.2.{i}")
        with context.request_context(request):
            if ratelimit.consume(request, app="allauth.account", action="login_failed", key=email):
                allowed.append(i)

    assert run_in_threads(*(partial(attempt, i) for i in range(THREADS))) == []
    return len(allowed)


@contextmanager
def no_lock(cache_key):
    yield True


def test_concurrent_wrong_passwords_are_limited_to_five(monkeypatch):
    try:
        assert [count_allowed(f"anne{i}@example.org") for i in range(3)] == [5] * 3
        # Without the lock, as a control, more attempts are allowed.
        monkeypatch.setattr(ratelimit, "cache_lock", no_lock)
        assert max(count_allowed(f"bea{i}@example.org") for i in range(10)) > 5
    finally:
        cache.clear()
