import pytest

from tests.accounts.clock import Clock


@pytest.fixture(autouse=True)
def no_minimum_delay(settings):
    """Accept forms that are submitted as soon as they are rendered."""
    settings.CONTACT_MINIMUM_DELAY = 0


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)
