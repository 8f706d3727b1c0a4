"""The generated market: the same for a seed, valid, and of the right shape. On either database."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from careers.models import Role
from offers.changelog import triggers
from offers.changelog.models import ChangeLogEntry
from offers.companies.models import Company
from offers.models import Offer, Skill
from offers.places.models import Place
from tests.bench import database, generator
from tests.bench.generator import Market, Town
from tests.factories import GRENOBLE, LYON, PARIS, make_offer, make_place

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TOWNS = [
    Town(1, "Paris", 2_100_000, "paris"),
    Town(2, "Lyon", 520_000, "grandes-villes"),
    Town(3, "Grenoble", 157_000, "regions"),
]
SIZE = 200


def rows(size=SIZE, seed=1, start=0):
    return [offer for batch in Market(size, seed, NOW, TOWNS).batches(start) for offer in batch]


def as_dicts(made):
    return [{**dict(zip(generator.COLUMNS, row, strict=True)), "skills": skills} for row, skills in made]


@pytest.fixture
def towns(db):
    for town in (PARIS, LYON, GRENOBLE):
        make_place(**town)


def test_a_seed_makes_the_same_offers_and_another_seed_others():
    assert rows() == rows()
    assert rows(seed=2) != rows()


def test_offers_can_be_taken_from_the_middle_on(monkeypatch):
    monkeypatch.setattr(generator, "BATCH", 50)
    assert rows(start=100) == rows()[100:]


def test_there_are_as_many_as_requested_with_consecutive_pks(monkeypatch):
    monkeypatch.setattr(generator, "BATCH", 64)
    assert [row[0] for row, _ in rows()] == list(range(1, SIZE + 1))


def test_shares_are_those_of_a_market():
    offers = as_dicts(rows(1_500))
    open_ = [one for one in offers if one["status"] == "published" and one["expires_at"] > NOW]
    assert 0.82 < len(open_) / len(offers) < 0.88
    contracts = Counter(one["contract"] for one in offers)
    assert 0.6 < contracts["cdi"] / len(offers) < 0.72
    towns = Counter(one["place_id"] for one in offers)
    assert towns[1] > 3 * towns[2] > 3 * towns[3]
    companies = Counter(one["company_id"] for one in offers if one["company_id"])
    assert companies.most_common(1)[0][1] > 4 * len(offers) / len(companies)
    skills = Counter(skill for one in offers for skill in one["skills"])
    ranked = [count for _, count in skills.most_common()]
    assert ranked[0] > 5 * ranked[len(ranked) // 2]
    ages = [(NOW - one["published_at"]).days for one in open_]
    assert min(ages) == 0
    assert max(ages) == generator.SPREAD_DAYS - 1


def test_another_process_makes_the_same_offers():
    towns = [Town(1, "Paris", 2_000_000, "paris")]
    made = Market(2 * generator.BATCH, 1, NOW, towns)
    with generator.batches(made, generator.BATCH, processes=1) as coming:
        assert list(coming) == list(made.batches(generator.BATCH))


def test_texts_are_as_long_as_real_ones_and_have_common_and_rare_words():
    descriptions = [one["description"] for one in as_dicts(rows(500))]
    lengths = sorted(len(text.split()) for text in descriptions)
    assert lengths[25] > 100
    assert lengths[-25] < 220
    words = Counter(word for text in descriptions for word in text.lower().split())
    counts = [count for _, count in words.most_common()]
    assert counts[0] > 0.03 * sum(counts)
    assert sum(1 for count in counts if count == 1) > 0.25 * len(counts)
    assert not any("{" in text or "%s" in text for text in descriptions)


def test_a_load_is_valid_and_leaves_nothing_in_the_change_log(towns):
    assert database.load(SIZE, 1)

    assert Offer.objects.count() == SIZE
    connection.check_constraints()
    for offer in Offer.objects.select_related("company", "place", "role").order_by("pk")[:40]:
        offer.clean_fields()
        offer.clean()
        assert offer.get_absolute_url()
    assert Role.objects.published().count() == Role.objects.count() > 12
    assert Skill.objects.count() > 100
    assert Company.objects.count() > 100
    # But for the communes, which were there before.
    assert not ChangeLogEntry.objects.exclude(kind=ChangeLogEntry.Kind.PLACE).exists()
    assert triggers.create_triggers() == []
    published = Offer.objects.published()
    assert published.newest_first().first().published_at > timezone.now() - timedelta(days=3)
    # Everything that a visitor may narrow by occurs.
    for name in ("contract", "experience", "remote_days", "fully_remote", "role", "place"):
        assert published.values(name).distinct().count() > 1, name


def test_a_stopped_load_ends_in_the_same_rows(towns, monkeypatch):
    monkeypatch.setattr(generator, "BATCH", 40)
    now = timezone.now().replace(microsecond=0)
    assert not database.load(SIZE, 1, now, batches=2)
    assert Offer.objects.count() == 80
    assert database.load(SIZE, 1)

    towns = [Town(place.pk, place.name, place.population, place.zone) for place in Place.objects.order_by("pk")]
    expected = [row for batch in Market(SIZE, 1, now, towns).batches() for row, _ in batch]
    found = Offer.objects.order_by("pk").values_list("title", "description", "published_at")
    assert list(found) == [(row[1], row[15], row[20]) for row in expected]


def test_a_complete_load_is_used_again_but_no_other_and_no_old_one(towns):
    database.load(SIZE, 1)
    assert database.load(SIZE, 1)
    with pytest.raises(database.Outdated):
        database.load(SIZE, 2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bench_load SET dated = %s", [(timezone.now() - timedelta(days=9)).isoformat()])
    with pytest.raises(database.Outdated):
        database.load(SIZE, 1)


def test_offers_that_were_not_generated_are_not_touched(towns):
    make_offer()
    with pytest.raises(database.NotOurs):
        database.load(SIZE, 1)
    with pytest.raises(database.NotOurs):
        database.check(database.identity(SIZE, 1))
    assert Offer.objects.count() == 1
