"""What a long step says while it works: one line that counts on a terminal, a line now and then in a log."""

import sys
import time


class Progress:
    def __init__(self, out=None, silent=False):
        self.out, self.silent = out or sys.stdout, silent
        self.tty = not silent and self.out.isatty()
        self._said = 0.0

    def start(self, what: str, total: int, done: int = 0):
        self.what, self.total, self.first, self.began = what, total, done, time.monotonic()

    def at(self, done: int):
        now = time.monotonic()
        if self.silent or (done < self.total and now - self._said < (0.2 if self.tty else 10)):
            return
        self._said = now
        rate = (done - self.first) / max(now - self.began, 0.001)
        text = f"  {self.what}: {done:,} of {self.total:,}, {rate:,.0f} a second"
        end = "\n" if not self.tty or done >= self.total else ""
        self.out.write(("\r" if self.tty else "") + text.ljust(78 if self.tty else 0) + end)
        self.out.flush()

    def step(self, text: str):
        if not self.silent:
            self.out.write(f"  {text}\n")
            self.out.flush()
