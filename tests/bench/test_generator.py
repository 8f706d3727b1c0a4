"""The generated offers: reproducible by seed, valid, with realistic distributions. On both databases."""

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


def generate_rows(size=SIZE, seed=1, start=0):
    return [offer for batch in Market(size, seed, NOW, TOWNS).batches(start) for offer in batch]


def as_dicts(generated):
    return [{**dict(zip(generator.COLUMNS, row, strict=True)), "skills": skills} for row, skills in generated]


@pytest.fixture
def towns(db):
    for town in (PARIS, LYON, GRENOBLE):
        make_place(**town)


def test_seed_determines_the_offers():
    assert generate_rows() == generate_rows()
    assert generate_rows(seed=2) != generate_rows()


def test_generation_can_start_at_any_batch(monkeypatch):
    monkeypatch.setattr(generator, "BATCH", 50)
    assert generate_rows(start=100) == generate_rows()[100:]


def test_offers_have_consecutive_pks(monkeypatch):
    monkeypatch.setattr(generator, "BATCH", 64)
    assert [row[0] for row, _ in generate_rows()] == list(range(1, SIZE + 1))


def test_distributions_are_those_of_a_market():
    offers = as_dicts(generate_rows(1_500))
    open_ = [offer for offer in offers if offer["status"] == "published" and offer["expires_at"] > NOW]
    assert 0.82 < len(open_) / len(offers) < 0.88
    contracts = Counter(offer["contract"] for offer in offers)
    assert 0.6 < contracts["cdi"] / len(offers) < 0.72
    towns = Counter(offer["place_id"] for offer in offers)
    assert towns[1] > 3 * towns[2] > 3 * towns[3]
    companies = Counter(offer["company_id"] for offer in offers if offer["company_id"])
    assert companies.most_common(1)[0][1] > 4 * len(offers) / len(companies)
    skills = Counter(skill for offer in offers for skill in offer["skills"])
    ranked = [count for _, count in skills.most_common()]
    assert ranked[0] > 5 * ranked[len(ranked) // 2]
    ages = [(NOW - offer["published_at"]).days for offer in open_]
    assert min(ages) == 0
    assert max(ages) == generator.SPREAD_DAYS - 1


def test_other_processes_generate_the_same_offers():
    towns = [Town(1, "Paris", 2_000_000, "paris")]
    market = Market(2 * generator.BATCH, 1, NOW, towns)
    with generator.batches(market, generator.BATCH, processes=1) as batches:
        assert list(batches) == list(market.batches(generator.BATCH))


def test_texts_have_realistic_lengths_and_word_frequencies():
    descriptions = [offer["description"] for offer in as_dicts(generate_rows(500))]
    lengths = sorted(len(text.split()) for text in descriptions)
    assert lengths[25] > 100
    assert lengths[-25] < 220
    words = Counter(word for text in descriptions for word in text.lower().split())
    counts = [count for _, count in words.most_common()]
    assert counts[0] > 0.03 * sum(counts)
    assert sum(1 for count in counts if count == 1) > 0.25 * len(counts)
    assert not any("{" in text or "%s" in text for text in descriptions)


def test_load_is_valid_and_writes_no_change_log_entries(towns):
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
    # Except for the communes, which existed before.
    assert not ChangeLogEntry.objects.exclude(kind=ChangeLogEntry.Kind.PLACE).exists()
    assert triggers.create_triggers() == []
    published = Offer.objects.published()
    assert published.newest_first().first().published_at > timezone.now() - timedelta(days=3)
    # Every filter has several values.
    for name in ("contract", "experience", "remote_days", "fully_remote", "role", "place"):
        assert published.values(name).distinct().count() > 1, name


def test_resumed_load_has_the_same_rows(towns, monkeypatch):
    monkeypatch.setattr(generator, "BATCH", 40)
    now = timezone.now().replace(microsecond=0)
    assert not database.load(SIZE, 1, now, batches=2)
    assert Offer.objects.count() == 80
    assert database.load(SIZE, 1)

    towns = [Town(place.pk, place.name, place.population, place.zone) for place in Place.objects.order_by("pk")]
    expected = [row for batch in Market(SIZE, 1, now, towns).batches() for row, _ in batch]
    loaded = Offer.objects.order_by("pk").values_list("title", "description", "published_at")
    assert list(loaded) == [(row[1], row[15], row[20]) for row in expected]


def test_only_the_same_recent_load_is_reused(towns):
    database.load(SIZE, 1)
    assert database.load(SIZE, 1)
    with pytest.raises(database.Outdated):
        database.load(SIZE, 2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bench_load SET dated = %s", [(timezone.now() - timedelta(days=9)).isoformat()])
    with pytest.raises(database.Outdated):
        database.load(SIZE, 1)


def test_database_with_other_offers_is_refused(towns):
    make_offer()
    with pytest.raises(database.UnknownOffers):
        database.load(SIZE, 1)
    with pytest.raises(database.UnknownOffers):
        database.check(database.identity(SIZE, 1))
    assert Offer.objects.count() == 1
