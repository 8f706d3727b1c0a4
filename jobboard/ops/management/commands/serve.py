"""Run the web server, the task worker and the search indexer together, and stop all of them together."""

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

from jobboard.ops.port import PortUnavailable, listen

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds that the processes get to stop before they are killed.
GRACE_SECONDS = 10


class Command(BaseCommand):
    help = "Serve the site on this machine: web server, task worker and search indexer. Ctrl-C stops them all."

    def add_arguments(self, parser):
        parser.add_argument("--port", help="default: $PORT, or 8000")
        parser.add_argument("--reload", action="store_true", help="restart when the code changes, for development")

    def handle(self, *, port, reload, **options):
        if settings.PRODUCTION:
            raise CommandError("serve is for development. For production see docs/deployment.md.")
        try:
            server = listen(port)
        except PortUnavailable as error:
            raise CommandError(str(error)) from None
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        others = {"task worker": [*manage, "qcluster"], "search index": [*manage, "search_index", "follow"]}
        if reload:
            # runserver cannot take an open socket, and reloads by itself.
            web = [*manage, "runserver", url.removeprefix("http://").rstrip("/")]
            server.close()
        else:
            # Gunicorn inherits the open socket, so no other process can bind the port meanwhile.
            web = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{server.fileno()}", "jobboard.wsgi"]
        processes = ProcessGroup({"web server": web, **others}, {} if reload else {"web server": server})
        print_safely(f"Jobboard is served on {url}: Ctrl-C stops it.")
        problem = processes.run(restart=list(others) if reload else [])
        if problem:
            raise CommandError(problem)


def print_safely(text: str):
    """Print, and ignore a closed standard output: the processes must still be stopped."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


class ProcessGroup:
    """Several commands that are started and stopped together."""

    def __init__(self, commands: dict[str, list[str]], sockets: dict[str, socket.socket] | None = None):
        """`sockets` are open sockets by the name of the process that inherits them."""
        self.commands = commands
        self.sockets = sockets or {}
        self.running: dict[str, subprocess.Popen] = {}

    def run(self, restart: Sequence[str] = ()) -> str | None:
        """Run until a signal (return None) or until a process exits (return a message).

        `restart` names the processes to restart whenever a Python file of the project changes.
        """
        # Each signal writes a byte to this pipe, which wakes `select` without polling.
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        old_wakeup = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        received = []
        handlers = {signum: signal.signal(signum, lambda signum, frame: received.append(signum))
                    for signum in STOP_SIGNALS}  # fmt: skip
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda signum, frame: None)
        try:
            for name in self.commands:
                self.start(name)
            modified = latest_mtime() if restart else None
            while not received:
                if message := self.exit_message():
                    return message
                if select.select([read_end], [], [], 1 if restart else None)[0]:
                    os.read(read_end, 1024)
                if restart and (now := latest_mtime()) != modified:
                    modified = now
                    self.stop(list(restart))
                    for name in restart:
                        self.start(name)
            print_safely("\nStopping.")
            return None
        finally:
            received.clear()
            self.stop(list(self.running), kill_now=lambda: bool(received))
            for signum, handler in handlers.items():
                signal.signal(signum, handler)
            signal.set_wakeup_fd(old_wakeup)
            os.close(read_end)
            os.close(write_end)

    def start(self, name: str):
        # A new session: Ctrl-C reaches only this process, which then stops the others and their children.
        self.running[name] = subprocess.Popen(  # noqa: S603  # nosec B603 # commands of this module
            self.commands[name],
            cwd=settings.BASE_DIR,
            pass_fds=[self.sockets[name].fileno()] if name in self.sockets else [],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=end_with_parent,
        )

    def exit_message(self) -> str | None:
        for name, process in self.running.items():
            if (code := process.poll()) is not None:
                reason = f"with code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
                return f"The {name} ended {reason}; the rest is stopped."
        return None

    def stop(self, names: list[str], kill_now=lambda: False):
        """Terminate the processes, and kill those still running after GRACE_SECONDS or once `kill_now` returns True."""
        for name in names:
            with contextlib.suppress(ProcessLookupError):
                self.running[name].terminate()
        end = time.monotonic() + GRACE_SECONDS
        while any(self.running[name].poll() is None for name in names) and time.monotonic() < end and not kill_now():
            time.sleep(0.05)
        for name in names:
            process = self.running.pop(name)
            # Kill the children it left running.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def end_with_parent():
    """Have Linux terminate this process when its parent dies, even by SIGKILL (PR_SET_PDEATHSIG)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def latest_mtime() -> float:
    """Return the latest modification time of the Python files of the project."""
    packages = (settings.BASE_DIR / name for name in ("jobboard", "careers", "offers"))
    return max(path.stat().st_mtime for package in packages for path in package.rglob("*.py"))
