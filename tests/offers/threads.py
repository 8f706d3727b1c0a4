"""Run functions at the same time, to test row locks and guarded updates."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

needs_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def run_in_threads(*functions, refusal: type[Exception]) -> list:
    """Call the functions at the same time, each in a thread with a connection of its own.

    Return in order what each of them returned, or its exception if that is a `refusal`. Other exceptions are raised.
    """
    barrier = threading.Barrier(len(functions), timeout=60)

    def call(function):
        try:
            barrier.wait()
            return function()
        except refusal as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(call, functions))
