import os

import pytest

from tests.chromium import find_chromium
from tests.searching import Index, SearchingClient


def pytest_configure(config):
    config.chromium = find_chromium()
    if os.environ.get("CHROMIUM_REQUIRED", "") == "1" and not config.chromium:
        raise pytest.UsageError("CHROMIUM_REQUIRED=1, and no chromium, chromium-browser or google-chrome was found.")


def pytest_collection_modifyitems(config, items):
    """Browser tests come last, and are skipped where there is no browser."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if not config.chromium:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium found"))


def pytest_terminal_summary(terminalreporter, config):
    skipped = [report for report in terminalreporter.getreports("skipped") if "browser" in report.keywords]
    if skipped and not config.chromium:
        terminalreporter.write_line(
            f"NO CHROMIUM FOUND: {len(skipped)} browser tests were left out. Install it, or name one with CHROMIUM=.",
            yellow=True,
            bold=True,
        )


@pytest.fixture(scope="session")
def search_index(tmp_path_factory):
    index = Index(tmp_path_factory.mktemp("search"))
    yield index
    index.close()


@pytest.fixture
def client(db, search_index):
    return SearchingClient(search_index)


@pytest.fixture(autouse=True)
def test_settings(settings, tmp_path, search_index):
    """Nothing that a test does may land in var/; static files need no manifest; a password costs no time."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SEARCH_DIR = search_index.root
