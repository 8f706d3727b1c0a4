"""The retry policy: at least once, with growing delays, for about three days."""

from datetime import timedelta

MAX_ATTEMPTS = 18


def retry_delay(attempts: int) -> timedelta:
    """Return the delay after so many attempts: 2, 4, 8 … minutes, at most six hours."""
    return timedelta(minutes=min(2**attempts, 360))
