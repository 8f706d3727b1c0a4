import pytest
from django.db import transaction

from offers.places import gazetteer
from offers.places.gazetteer import Gazetteer
from offers.places.management.commands.load_places import FILE, Command
from offers.places.models import Place, PostalCode
from tests.admin.conftest import superuser

__all__ = ["superuser"]


@pytest.fixture(scope="session")
def gazetteer_of_france(django_db_setup, django_db_blocker):
    """Return a gazetteer of all communes of the shipped file. The rows are rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        places, codes = Command().read(FILE)
        created = Place.objects.bulk_create(places.values(), batch_size=2000)
        PostalCode.objects.bulk_create(
            (PostalCode(place=place, code=code) for place in created for code in codes[place.insee_code]),
            batch_size=2000,
        )
        loaded = Gazetteer()
        transaction.set_rollback(True)
    return loaded


@pytest.fixture
def france(gazetteer_of_france, monkeypatch):
    """Let the site know all communes, without rows in the database."""
    monkeypatch.setattr(gazetteer, "_cached", (gazetteer.places_version(), gazetteer_of_france))
    return gazetteer_of_france
