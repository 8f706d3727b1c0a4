"""Run the web server, the task worker and the search index's follower together, and end all of them together."""

import contextlib
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from jobboard.ops.port import PortRefused, listen

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds that the processes have to finish what they are doing.
GRACE = 10


class Command(BaseCommand):
    help = "Serve the site on this machine: web server, task worker and search index, which Ctrl-C ends together."

    def add_arguments(self, parser):
        parser.add_argument("--port", help="8000, or what PORT says")
        parser.add_argument("--reload", action="store_true", help="restart when the code changes, for development")

    def handle(self, *, port, reload, **options):
        if settings.PRODUCTION:
            raise CommandError("serve is for one's own machine. For a real site see docs/deployment.md.")
        try:
            server = listen(port)
        except PortRefused as refused:
            raise CommandError(str(refused)) from None
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        others = {"task worker": [*manage, "qcluster"], "search index": [*manage, "search_index", "follow"]}
        if reload:
            # runserver takes no open socket, and restarts itself.
            web = [*manage, "runserver", address.removeprefix("http://").rstrip("/")]
            server.close()
        else:
            # The socket is handed over, so that nobody can take the port in between.
            web = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{server.fileno()}", "jobboard.wsgi"]
        processes = Processes({"web server": web, **others}, {} if reload else {"web server": server})
        say(f"Jobboard is served on {address}: Ctrl-C stops it.")
        problem = processes.run(restart=list(others) if reload else [])
        if problem:
            raise CommandError(problem)


def say(text: str):
    """Print, unless nobody listens any more: that must not keep the processes from being ended."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


class Processes:
    """Several commands that live and die together."""

    def __init__(self, commands: dict[str, list[str]], sockets: dict[str, socket.socket] | None = None):
        """`sockets` are open ones, handed to the process of that name."""
        self.commands = commands
        self.sockets = sockets or {}
        self.running: dict[str, subprocess.Popen] = {}

    def run(self, restart: Sequence[str] = ()) -> str | None:
        """Run until a signal comes (None) or a process ends (what happened, in words).

        `restart` names processes that are started anew whenever a Python file of the project changes.
        """
        # Each signal writes a byte here, which wakes the loop: no time is lost, and none is spent on asking.
        wake, woken = os.pipe()
        os.set_blocking(woken, False)
        old_wakeup = signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        received = []
        handlers = {number: signal.signal(number, lambda number, frame: received.append(number))
                    for number in STOP_SIGNALS}  # fmt: skip
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda number, frame: None)
        try:
            for name in self.commands:
                self.start(name)
            code = newest_change() if restart else None
            while not received:
                if ended := self.ended():
                    return ended
                if select.select([wake], [], [], 1 if restart else None)[0]:
                    os.read(wake, 1024)
                if restart and (now := newest_change()) != code:
                    code = now
                    self.stop(list(restart))
                    for name in restart:
                        self.start(name)
            say("\nStopping.")
            return None
        finally:
            received.clear()
            self.stop(list(self.running), hurry=lambda: bool(received))
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(old_wakeup)
            os.close(wake)
            os.close(woken)

    def start(self, name: str):
        # A session of its own: Ctrl-C reaches this process alone, which then ends the others in good order, with
        # whatever they have started themselves.
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own commands
            self.commands[name],
            cwd=settings.BASE_DIR,
            pass_fds=[self.sockets[name].fileno()] if name in self.sockets else [],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=end_with_parent,
        )

    def ended(self) -> str | None:
        for name, process in self.running.items():
            if (code := process.poll()) is not None:
                how = f"with code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
                return f"The {name} ended {how}; the rest is stopped."
        return None

    def stop(self, names: list[str], hurry=lambda: False):
        """Ask, wait, then insist. `hurry` tells that somebody lost patience (a second Ctrl-C)."""
        for name in names:
            with contextlib.suppress(ProcessLookupError):
                self.running[name].terminate()
        end = time.monotonic() + GRACE
        while any(self.running[name].poll() is None for name in names) and time.monotonic() < end and not hurry():
            time.sleep(0.05)
        for name in names:
            process = self.running.pop(name)
            # What it started and did not end itself.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def end_with_parent():
    """Ask Linux to end this process when the one above is killed outright and can end nothing any more."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def newest_change() -> float:
    """When a Python file of the project was last written."""
    rooms = (settings.BASE_DIR / room for room in ("jobboard", "careers", "offers"))
    return max(path.stat().st_mtime for room in rooms for path in room.rglob("*.py"))
