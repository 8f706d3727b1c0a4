import os
import tempfile
from pathlib import Path

import pytest
from django.db import connection

from jobboard.templatetags import layout
from offers.catalogue import suggestions
from offers.places import gazetteer
from tests import fast_flush
from tests.chromium import find_chromium
from tests.search_client import IndexingClient, SyncedIndex

DATABASE_FIXTURES = {"db", "transactional_db"}


def pytest_configure(config):
    config.chromium = find_chromium()
    if os.environ.get("CHROMIUM_REQUIRED", "") == "1" and not config.chromium:
        raise pytest.UsageError("CHROMIUM_REQUIRED=1, and no chromium, chromium-browser or google-chrome was found.")


def pytest_collection_modifyitems(config, items):
    """Sort browser tests last, and skip them without a browser.

    pytest-django sorts tests that flush the database after tests that roll back. Each xdist worker keeps this order:
    the tests of one file and one kind form an xdist group.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    for item in items:
        if uses_database(item):
            item.add_marker("database")
        kind = "-flush" if flushes_database(item) else ""
        item.add_marker(pytest.mark.xdist_group(f"{item.path.parent.name}-{item.path.stem}{kind}"))
    if not config.chromium:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium found"))


def uses_database(item) -> bool:
    return bool(item.get_closest_marker("django_db")) or not DATABASE_FIXTURES.isdisjoint(item.fixturenames)


def flushes_database(item) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in item.fixturenames


def pytest_terminal_summary(terminalreporter, config):
    skipped = [report for report in terminalreporter.getreports("skipped") if "browser" in report.keywords]
    if skipped and not config.chromium:
        terminalreporter.write_line(
            f"NO CHROMIUM FOUND: {len(skipped)} browser tests were skipped. Install it, or name one with CHROMIUM=.",
            yellow=True,
            bold=True,
        )


@pytest.fixture(scope="session", autouse=True)
def use_fast_flush():
    with pytest.MonkeyPatch.context() as patch:
        fast_flush.install(patch)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let PostgreSQL commit without waiting for the disk, in this process and in those that tests start."""
    if connection.vendor == "postgresql":
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
            cursor.execute("SET synchronous_commit TO off")
        # Tests start fifty threads on a pool of eight connections; a web worker has no more threads than connections.
        connection.pool.timeout = 60


@pytest.fixture(scope="session")
def search_index():
    # In memory if possible: a commit takes up to 100 ms on a busy disk.
    shared_memory = Path("/dev/shm")  # noqa: S108
    parent = shared_memory if os.access(shared_memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="jobboard-search-", dir=parent) as directory:
        index = SyncedIndex(Path(directory))
        yield index
        index.close()


@pytest.fixture
def client(db, search_index):
    return IndexingClient(search_index)


@pytest.fixture(autouse=True)
def test_settings(settings, tmp_path, search_index):
    """Store files in the temporary directory of the test, need no static files manifest, and hash passwords fast."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PRIVATE_DIR = tmp_path / "private"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SEARCH_DIR = search_index.root
    # Clear the caches of this process: communes, suggested titles, header and footer of pages.
    gazetteer.clear_cache()
    suggestions.clear_cache()
    layout._render_cached.cache_clear()
