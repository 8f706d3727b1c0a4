"""Wait for another process or thread."""

import time

# Seconds. Requirements are shorter, but the machine that runs the tests may be busy.
TIMEOUT = 10


def wait_until(condition, seconds=TIMEOUT, interval=0.02) -> float:
    """Wait until `condition()` is true; return the seconds waited."""
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        assert waited < seconds, f"not within {seconds} seconds"
        time.sleep(interval)
    return time.monotonic() - began
