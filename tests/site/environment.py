"""Run Python in a subprocess, with the environment variables of a production site or with none."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "JOBBOARD_MODE": "production",
    "SECRET_KEY": "k" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "jobboard.example.org",
    "SITE_URL": "https://jobboard.example.org",
    "DATABASE_URL": "postgres://someone@127.0.0.1:5432/site",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "DEFAULT_FROM_EMAIL": "jobboard@example.org",
}


def run_python(*arguments, tmp_path, **environment):
    """Run Python with these variables, and none of the shell's that configure a site."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**inherited, "JOBBOARD_VAR": str(tmp_path / "var"), **environment}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
