"""Store results in JSON files, so that a stopped run can be resumed."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VAR = Path(os.environ.get("BENCH_VAR", ROOT / "var" / "bench"))


def _file(run: str, name: str) -> Path:
    return VAR / "results" / run / f"{name}.json"


def save(run: str, name: str, result: dict) -> dict:
    result = {**result, "at": datetime.now(UTC).isoformat(timespec="seconds"), "code": code()}
    file = _file(run, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".new")
    partial.write_text(json.dumps(result, indent=1))
    partial.replace(file)
    return result


def load(run: str, name: str) -> dict | None:
    try:
        return json.loads(_file(run, name).read_text())
    except (OSError, ValueError):
        return None


def delete(run: str):
    shutil.rmtree(VAR / "results" / run, ignore_errors=True)


def names(run: str) -> list[str]:
    return [file.stem for file in sorted((VAR / "results" / run).glob("*.json"))]


def runs() -> list[str]:
    folders = (folder for folder in (VAR / "results").glob("*-*") if folder.is_dir())
    return sorted((folder.name for folder in folders), key=lambda run: (run.split("-")[0], int(run.split("-")[1])))


def code() -> str:
    """Return the measured commit, with “+” if files differ from it."""
    git = ["git", "-C", str(ROOT)]
    try:
        commit = subprocess.run([*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit.stdout.strip() + ("+" if changed.stdout.strip() else "")
