"""Distances between communes, and the communes within a radius."""

import random

import pytest

from offers.places.gazetteer import RADIUS_CACHE_SIZE, Gazetteer
from offers.places.models import Place, distance_km
from tests.factories import GRENOBLE, PARIS, VILLEURBANNE, make_place


@pytest.mark.parametrize(
    ("one", "other", "low", "high"), [({}, VILLEURBANNE, 3, 4.5), ({}, PARIS, 390, 394), ({}, GRENOBLE, 90, 98)]
)
def test_distance_is_symmetric_and_agrees_with_the_gazetteer(db, one, other, low, high):
    a, b = make_place(**one), make_place(**other)
    assert low < a.distance_to(b) < high
    assert a.distance_to(b) == pytest.approx(b.distance_to(a))
    # The gazetteer compares chord lengths; they agree with the great-circle distance to within 10 m.
    km, within = a.distance_to(b), Gazetteer().within
    assert within(km, (a.latitude, a.longitude)) == {a.pk, b.pk}
    assert within(km - 0.01, (a.latitude, a.longitude)) == {a.pk}
    assert within(0, (a.latitude, a.longitude)) == {a.pk}


def test_places_within_a_radius_match_their_distances(db):
    rng = random.Random(20)
    for index in range(200):
        position = {"latitude": rng.uniform(44.5, 47), "longitude": rng.uniform(3, 6.5)}
        make_place(insee_code=f"{10000 + index}", name=f"Bourg {index}", postal_codes=[], **position)
    places = list(Place.objects.all())
    for km in (10, 30, 100):
        for center in places[:20]:
            near = {place.pk for place in places if center.distance_to(place) <= km}
            assert Gazetteer().within(km, (center.latitude, center.longitude)) == near


def test_radius_around_an_area_is_one_entry_of_the_cache(france):
    """The Pays basque has more communes than the cache has entries."""
    towns = [(place.latitude, place.longitude) for place in france.with_postal_code_prefix("69", 20)]
    single = [france.within(10, town) for town in towns]
    area = [(place.latitude, place.longitude) for place in france.area("pays basque").places]
    assert len(area) > RADIUS_CACHE_SIZE
    around = france.within(10, *area)
    before = france.within.cache_info()
    for town in towns:
        france.within(10, town)
    assert france.within(10, *area) is around
    assert france.within.cache_info().hits == before.hits + len(towns) + 1
    assert frozenset().union(*single) == france.within(10, *towns)


def test_empty_gazetteer_has_no_results(db):
    gazetteer = Gazetteer()
    assert len(gazetteer) == 0
    assert gazetteer.within(50, (45.7, 4.8)) == set()
    assert gazetteer.candidates("ly", 8) == []
    assert gazetteer.with_postal_code("69001") == []
    assert gazetteer.area("la defense") is None


def test_distance_between_antipodes():
    assert distance_km(0, 0, 0, 180) == pytest.approx(20_015, abs=1)
