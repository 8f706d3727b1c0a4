"""The PostgreSQL backend of the project: connections of the pool that the server has closed."""

import psycopg
import pytest
from django.db import connection

from jobboard.postgresql.base import is_closed_by_server

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a backend of PostgreSQL"),
]


@pytest.fixture
def admin():
    """A connection of its own, which terminates others."""
    values = connection.settings_dict
    with psycopg.connect(
        host=values["HOST"],
        port=values["PORT"] or None,
        user=values["USER"],
        password=values["PASSWORD"],
        dbname=values["NAME"],
        autocommit=True,
    ) as admin:
        yield admin


def backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def terminate(admin, pid: int):
    """Terminate a backend and wait until it has gone."""
    assert admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid]).fetchone() == (True,)


def test_pooled_connection_that_the_server_has_closed_is_replaced(admin):
    before = backend_pid()
    connection.close()
    terminate(admin, before)
    assert backend_pid() != before


def test_all_pooled_connections_are_replaced_after_a_restart(admin):
    connection.close()
    connection.close_pool()
    pool = connection.pool
    pool.open()
    opened = [pool.getconn() for _ in range(3)]
    pids = {each.info.backend_pid for each in opened}
    for each in opened:
        pool.putconn(each)
    connection.close()
    for pid in pids:
        terminate(admin, pid)
    for _ in range(5):
        assert backend_pid() not in pids
        connection.close()


def test_open_connection_is_not_taken_for_closed():
    connection.ensure_connection()
    assert not is_closed_by_server(connection.connection)
