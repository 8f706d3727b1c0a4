"""jobboard/settings.py in each mode, read in subprocesses."""

import ast
import re
from pathlib import Path

import pytest

from tests.site.environment import PRODUCTION, ROOT, run_python

REQUIRED = sorted(set(PRODUCTION) - {"JOBBOARD_MODE"})
IDENTITY = {
    "SITE_PUBLISHER": "Exemple SAS",
    "SITE_ADDRESS": "1 rue de la Paix, Paris",
    "SITE_EMAIL": "contact@example.org",
    "SITE_PUBLICATION_DIRECTOR": "Camille Exemple",
    "SITE_HOST": "Hébergeur, Lille",
    "SITE_DPO": "aucun",
    "SITE_TRANSFERS": "aucun",
}


def evaluate(expression, tmp_path, **environment):
    """Return the value of an expression over the settings (`s`)."""
    code = f"from jobboard import settings as s; print(repr({expression}))"
    result = run_python("-c", code, tmp_path=tmp_path, **environment)
    assert result.returncode == 0, result.stderr
    return ast.literal_eval(result.stdout)


@pytest.mark.parametrize("missing", REQUIRED)
def test_production_requires_each_variable(missing, tmp_path):
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}
    for value in ({}, {missing: ""}):
        result = run_python("-c", "import jobboard.settings", tmp_path=tmp_path, **environment, **value)
        assert result.returncode != 0
        assert f"{missing} must be set in production" in result.stderr


def test_production_starts_with_all_required_variables(tmp_path):
    assert evaluate(
        "(s.DEBUG, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.TRUSTED_PROXIES)", tmp_path, **PRODUCTION
    ) == (
        False,
        True,
        True,
        1,
    )


def test_production_refuses_debug(tmp_path):
    result = run_python("-c", "import jobboard.settings", tmp_path=tmp_path, **PRODUCTION, DEBUG="1")
    assert "DEBUG shows secrets" in result.stderr


def test_unknown_mode_is_refused(tmp_path):
    result = run_python("-c", "import jobboard.settings", tmp_path=tmp_path, JOBBOARD_MODE="prod")
    assert "it must be 'local' or 'production'" in result.stderr


def test_local_mode_needs_no_variables_and_allows_only_local_hosts(tmp_path):
    assert evaluate("(s.DEBUG, s.ALLOWED_HOSTS)", tmp_path) == (False, ["localhost", "127.0.0.1", "[::1]"])
    key = (tmp_path / "var/secret_key").read_text()
    assert len(key) >= 50
    assert (tmp_path / "var/secret_key").stat().st_mode & 0o077 == 0
    assert evaluate("s.SECRET_KEY", tmp_path) == key


def test_each_database_has_its_options(tmp_path):
    options = "s.DATABASES['default']['OPTIONS']"
    assert evaluate(options, tmp_path)["transaction_mode"] == "IMMEDIATE"
    postgres = evaluate(options, tmp_path, DATABASE_URL="postgres://someone@127.0.0.1:5432/site")
    assert postgres["pool"] == {"min_size": 1, "max_size": 8, "timeout": 1}
    assert postgres["options"] == "-c statement_timeout=10000"


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 51, 3), True),
        ((3, 50, 7), True),
        ((3, 44, 6), True),
        ((3, 51, 2), False),
        ((3, 50, 6), False),
        ((3, 46, 1), False),
        ((3, 40, 1), False),
    ],
)
def test_wal_is_safe_only_without_the_corruption_bug(version, safe, tmp_path):
    assert evaluate(f"s.sqlite_wal_is_safe({version})", tmp_path) is safe


def test_deploy_check_reports_missing_identity_and_unsafe_values(tmp_path):
    arguments = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    complete = run_python(*arguments, tmp_path=tmp_path, **PRODUCTION, **IDENTITY)
    assert complete.returncode == 0, complete.stderr
    incomplete = run_python(*arguments, tmp_path=tmp_path, **PRODUCTION)
    assert incomplete.returncode == 1
    for variable in IDENTITY:
        assert f"Set {variable}" in incomplete.stderr
    unsafe = {"TRUSTED_PROXIES": "0", "SITE_URL": "http://jobboard.example.org", "ALLOWED_HOSTS": "*"}
    unsafe["STAFF_MFA_REQUIRED"] = "0"
    unsafe["DATABASE_URL"] = f"sqlite:///{tmp_path}/site.sqlite3"
    result = run_python(*arguments, tmp_path=tmp_path, **{**PRODUCTION, **IDENTITY, **unsafe})
    codes = re.findall(r"\((?:\w+)\.([WE]\d+)\)", result.stderr)
    assert sorted(codes) == ["W010", "W011", "W012", "W013", "W014"]


def variables_read(path: Path) -> set[str]:
    """Return the names that a module passes to env.…(), required() and os.environ.get()."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            if called in {"required", "os.environ.get"} or called.startswith("env."):
                names.add(node.args[0].value)
    return names


def test_documentation_lists_every_variable():
    sources = [ROOT / "jobboard/settings.py", ROOT / "gunicorn.conf.py", ROOT / "jobboard/ops/port.py"]
    read = set.union(*map(variables_read, sources))
    documented = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert set(documented) == read
    required = re.findall(
        r"^\| `(\w+)` \|.*\*required in production\*", (ROOT / "docs/configuration.md").read_text(), re.M
    )
    assert sorted(required) == REQUIRED


def test_committed_files_name_no_package_index():
    for name in ("requirements.txt", "requirements-dev.txt", "Makefile", "bin/venv", ".ci/run", "pyproject.toml"):
        text = (ROOT / name).read_text()
        assert "index-url" not in text.replace("--no-emit-index-url", ""), name
        assert not re.search(r"https?://(?!127\.0\.0\.1|jobboard\.example\.org)", text), name
        if name.startswith("requirements"):
            assert "--hash=sha256:" in text


@pytest.mark.parametrize(("value", "threshold"), [({}, 5), ({"DATABASE_PREPARED_STATEMENTS": "0"}, None)])
def test_statements_are_prepared_unless_switched_off(value, threshold, tmp_path):
    options = evaluate("s.DATABASES['default']['OPTIONS']", tmp_path, **PRODUCTION, **value)
    assert options["server_side_binding"] is True
    assert options["prepare_threshold"] == threshold
