import pytest

from tests.admin.conftest import superuser
from tests.factories import make_company, make_member, make_user

__all__ = ["superuser"]


@pytest.fixture
def owner(db):
    """Return the user who is the owner of `company`, not logged in."""
    return make_user(email="anne@example.org")


@pytest.fixture
def company(owner):
    company = make_company(name="Ateliers")
    make_member(company, owner)
    return company
