"""Limits of passwords and codes under concurrent requests: counted in the cache of the site, without locks."""

import itertools
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.test import RequestFactory

from jobboard.accounts import attempts, factors
from jobboard.accounts.attempts import PER_ACCOUNT, PER_NETWORK, TooManyAttempts
from jobboard.caching.limits import LimitCache
from tests.accounts.test_factors import totp_code
from tests.factories import make_user
from tests.threads import run_in_threads

pytestmark = pytest.mark.django_db(transaction=True)
needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time, and its test database is in memory"
)
THREADS = 12
_networks = itertools.count(1)


@pytest.fixture(autouse=True)
def empty_cache():
    yield
    cache.clear()


def count_allowed(email, ip="198.51.{}.1", threads=THREADS) -> int:
    """Return how many of the concurrent attempts are allowed, each from another network."""
    allowed = []

    def attempt():
        request = RequestFactory().post("/compte/login/", REMOTE_ADDR=ip.format(next(_networks)))
        try:
            attempts.reserve(request, "password", email, 0)
        except TooManyAttempts:
            return
        allowed.append(1)

    run_in_threads(*[attempt] * threads)
    return len(allowed)


@needs_postgresql
def test_concurrent_attempts_from_unknown_networks_are_at_most_five():
    for index in range(3):
        email = f"anne{index}@example.org"
        allowed = [count_allowed(email) for _ in range(2)]
        assert 3 <= sum(allowed) <= PER_ACCOUNT.slots


@needs_postgresql
def test_concurrent_attempts_from_one_network_are_limited_over_all_accounts():
    allowed = 0
    for index in range(4):
        allowed += count_allowed(f"bea{index}@example.org", ip="203.0.113.9")
    allowed += sum(count_allowed(f"carl{index}@example.org", ip="203.0.113.9", threads=2) for index in range(12))
    assert allowed <= PER_NETWORK.slots


def test_attempts_that_read_the_same_count_are_at_most_five(monkeypatch):
    """All attempts see a count of zero, as requests that started at the same time do."""
    monkeypatch.setattr(LimitCache, "get_many", lambda self, keys, version=None: {})
    allowed, waits = 0, []
    for _ in range(THREADS):
        request = RequestFactory().post("/compte/login/", REMOTE_ADDR=f"198.51.{next(_networks)}.1")
        try:
            attempts.reserve(request, "password", "dora@example.org", 0)
        except TooManyAttempts as error:
            waits.append(error.retry_after)
        else:
            allowed += 1
    assert allowed == PER_ACCOUNT.slots
    assert min(waits) > 0


def test_reads_do_not_delete_a_limit_that_has_just_been_replaced(monkeypatch):
    """Between its two statements, a read of Django's cache may delete the row that a concurrent `add` has written."""
    cache.set("slot", "expired", -10)
    delete = DatabaseCache._base_delete_many

    def add_before_deletion(self, keys):
        cache.add("slot", "new", 60)
        return delete(self, keys)

    monkeypatch.setattr(LimitCache, "_base_delete_many", add_before_deletion)
    assert cache.get("slot") is None
    cache.add("slot", "new", 60)
    assert cache.get("slot") == "new"
    assert cache.get_many([]) == {}


def count_accepted(authenticator, code) -> int:
    accepted = []

    def use():
        # Each request reads the row before the others have changed it.
        if factors.use_code(Authenticator.objects.get(pk=authenticator.pk), code):
            accepted.append(1)

    run_in_threads(*[use] * 6)
    return len(accepted)


@needs_postgresql
def test_concurrent_requests_use_a_code_once():
    user, secret = make_user(), generate_totp_secret()
    app = TOTP.activate(user, secret).instance
    recovery = RecoveryCodes.activate(user)
    while time.time() % 30 > 25:
        time.sleep(0.5)
    assert count_accepted(app, totp_code(secret)) == 1
    assert count_accepted(recovery.instance, recovery.generate_codes()[3]) == 1
