"""Which searches a commit of the index leaves as they are, by the list of offers that the follower writes."""

import pytest

from offers.models import Offer
from offers.search import generations
from offers.search.generations import MAX_BATCHES, AppliedBatches, _changed_since
from offers.search.query import Criteria
from offers.search.revalidation import is_unchanged, observed_generation
from offers.search.snapshot import generation
from tests.factories import make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(search_index):
    """Apply a change, and return whether a search is unchanged by it."""
    search_index.follow()

    def change(offer, criteria=None, **values):
        before = observed_generation()
        Offer.objects.filter(pk=offer.pk).update(**values)
        search_index.follow()
        return is_unchanged(criteria or Criteria(), before, observed_generation())

    return change


def test_a_search_changes_with_the_offers_that_it_finds_or_found(change):
    lions, bread = make_offer(title="Dompteuse de lions"), make_offer(title="Boulangère")
    change(bread, title="Boulangère de nuit")
    assert change(bread, Criteria(q="lions"), title="Boulangère de jour")
    assert not change(lions, Criteria(q="lions"), title="Dompteuse de vieux lions")
    assert not change(lions, Criteria(q="lions"), title="Dompteuse")
    assert change(lions, Criteria(q="lions"), title="Dompteuse de tigres")
    assert not change(bread, Criteria(q="lions"), title="Lions")
    assert not change(bread, Criteria(), title="Boulangère")
    assert not change(bread, Criteria(q="boulangère"), status="draft")


def test_a_search_changes_with_the_offers_that_its_choices_count(change):
    offer = make_offer(title="Boulangère", contract="cdi", experience="junior")
    change(offer, title="Boulangères")
    cdd = Criteria(q="boulangère", choices=frozenset([("contract", "cdd")]))
    # One more or less beside “CDI”, though the search is for “CDD”.
    assert not change(offer, cdd, experience="expert")
    assert change(offer, Criteria(q="lions", choices=frozenset([("contract", "cdi")])), experience="junior")


def test_an_offer_that_is_written_without_a_change_of_its_document_leaves_the_index_alone(search_index):
    offer = make_offer()
    search_index.follow()
    before = generation()
    offer.save()
    Offer.objects.filter(pk=offer.pk).update(external_reference="X-1")
    search_index.follow()
    assert generation() == before
    Offer.objects.filter(pk=offer.pk).update(title="Boulangère")
    search_index.follow()
    assert generation() != before


def test_what_is_not_listed_is_not_known(tmp_path):
    assert _changed_since(tmp_path, 0) is None
    writer = AppliedBatches(tmp_path)
    for pk in (1, 2):
        writer.begin({pk})
        writer.end()
    first = generations._read(tmp_path)[1][0][0]
    assert _changed_since(tmp_path, 0) == {1, 2}
    assert _changed_since(tmp_path, first) == {2}
    # Listed before its commit, and known to the next process.
    AppliedBatches(tmp_path).begin({3})
    assert _changed_since(tmp_path, first) == {2, 3}
    writer = AppliedBatches(tmp_path)
    writer.begin(set(range(generations.MAX_OFFERS + 1)))
    assert _changed_since(tmp_path, first) is None
    for pk in range(MAX_BATCHES):
        writer.begin({pk})
    assert _changed_since(tmp_path, first) is None, "older batches are no longer listed"


def test_another_index_or_other_names_change_every_search(search_index):
    search_index.follow()
    now = observed_generation()
    assert is_unchanged(Criteria(), now, now)
    assert not is_unchanged(Criteria(), ("index-autre", *now[1:]), now)
    assert not is_unchanged(Criteria(), (*now[:3], 0, now[4]), now)
    assert not is_unchanged(Criteria(), (now[0], 0, *now[2:]), now), "a generation that was never observed"
