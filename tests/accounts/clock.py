"""A clock for tests of limits: the database cache and the limits read the time by these functions."""

import time
from datetime import timedelta

from django.utils import timezone


class Clock:
    """Adds `offset` seconds to the time of the process."""

    def __init__(self, monkeypatch):
        self.offset = 0
        real_time, real_now = time.time, timezone.now
        monkeypatch.setattr(time, "time", lambda: real_time() + self.offset)
        monkeypatch.setattr(timezone, "now", lambda: real_now() + timedelta(seconds=self.offset))

    def advance(self, seconds: float) -> None:
        self.offset += seconds
