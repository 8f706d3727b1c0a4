"""Run functions in threads that start together, each with a database connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection


def run_in_threads(*functions: Callable[[], object]) -> list[BaseException]:
    """Call each function in its own thread. Return the exceptions that they raised, once all threads have ended."""
    start, errors = threading.Barrier(len(functions), timeout=20), []

    def run(function):
        try:
            start.wait()
            function()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors
