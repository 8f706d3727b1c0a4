"""Django’s database cache, with writes that let several workers count one limit at once."""

import base64
import pickle
from datetime import UTC, datetime

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router
from django.utils import timezone
from django.utils.crypto import salted_hmac


class LimitCache(DatabaseCache):
    """Django’s own with a write that is one statement, which the database settles however many come at once.

    Django’s looks first and writes then: where a row has expired, everybody who looked finds it free, and `add`, which
    the limits of sign-in use as their lock, says yes to all of them. It also counts the whole table before each write
    and throws out a third of it when it is full, limits that still count among them: here only what has expired goes,
    by `forget_expired`.
    """

    def _base_set(self, mode, key, value, timeout=DEFAULT_TIMEOUT):
        if mode == "touch":
            return super()._base_set(mode, key, value, timeout)
        seconds = self.get_backend_timeout(timeout)
        connection, table = self._place()
        adapt = connection.ops.adapt_datetimefield_value
        values = [
            key,
            base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("latin1"),
            adapt(datetime.max.replace(tzinfo=UTC) if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)),
        ]
        only_expired = ""
        if mode == "add":
            only_expired = f" WHERE {table}.expires < %s"
            values.append(adapt(timezone.now()))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s) ON CONFLICT (cache_key) "  # noqa: S608
                f"DO UPDATE SET value = excluded.value, expires = excluded.expires{only_expired}",
                values,
            )
            return cursor.rowcount == 1

    def forget_expired(self) -> None:
        """Delete what no longer counts."""
        connection, table = self._place()
        with connection.cursor() as cursor:
            now = connection.ops.adapt_datetimefield_value(timezone.now())
            cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608

    def _place(self):
        connection = connections[router.db_for_write(self.cache_model_class)]
        return connection, connection.ops.quote_name(self._table)


def digest(key: str, prefix: str, version: int) -> str:
    """A keyed digest in place of each key: keys of limits are made of network addresses and of what people typed."""
    return salted_hmac("jobboard.caching.limits", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()
