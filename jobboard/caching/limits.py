"""A database cache for rate limits whose writes are atomic across processes."""

import base64
import logging
import pickle
from contextlib import contextmanager
from datetime import UTC, datetime

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, InterfaceError, OperationalError, connections, router
from django.utils import timezone
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)


class LimitsUnavailable(OperationalError):
    """Rate limits cannot be counted. DatabaseMiddleware answers 503: nothing is let through without its limit."""


@contextmanager
def _refuse_without_limits():
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        # The class only, since messages may contain values. A missing table is created by `manage.py createcachetable`.
        logger.error("rate limits cannot be counted in the table of the cache: %s", type(error).__name__)
        raise LimitsUnavailable from None


class LimitCache(DatabaseCache):
    """Django's DatabaseCache with `set` and `add` as one atomic upsert, and reads that delete nothing.

    Django reads before it writes: if a row has expired, several concurrent processes find no value, and `add`, which
    the limits of sign-in depend on, returns True to all of them. Django also counts the rows before each write, and
    deletes a third of them, current limits included, when the table is full. Its reads delete expired rows by
    their key, which a concurrent `add` may just have replaced. Here only `delete_expired` deletes.

    Raise LimitsUnavailable for any error of the database: Django returns False where a write fails.
    """

    @_refuse_without_limits()
    def get_many(self, keys, version=None):
        names = {self.make_and_validate_key(key, version=version): key for key in keys}
        if not names:
            return {}
        connection, table = self._connection_and_table()
        placeholders = ", ".join(["%s"] * len(names))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT cache_key, value FROM {table} WHERE cache_key IN ({placeholders}) AND expires >= %s",  # noqa: S608  # nosec B608 # the name of the table is a setting
                [*names, connection.ops.adapt_datetimefield_value(timezone.now())],
            )
            rows = cursor.fetchall()
        # Written by `_base_set` only.
        return {names[key]: pickle.loads(base64.b64decode(value)) for key, value in rows}  # noqa: S301  # nosec B301

    @_refuse_without_limits()
    def has_key(self, key, version=None):
        return super().has_key(key, version)

    @_refuse_without_limits()
    def _base_delete_many(self, keys):
        return super()._base_delete_many(keys)

    @_refuse_without_limits()
    def clear(self):
        super().clear()

    @_refuse_without_limits()
    def _base_set(self, mode, key, value, timeout=DEFAULT_TIMEOUT):
        if mode == "touch":
            return super()._base_set(mode, key, value, timeout)
        seconds = self.get_backend_timeout(timeout)
        # The table is a constant of the settings.
        connection, table = self._connection_and_table()
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
                f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s) ON CONFLICT (cache_key) "  # noqa: S608  # nosec B608
                f"DO UPDATE SET value = excluded.value, expires = excluded.expires{only_expired}",
                values,
            )
            return cursor.rowcount == 1

    @_refuse_without_limits()
    def delete_expired(self) -> None:
        """Delete the expired rows."""
        connection, table = self._connection_and_table()
        with connection.cursor() as cursor:
            now = connection.ops.adapt_datetimefield_value(timezone.now())
            cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608  # nosec B608

    def _connection_and_table(self):
        connection = connections[router.db_for_write(self.cache_model_class)]
        return connection, connection.ops.quote_name(self._table)


def digest(key: str, prefix: str, version: int) -> str:
    """Return a keyed digest as the cache key: the keys of rate limits contain IPs and e-mail addresses."""
    return salted_hmac("jobboard.caching.limits", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()
