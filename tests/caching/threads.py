"""Run a function in several threads at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor


def run_concurrently(function, count: int) -> list:
    """Call the function in `count` threads at once; return its results, with any RuntimeError in place of a result."""
    barrier = threading.Barrier(count)

    def run():
        barrier.wait()
        try:
            return function()
        except RuntimeError as error:
            return error

    with ThreadPoolExecutor(count) as executor:
        return [future.result() for future in [executor.submit(run) for _ in range(count)]]
