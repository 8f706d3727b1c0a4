"""docs/architecture.md names every app, and only paths that exist."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

DOCUMENT = settings.BASE_DIR / "docs" / "architecture.md"
ROOTS = ("jobboard", "careers", "offers", "templates", "static", "tests", "docs", "bin", ".ci")
PATH = re.compile(rf"`((?:{'|'.join(map(re.escape, ROOTS))})/[\w./*-]*)`")


def own_apps() -> list[str]:
    packages = {"jobboard", "careers", "offers"}
    return [config.name for config in apps.get_app_configs() if config.name.partition(".")[0] in packages]


@pytest.mark.parametrize("app", [name for name in own_apps() if "." in name or name in ("careers", "offers")])
def test_every_app_is_in_the_layout(app):
    layout = DOCUMENT.read_text().partition("## Layout")[2].partition("\n## ")[0]
    assert f"{app.rpartition('.')[2]}/" in layout


@pytest.mark.parametrize("name", ["architecture.md", "security.md"])
def test_every_path_in_the_document_exists(name):
    paths = PATH.findall((settings.BASE_DIR / "docs" / name).read_text())
    assert len(paths) > 30
    assert [path for path in paths if not list(Path(settings.BASE_DIR).glob(path.rstrip("/")))] == []


def test_files_have_at_most_400_lines_and_apps_at_most_3500():
    for config in map(apps.get_app_config, (name.rpartition(".")[2] for name in own_apps())):
        root = Path(config.path)
        nested = {path for other in apps.get_app_configs() if root in (path := Path(other.path)).parents}
        files = [file for file in root.rglob("*.py") if not nested & set(file.parents)]
        assert files, config.name
        sizes = {file: len(file.read_text().splitlines()) for file in files}
        too_long = {str(file): size for file, size in sizes.items() if size > 400 and file.name != "settings.py"}
        assert too_long == {}
        assert sum(sizes.values()) <= 3_500, config.name


def test_no_test_file_is_longer_than_400_lines():
    root = Path(settings.BASE_DIR)
    files = {str(file.relative_to(root)): file for file in (root / "tests").rglob("*.py")}
    assert {name for name, file in files.items() if len(file.read_text().splitlines()) > 400} == set()


def test_offers_has_at_most_eight_modules_of_its_own():
    root = Path(settings.BASE_DIR / "offers")
    support = {"__init__", "apps", "migrations", "management", "templatetags", "data", "__pycache__"}
    nested = {config.name.rpartition(".")[2] for config in apps.get_app_configs()}
    modules = {path.stem for path in root.iterdir()} - support - nested
    assert len(modules) <= 8, modules


def test_every_requirement_of_asvs_is_answered_once():
    """docs/security.md answers all requirements of levels 1 and 2, or says why a chapter does not apply."""
    sections = [line.split(": ") for line in (Path(__file__).with_name("asvs.txt")).read_text().splitlines()[1:]]
    requirements = [f"{section}.{index}" for section, indexes in sections for index in indexes.split()]
    assert len(requirements) == 253
    text = (settings.BASE_DIR / "docs" / "security.md").read_text().partition("## OWASP ASVS")[2]
    excluded = re.findall(r"^### V(\d+) [^#]*?^Does not apply:", text, re.MULTILINE)
    rows = re.findall(r"^\| (\d+\.\d+\.\d+[\d., ]*) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    answered = [number for numbers, _, _ in rows for number in numbers.split(", ")]
    expected = [number for number in requirements if number.partition(".")[0] not in excluded]
    assert excluded == ["10", "17"]
    assert sorted(answered) == sorted(expected)
    assert all(about.strip() and answer.strip() for _, about, answer in rows)
