"""Searches whose results a commit of the index leaves unchanged, by the batches of offers that the follower records."""

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
    """Return a function that updates an offer and returns whether the results of a search are unchanged."""
    search_index.follow()

    def change(offer, criteria=None, **values):
        before = observed_generation()
        Offer.objects.filter(pk=offer.pk).update(**values)
        search_index.follow()
        return is_unchanged(criteria or Criteria(), before, observed_generation())

    return change


def test_search_changes_with_offers_that_match_before_or_after(change):
    tamer, baker = make_offer(title="Dompteuse de lions"), make_offer(title="Boulangère")
    change(baker, title="Boulangère de nuit")
    assert change(baker, Criteria(q="lions"), title="Boulangère de jour")
    assert not change(tamer, Criteria(q="lions"), title="Dompteuse de vieux lions")
    assert not change(tamer, Criteria(q="lions"), title="Dompteuse")
    assert change(tamer, Criteria(q="lions"), title="Dompteuse de tigres")
    assert not change(baker, Criteria(q="lions"), title="Lions")
    assert not change(baker, Criteria(), title="Boulangère")
    assert not change(baker, Criteria(q="boulangère"), status="draft")


def test_search_changes_with_offers_that_decide_how_its_words_match(change):
    java, baker = make_offer(title="Java"), make_offer(title="Boulangère")
    make_offer(title="Paiements", description="SWIFT")
    change(baker, title="Boulangère de nuit")
    # No offer has the skill Swift and payments.
    paris = Criteria(q="swift paiements", places=frozenset([0]))
    assert change(baker, paris, title="Boulangère de jour")
    assert not change(baker, paris, title="Paiements Swift")
    # “anglar” may be corrected to the new word.
    assert not change(java, Criteria(q="boulangère/anglar"), title="Angular")


def test_search_changes_with_offers_that_its_facets_count(change):
    offer = make_offer(title="Boulangère", contract="cdi", experience="junior")
    change(offer, title="Boulangères")
    cdd = Criteria(q="boulangère", choices=frozenset([("contract", "cdd")]))
    # The count of “CDI” changes, although the search is for “CDD”.
    assert not change(offer, cdd, experience="expert")
    assert change(offer, Criteria(q="lions", choices=frozenset([("contract", "cdi")])), experience="junior")


def test_write_without_a_change_of_the_document_leaves_the_generation_unchanged(search_index):
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


def test_batches_that_are_not_recorded_are_unknown(tmp_path):
    assert _changed_since(tmp_path, 0) is None
    writer = AppliedBatches(tmp_path)
    for pk in (1, 2):
        writer.begin({pk})
        writer.end()
    first = generations._read(tmp_path)[1][0][0]
    assert _changed_since(tmp_path, 0) == {1, 2}
    assert _changed_since(tmp_path, first) == {2}
    # Recorded before its commit, and read by the next process.
    AppliedBatches(tmp_path).begin({3})
    assert _changed_since(tmp_path, first) == {2, 3}
    writer = AppliedBatches(tmp_path)
    writer.begin(set(range(generations.MAX_OFFERS + 1)))
    assert _changed_since(tmp_path, first) is None
    for pk in range(MAX_BATCHES):
        writer.begin({pk})
    assert _changed_since(tmp_path, first) is None, "older batches are no longer recorded"


def test_new_index_or_new_names_change_every_search(search_index):
    search_index.follow()
    now = observed_generation()
    assert is_unchanged(Criteria(), now, now)
    assert not is_unchanged(Criteria(), ("index-autre", *now[1:]), now)
    assert not is_unchanged(Criteria(), (*now[:3], 0, now[4]), now)
    assert not is_unchanged(Criteria(), (now[0], 0, *now[2:]), now), "a generation that was never observed"
