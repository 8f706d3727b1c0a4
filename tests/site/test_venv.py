"""bin/venv, in a copy of the files that it needs, with a pip that makes no network requests."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Replaces pip: .venv/bin/python imports this module first.
PIP = """
import pathlib, sys
if __name__ == "__main__":
    with open("calls", "a") as calls:
        print(*sys.argv[1:], file=calls)
    if pathlib.Path("broken").exists():
        sys.exit("ERROR: hashes do not match")
"""


@pytest.fixture
def project(tmp_path):
    """Return a project directory with an empty .venv."""
    for name in ("bin/venv", "jobboard/__init__.py", "jobboard/ops/port.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements.txt").write_text("one==1.0 \\\n    --hash=sha256:0\ntwo==2.0 \\\n    --hash=sha256:0\n")
    (tmp_path / "pip.py").write_text(PIP)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    return tmp_path


def run_venv(project, *arguments, **environment):
    env = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(project), **environment}
    command = [project / "bin/venv", *arguments, "requirements.txt"]
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False, timeout=120)


def pip_calls(project) -> list[str]:
    path = project / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_packages_are_installed_with_hashes(project):
    result = run_venv(project)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == ["Installing 2 packages from requirements.txt, which takes a minute or two"]
    assert len(pip_calls(project)) == 1
    assert "--require-hashes --requirement requirements.txt" in pip_calls(project)[0]


def test_packages_are_installed_again_only_after_changes(project):
    run_venv(project)
    result = run_venv(project)
    assert (result.returncode, result.stdout, len(pip_calls(project))) == (0, "", 1)
    (project / "requirements.txt").write_text("one==1.1 \\\n    --hash=sha256:1\n")
    assert "Installing 1 packages" in run_venv(project).stdout
    assert len(pip_calls(project)) == 2


def test_failed_install_is_reported_and_retried_by_the_next_run(project):
    (project / "broken").touch()
    result = run_venv(project)
    assert result.returncode == 1
    assert "hashes do not match" in result.stderr
    assert "pip could not install requirements.txt" in result.stderr
    (project / "broken").unlink()
    assert run_venv(project).returncode == 0
    assert len(pip_calls(project)) == 2


def test_port_in_use_is_reported_before_the_install(project):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run_venv(project, "--port", PORT=str(port))
    assert result.returncode == 1
    assert f"Port {port} is taken" in result.stdout + result.stderr
    assert pip_calls(project) == []


def test_missing_interpreter_is_named(project):
    shutil.rmtree(project / ".venv")
    result = run_venv(project, PYTHON="python-of-nowhere")
    assert result.returncode == 1
    assert "PYTHON=python-of-nowhere was not found" in result.stderr
