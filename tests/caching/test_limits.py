"""The database cache of rate limits: expiry, hashed keys, and locks under concurrency."""

import pytest
from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache
from django.db import connection

from jobboard.caching.limits import LimitCache
from tests.caching.threads import run_concurrently

THREADS = 16


def read_keys() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        return [key for (key,) in cursor.fetchall()]


@pytest.mark.django_db
def test_values_are_returned_until_they_expire():
    assert cache.get("a") is None
    cache.set("a", [1.5, 2])
    assert cache.get("a") == [1.5, 2]
    cache.set("a", "autre")
    assert cache.get("a") == "autre"
    assert cache.add("a", "encore") is False
    assert cache.get("a") == "autre"
    cache.set("a", "passé", timeout=-1)
    assert cache.get("a") is None
    cache.set("a", "passé", timeout=-1)
    assert cache.add("a", "neuf") is True
    assert cache.get("a") == "neuf"
    cache.set("toujours", 1, timeout=None)
    assert cache.get("toujours") == 1
    assert cache.touch("toujours", 60) is True
    cache.delete("a")
    assert cache.get("a") is None


@pytest.mark.django_db
def test_delete_expired_deletes_expired_values_only():
    cache.set("a", 1, timeout=-1)
    cache.set("b", 2)
    cache.delete_expired()
    assert len(read_keys()) == 1
    assert cache.get("b") == 2


@pytest.mark.django_db
def test_keys_are_hashed():
    cache.set("allauth:rl:login:192.0.2.1:anne@example.org", 1)
    (key,) = read_keys()
    assert "192" not in key
    assert "anne" not in key
    assert len(key) == 64


def count_locks(backend, make_stale) -> int:
    """Return how many of the concurrent threads get the lock after `make_stale` has left an expired one."""
    make_stale()

    def take():
        try:
            return backend.add("lock", 1, timeout=10)
        finally:
            connection.close()

    return sum(run_concurrently(take, THREADS))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_one_of_many_threads_gets_the_lock():
    limit_cache, database_cache = (backend("cache", {}) for backend in (LimitCache, DatabaseCache))
    try:
        assert [count_locks(limit_cache, lambda: limit_cache.set("lock", 1, timeout=-5)) for _ in range(5)] == [1] * 5
        # The reason for LimitCache: Django's database cache gives the lock to several threads.
        assert max(count_locks(database_cache, lambda: limit_cache.set("lock", 1, timeout=-5)) for _ in range(20)) > 1
    finally:
        limit_cache.clear()
