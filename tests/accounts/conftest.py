import pytest


@pytest.fixture(autouse=True)
def in_no_hurry(settings):
    """A form may be sent as soon as its page is made."""
    settings.CONTACT_MINIMUM_DELAY = 0
