"""`manage.py serve`: when one of its processes ends, or on a signal, all of them end."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from jobboard.ops.management.commands.serve import ProcessGroup


def command(code: str) -> list[str]:
    return [sys.executable, "-c", code]


# Writes the pid of a child process that it does not terminate.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen(["sleep", "60"])
print(child.pid, file=open({file!r}, "w"), flush=True)
time.sleep(60)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open({file!r}, "w").write("1")
time.sleep(60)
"""


def read_pid(path, timeout=10):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(f"{path} was not written")


def has_ended(pid: int) -> bool:
    """Return whether a process has ended or ends within two seconds; only its parent could wait for it."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        if not state.strip() or state.startswith("Z"):
            return True
        time.sleep(0.05)
    return False


def signal_when_written(path, signum, times=1):
    """Send a signal to this process as soon as the file is written."""

    def send():
        read_pid(path)
        for _ in range(times):
            os.kill(os.getpid(), signum)
            time.sleep(0.2)

    threading.Thread(target=send).start()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_all_processes(signum, tmp_path):
    processes = ProcessGroup({"web": command(PARENT.format(file=str(tmp_path / "pid"))), "worker": ["sleep", "60"]})
    signal_when_written(tmp_path / "pid", signum)
    assert processes.run() is None
    assert processes.running == {}
    assert has_ended(read_pid(tmp_path / "pid"))


def test_end_of_one_process_ends_the_others(tmp_path):
    processes = ProcessGroup({"web": ["sleep", "60"], "worker": command("raise SystemExit(3)")})
    assert processes.run() == "The worker ended with code 3; the rest is stopped."
    killed = command("import os; os.kill(os.getpid(), 9)")
    processes = ProcessGroup({"web": killed, "worker": ["sleep", "60"]})
    assert processes.run() == "The web ended by SIGKILL; the rest is stopped."


def test_second_signal_kills_processes_that_ignore_the_first(tmp_path):
    processes = ProcessGroup({"web": command(STUBBORN.format(file=str(tmp_path / "pid")))})
    signal_when_written(tmp_path / "pid", signal.SIGINT, times=2)
    start = time.monotonic()
    assert processes.run() is None
    assert time.monotonic() - start < 5


def test_signal_ends_all_processes_when_the_output_is_closed(tmp_path, monkeypatch):
    read, write = os.pipe()
    os.close(read)
    processes = ProcessGroup({"web": command(PARENT.format(file=str(tmp_path / "pid")))})
    signal_when_written(tmp_path / "pid", signal.SIGTERM)
    broken_pipe = open(write, "w", buffering=1)
    monkeypatch.setattr(sys, "stdout", broken_pipe)
    assert processes.run() is None
    monkeypatch.undo()
    with pytest.raises(BrokenPipeError):
        broken_pipe.close()
    assert has_ended(read_pid(tmp_path / "pid"))
