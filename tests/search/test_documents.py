import json
from datetime import timedelta
from itertools import pairwise

from django.utils import timezone

from offers.enums import OfferStatus
from offers.ordering import newest_key
from offers.search.documents import (
    CHUNK,
    INTEGER_FIELDS,
    RANGE_FIELDS,
    SKILL_COLUMNS,
    TEXT_FIELDS,
    TOKEN_FIELDS,
    build_documents,
    published_ids,
    row_digests,
)
from tests.factories import make_company, make_offer, make_place, make_skill


def indexed_ids(ids=None):
    return [pk for pk, _ in build_documents(ids)]


def test_only_published_offers_are_indexed(db):
    now = timezone.now()
    published = make_offer()
    make_offer(published_at=now + timedelta(hours=1))
    make_offer(published_at=now - timedelta(days=3), expires_at=now - timedelta(days=1))
    make_offer(status=OfferStatus.DRAFT, published_at=None, expires_at=now)
    make_offer(status=OfferStatus.FILLED, closed_at=now)
    assert indexed_ids() == [published.pk]
    assert indexed_ids({published.pk, published.pk + 1, published.pk + 1_000}) == [published.pk]
    assert [pk for pk, _ in row_digests()] == [published.pk]


def test_published_ids_are_those_after_a_pk(db):
    company = make_company()
    offers = [make_offer(company=company).pk for _ in range(5)]
    assert indexed_ids() == offers
    assert list(published_ids(after=offers[2])) == offers[3:]


def test_document_is_json_with_every_field_of_the_schema(db):
    offer = make_offer(title='Dév "C\\C++" « {x} »', description='Des "guillemets"\\ et\x01des\u2028signes')
    offer.skills.add(make_skill(), make_skill())
    ((_, document),) = build_documents()
    values = json.loads(document)
    assert values["label"] == offer.title
    assert values["skill"] == sorted(skill.pk for skill in offer.skills.all())
    assert values.keys() == {
        "id",
        "label",
        "fresh",
        *TEXT_FIELDS,
        *TOKEN_FIELDS,
        *INTEGER_FIELDS,
        *RANGE_FIELDS,
        *SKILL_COLUMNS,
    }


def test_digest_changes_with_each_indexed_value(db):
    offer = make_offer(company=make_company(name="Avant"))
    seen = set()

    def has_new_digest():
        (digest,) = row_digests()
        new = digest not in seen
        seen.add(digest)
        return new

    assert has_new_digest()
    assert not has_new_digest()
    for change in (
        {"description": "Autre"},
        {"title": "Autre"},
        {"pay_min": 400, "pay_max": 500},
        {"confidential": True},
    ):
        type(offer).objects.filter(pk=offer.pk).update(**change)
        assert has_new_digest(), change
    offer.skills.add(make_skill())
    assert has_new_digest()
    type(offer.company).objects.update(name="Après")
    assert has_new_digest()


def test_documents_take_two_queries_per_chunk_and_one_for_the_pks(db, django_assert_num_queries):
    company, place = make_company(), make_place()
    first = make_offer(company=company, place=place)
    type(first).objects.bulk_create(
        type(first)(
            title=f"Offre {n}", contract="cdi", status=OfferStatus.PUBLISHED, company=company, place=place,
            published_at=first.published_at, expires_at=first.expires_at,
        )
        for n in range(CHUNK)
    )  # fmt: skip
    with django_assert_num_queries(5):
        assert len(indexed_ids()) == CHUNK + 1


def test_offers_with_distant_pks_have_their_skills(db):
    company, skill = make_company(), make_skill()
    offers = [make_offer(company=company, pk=pk) for pk in (7, 5_000, 900_000)]
    for offer in offers[::2]:
        offer.skills.add(skill)
    parsed = [json.loads(document) for _, document in build_documents()]
    assert [(document["id"], document["skill"]) for document in parsed] == [
        (7, [skill.pk]), (5_000, []), (900_000, [skill.pk]),
    ]  # fmt: skip


def test_newest_key_sorts_by_day_and_hides_the_minute():
    morning = timezone.localtime().replace(hour=9, minute=0)
    keys = [newest_key(morning - timedelta(days=days), 1) for days in (900, 2, 1, 0)]
    assert keys == sorted(set(keys))
    assert keys[-1] < 2**43
    assert newest_key(morning, 7) == newest_key(morning + timedelta(hours=3), 7)
    # Neighbouring pks are scattered, and distinct.
    key_by_pk = {pk: newest_key(morning, pk) for pk in range(1, 1_000)}
    assert len({*key_by_pk.values()}) == len(key_by_pk)
    ordered = sorted(key_by_pk, key=key_by_pk.get)
    neighbours = sum(abs(one - other) == 1 for one, other in pairwise(ordered))
    assert neighbours < 20
    # Below every offer of the day: the lower bound of a search.
    assert newest_key(morning) < min(key_by_pk.values())
