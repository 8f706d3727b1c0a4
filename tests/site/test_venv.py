"""bin/venv, in a copy of what it needs, with a pip that does not reach the network."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Stands in for pip: a module that .venv/bin/python finds first.
PIP = """
import pathlib, sys
if __name__ == "__main__":
    with open("calls", "a") as calls:
        print(*sys.argv[1:], file=calls)
    if pathlib.Path("broken").exists():
        sys.exit("ERROR: hashes do not match")
"""


@pytest.fixture
def folder(tmp_path):
    """A project folder whose .venv is there but has nothing installed."""
    for name in ("bin/venv", "jobboard/__init__.py", "jobboard/ops/port.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements.txt").write_text("one==1.0 \\\n    --hash=sha256:0\ntwo==2.0 \\\n    --hash=sha256:0\n")
    (tmp_path / "pip.py").write_text(PIP)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    return tmp_path


def run(folder, *arguments, **environment):
    env = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(folder), **environment}
    command = [folder / "bin/venv", *arguments, "requirements.txt"]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120)


def calls(folder) -> list[str]:
    path = folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_it_installs_with_hashes_and_says_so_in_one_line(folder):
    result = run(folder)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == ["Installing 2 packages from requirements.txt, which takes a minute or two"]
    assert len(calls(folder)) == 1
    assert "--require-hashes --requirement requirements.txt" in calls(folder)[0]


def test_a_second_run_does_nothing_and_a_changed_file_installs_again(folder):
    run(folder)
    result = run(folder)
    assert (result.returncode, result.stdout, len(calls(folder))) == (0, "", 1)
    (folder / "requirements.txt").write_text("one==1.1 \\\n    --hash=sha256:1\n")
    assert "Installing 1 packages" in run(folder).stdout
    assert len(calls(folder)) == 2


def test_a_failure_is_told_and_tried_again(folder):
    (folder / "broken").touch()
    result = run(folder)
    assert result.returncode == 1
    assert "hashes do not match" in result.stderr
    assert "pip could not install requirements.txt" in result.stderr
    (folder / "broken").unlink()
    assert run(folder).returncode == 0
    assert len(calls(folder)) == 2


def test_a_taken_port_is_told_before_anything_is_installed(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run(folder, "--port", PORT=str(port))
    assert result.returncode == 1
    assert f"Port {port} is taken" in result.stdout + result.stderr
    assert calls(folder) == []


def test_an_interpreter_that_is_missing_is_named(folder):
    shutil.rmtree(folder / ".venv")
    result = run(folder, PYTHON="python-of-nowhere")
    assert result.returncode == 1
    assert "PYTHON=python-of-nowhere was not found" in result.stderr
