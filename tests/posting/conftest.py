import pytest

from tests.factories import make_company, make_member, make_user


@pytest.fixture
def company(db):
    return make_company(name="Ateliers")


@pytest.fixture
def member(client, company):
    """Return a user who is an owner of `company`, logged in on `client`."""
    user = make_member(company, make_user(email="anne@example.org")).user
    client.force_login(user)
    return user
