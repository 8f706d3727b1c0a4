import pytest

from tests.admin.staff import make_group_member


@pytest.fixture
def moderator(db):
    """Return a member of the group of moderators, who is not logged in."""
    return make_group_member("Modération", email="moderatrice@example.org")
