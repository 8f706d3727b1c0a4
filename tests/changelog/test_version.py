"""`PublicVersion`: the version of the public data, which the page cache reads from the change log."""

import pytest

from offers.changelog import triggers, version
from offers.changelog.models import ChangeLogEntry
from offers.changelog.version import PublicVersion
from tests.factories import make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def public(db):
    triggers.create_triggers()
    return PublicVersion()


def test_refresh_without_changes_makes_one_query(public, django_assert_num_queries):
    with django_assert_num_queries(1):
        first = public.refresh()
    public.refresh()
    for _ in range(3):
        with django_assert_num_queries(1):
            assert public.refresh() >= first


def test_more_entries_than_the_maximum_change_every_key(public, monkeypatch):
    offer = make_offer()
    monkeypatch.setattr(version, "MAX_ENTRIES", 5)
    before = public.refresh()
    for _ in range(6):
        offer.save()
    public.refresh()
    assert public.changed_since(before, ["role:1"])
    # On PostgreSQL the transaction of this test stays open above its log position.
    now = public.refresh()
    assert public.refresh() == now
    assert not public.changed_since(now, ["role:1", f"offer:{offer.pk}"])


def test_gap_in_the_log_changes_every_key(public):
    before = public.refresh()
    ChangeLogEntry.objects.create(kind=ChangeLogEntry.Kind.ALL, object_id=0, xid=2**40)
    public.refresh()
    assert public.changed_since(before, [])
