"""Django's PostgreSQL backend with a cheaper health check of pooled connections."""

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Take a connection from the pool without asking the server whether it is alive.

    Django's check (`CONN_HEALTH_CHECKS`) sends a query, which took a third of the time of a cached page. A server that
    stops closes its connections, which is seen here without waiting for the network; `tcp_user_timeout` bounds the time
    that a host takes which has vanished.
    """

    def get_new_connection(self, conn_params):
        connection = super().get_new_connection(conn_params)
        while self.pool and is_closed_by_server(connection):
            # The pool discards and replaces it.
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


def is_closed_by_server(connection: psycopg.Connection) -> bool:
    """Return whether the server has closed `connection`, which is idle; without a round trip."""
    try:
        # The first call reads the last message of the server, the second the end of the stream.
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return True
    return connection.closed
