import pytest

from tests.admin.staff import make_superuser


@pytest.fixture
def superuser(client, db):
    """Return a superuser, logged in on `client`."""
    user = make_superuser()
    client.force_login(user)
    return user
