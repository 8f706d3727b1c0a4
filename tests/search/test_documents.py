import json
from datetime import timedelta

from django.utils import timezone

from offers.enums import OfferStatus
from offers.search.documents import (
    CHUNK,
    INTEGER_FIELDS,
    RANGE_FIELDS,
    SKILL_COLUMNS,
    TEXT_FIELDS,
    TOKEN_FIELDS,
    build_documents,
    newest_key,
    published_ids,
    row_digests,
)
from tests.factories import make_company, make_offer, make_place, make_skill


def indexed_ids(ids=None):
    return [pk for pk, _ in build_documents(ids)]


def test_what_the_public_may_see_and_nothing_else(db):
    now = timezone.now()
    seen = make_offer()
    make_offer(published_at=now + timedelta(hours=1))
    make_offer(published_at=now - timedelta(days=3), expires_at=now - timedelta(days=1))
    make_offer(status=OfferStatus.DRAFT, published_at=None, expires_at=now)
    make_offer(status=OfferStatus.FILLED, closed_at=now)
    assert indexed_ids() == [seen.pk]
    assert indexed_ids({seen.pk, seen.pk + 1, seen.pk + 1_000}) == [seen.pk]
    assert [pk for pk, _ in row_digests()] == [seen.pk]


def test_published_ids_after_a_pk(db):
    company = make_company()
    offers = [make_offer(company=company).pk for _ in range(5)]
    assert indexed_ids() == offers
    assert list(published_ids(after=offers[2])) == offers[3:]


def test_a_document_is_json_with_every_field_of_the_schema(db):
    offer = make_offer(title='Dév "C\\C++"\t« {x} »', description='Des "guillemets"\\ et\x01des\u2028signes')
    offer.skills.add(make_skill(), make_skill())
    ((_, document),) = build_documents()
    found = json.loads(document)
    assert found["label"] == offer.title
    assert found["skill"] == sorted(skill.pk for skill in offer.skills.all())
    assert found.keys() == {
        "id",
        "label",
        "fresh",
        *TEXT_FIELDS,
        *TOKEN_FIELDS,
        *INTEGER_FIELDS,
        *RANGE_FIELDS,
        *SKILL_COLUMNS,
    }


def test_a_digest_changes_with_what_the_index_holds(db):
    offer = make_offer(company=make_company(name="Avant"))
    seen = set()

    def changed():
        (found,) = row_digests()
        new = found not in seen
        seen.add(found)
        return new

    assert changed()
    assert not changed()
    for change in (
        {"description": "Autre"},
        {"title": "Autre"},
        {"pay_min": 400, "pay_max": 500},
        {"confidential": True},
    ):
        type(offer).objects.filter(pk=offer.pk).update(**change)
        assert changed(), change
    offer.skills.add(make_skill())
    assert changed()
    type(offer.company).objects.update(name="Après")
    assert changed()


def test_two_queries_a_chunk_and_one_for_the_ids(db, django_assert_num_queries):
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


def test_offers_far_from_each_other_come_with_their_skills(db):
    company, skill = make_company(), make_skill()
    offers = [make_offer(company=company, pk=pk) for pk in (7, 5_000, 900_000)]
    for offer in offers[::2]:
        offer.skills.add(skill)
    found = [json.loads(document) for _, document in build_documents()]
    assert [(document["id"], document["skill"]) for document in found] == [
        (7, [skill.pk]), (5_000, []), (900_000, [skill.pk]),
    ]  # fmt: skip


def test_newest_key_sorts_by_datetime_then_pk():
    now = timezone.now()
    keys = [newest_key(now - timedelta(days=900), 9), newest_key(now, 1), newest_key(now, 2)]
    keys.append(newest_key(now + timedelta(seconds=1), 1))
    assert keys == sorted(set(keys))
    assert keys[-1] < 2**63
