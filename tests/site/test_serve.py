"""The processes that `make run` starts live and die together."""

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


# Says its number, and that of a child which it does not end itself.
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


def wait_for(path, timeout=10):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(f"{path} was not written")


def ends(pid: int) -> bool:
    """Whether a process has ended, or does so within a moment: it is not our child, so nobody waits for it."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        if not state.strip() or state.startswith("Z"):
            return True
        time.sleep(0.05)
    return False


def signal_once(path, number, times=1):
    """Send a signal to this process once the file is there."""

    def send():
        wait_for(path)
        for _ in range(times):
            os.kill(os.getpid(), number)
            time.sleep(0.2)

    threading.Thread(target=send).start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(number, tmp_path):
    processes = ProcessGroup({"web": command(PARENT.format(file=str(tmp_path / "pid"))), "worker": ["sleep", "60"]})
    signal_once(tmp_path / "pid", number)
    assert processes.run() is None
    assert processes.running == {}
    assert ends(wait_for(tmp_path / "pid"))


def test_the_death_of_one_ends_the_rest(tmp_path):
    processes = ProcessGroup({"web": ["sleep", "60"], "worker": command("raise SystemExit(3)")})
    assert processes.run() == "The worker ended with code 3; the rest is stopped."
    killed = command("import os; os.kill(os.getpid(), 9)")
    processes = ProcessGroup({"web": killed, "worker": ["sleep", "60"]})
    assert processes.run() == "The web ended by SIGKILL; the rest is stopped."


def test_a_second_signal_ends_what_does_not_listen(tmp_path):
    processes = ProcessGroup({"web": command(STUBBORN.format(file=str(tmp_path / "pid")))})
    signal_once(tmp_path / "pid", signal.SIGINT, times=2)
    start = time.monotonic()
    assert processes.run() is None
    assert time.monotonic() - start < 5


def test_a_closed_output_changes_nothing(tmp_path, monkeypatch):
    read, write = os.pipe()
    os.close(read)
    processes = ProcessGroup({"web": command(PARENT.format(file=str(tmp_path / "pid")))})
    signal_once(tmp_path / "pid", signal.SIGTERM)
    nobody = open(write, "w", buffering=1)
    monkeypatch.setattr(sys, "stdout", nobody)
    assert processes.run() is None
    monkeypatch.undo()
    with pytest.raises(BrokenPipeError):
        nobody.close()
    assert ends(wait_for(tmp_path / "pid"))
