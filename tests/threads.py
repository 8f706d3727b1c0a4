"""Run functions at the same time, to test row locks, guarded updates and single-flight."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

needs_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def run_in_threads(*functions: Callable[[], object], refusal: type[Exception] | tuple = ()) -> list:
    """Call the functions at the same time, each in a thread with a database connection of its own.

    Return in order the result of each, or its exception if that is a `refusal`. Other exceptions are raised.
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

    with ThreadPoolExecutor(len(functions)) as executor:
        return list(executor.map(call, functions))
