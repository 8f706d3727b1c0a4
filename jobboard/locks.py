"""Locks on values that have no row yet, so that a check and the insert after it are one step.

An IntegrityError has the same effect for the site, but PostgreSQL writes it to its log with the e-mail address.
"""

from django.db import connection
from django.utils.crypto import salted_hmac


def lock_value(purpose: str, value: str) -> None:
    """Wait for other transactions that hold the lock on `value`, and hold it until the end of this one.

    On SQLite a transaction holds the write lock from its beginning.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A lock on a value needs a transaction.")
    if connection.vendor == "postgresql":
        digest = salted_hmac("jobboard.locks", f"{purpose}:{value}", algorithm="sha256").digest()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])
