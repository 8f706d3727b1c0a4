import pytest
from django.test import Client

from offers.changelog import triggers


@pytest.fixture
def with_triggers(db):
    """Create the triggers of the change log, which SQLite may have dropped in a migration."""
    triggers.create_triggers()


@pytest.fixture
def visitor(client, with_triggers):
    """Return a client that does not update the search index before each request, which would need the database."""
    client.get("/")
    visitor = Client()
    visitor.handler = client.handler
    return visitor
