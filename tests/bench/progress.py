"""Report the progress of a long step: one updated line on a terminal, a line every ten seconds in a log."""

import sys
import time


class Progress:
    def __init__(self, out=None, silent=False):
        self.out, self.silent = out or sys.stdout, silent
        self.tty = not silent and self.out.isatty()
        self._last_output = 0.0

    def start(self, label: str, total: int, done: int = 0):
        self.label, self.total, self.first, self.started = label, total, done, time.monotonic()

    def at(self, done: int):
        now = time.monotonic()
        if self.silent or (done < self.total and now - self._last_output < (0.2 if self.tty else 10)):
            return
        self._last_output = now
        rate = (done - self.first) / max(now - self.started, 0.001)
        text = f"  {self.label}: {done:,} of {self.total:,}, {rate:,.0f} a second"
        end = "\n" if not self.tty or done >= self.total else ""
        self.out.write(("\r" if self.tty else "") + text.ljust(78 if self.tty else 0) + end)
        self.out.flush()

    def step(self, text: str):
        if not self.silent:
            self.out.write(f"  {text}\n")
            self.out.flush()
