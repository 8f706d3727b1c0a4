"""Views of an offer: requests that are counted, without a query per page, and without losses between processes."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from offers.catalogue import audience, tasks
from offers.catalogue.models import Audience
from offers.companies.models import Membership
from tests.contact.processes import run_at_once
from tests.factories import make_company, make_offer, make_user

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_buffer(monkeypatch):
    monkeypatch.setattr(audience, "buffer", audience.AudienceBuffer())


def flush_and_read_counts(offer):
    audience.buffer.flush()
    return list(offer.audience.values_list("day", "views", "clicks"))


def view_offer(client, offer, agent=FIREFOX, **headers):
    response = client.get(offer.get_absolute_url(), HTTP_USER_AGENT=agent, **headers)
    assert response.status_code == 200
    return response


def test_views_of_cached_and_rendered_pages_are_counted(client):
    offer, other = make_offer(), make_offer()
    for _ in range(3):
        view_offer(client, offer)
        client.cookies.clear()
    view_offer(client, other)
    assert flush_and_read_counts(offer) == [(timezone.localdate(), 3, 0)]
    view_offer(client, offer)
    assert flush_and_read_counts(offer) == [(timezone.localdate(), 4, 0)]
    assert flush_and_read_counts(other) == [(timezone.localdate(), 1, 0)]


def test_view_writes_nothing_and_sets_no_cookie(client, django_assert_num_queries):
    offer = make_offer()
    view_offer(client, offer)
    client.cookies.clear()
    with django_assert_num_queries(1):
        response = view_offer(client, offer)
    assert not response.cookies
    assert not Audience.objects.exists()


@pytest.mark.parametrize(
    ("agent", "headers"),
    [
        ("", {}),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", {}),
        ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)", {}),
        ("curl/8.11.0", {}),
        ("python-requests/2.32", {}),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0 Safari/537.36", {}),
        (FIREFOX, {"HTTP_SEC_PURPOSE": "prefetch;prerender"}),
        (FIREFOX, {"HTTP_PURPOSE": "prefetch"}),
    ],
)
def test_robots_and_prefetches_are_not_counted(client, agent, headers):
    offer = make_offer()
    view_offer(client, offer, agent, **headers)
    assert flush_and_read_counts(offer) == []


def test_only_get_requests_with_status_200_are_counted(client):
    expired = make_offer(age=timedelta(days=200), expires_at=timezone.now() - timedelta(days=100))
    draft = make_offer(status="draft", published_at=None, expires_at=None)
    offer = make_offer()
    for url in (expired.get_absolute_url(), draft.get_absolute_url(), f"/offres/{offer.pk}/", "/offres/99999999-a/"):
        assert client.get(url, HTTP_USER_AGENT=FIREFOX).status_code in {301, 404, 410}
    client.head(offer.get_absolute_url(), HTTP_USER_AGENT=FIREFOX)
    audience.buffer.flush()
    assert not Audience.objects.exists()


def test_staff_and_members_of_the_company_are_not_counted(search_index):
    company = make_company()
    offer = make_offer(company=company)
    member, staff, other_user = make_user(), make_user(is_staff=True), make_user()
    Membership.objects.create(user=member, company=company)
    for user in (member, staff, other_user):
        client = Client()
        client.force_login(user)
        view_offer(client, offer)
    assert flush_and_read_counts(offer) == [(timezone.localdate(), 1, 0)]


def test_clicks_are_counted_apart_from_views(rf):
    offer = make_offer()
    for agent in (FIREFOX, FIREFOX, "curl/8"):
        audience.count_click(rf.get("/", HTTP_USER_AGENT=agent), offer)
    assert flush_and_read_counts(offer) == [(timezone.localdate(), 0, 2)]


def test_counts_stay_in_the_buffer_after_a_database_error(client, monkeypatch):
    offer, deleted = make_offer(), make_offer()
    for viewed in (offer, deleted):
        view_offer(client, viewed)
    deleted.delete()

    def fail(counts):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(audience, "_write", fail)
        assert audience.buffer.flush() == 0
    assert audience.buffer.flush() == 1
    assert flush_and_read_counts(offer) == [(timezone.localdate(), 1, 0)]


def test_buffer_is_bounded(monkeypatch):
    monkeypatch.setattr(audience, "MAX_BUFFERED", 2)
    offers = [make_offer() for _ in range(3)]
    for offer in [*offers, offers[0]]:
        audience.buffer.add(offer.pk, audience.VIEWS)
    assert audience.buffer.flush() == 2
    assert list(Audience.objects.order_by("offer_id").values_list("views", flat=True)) == [2, 1]


def test_flush_of_many_offers_takes_two_statements(django_assert_num_queries):
    offers = [make_offer(company=make_company(), place=None) for _ in range(3)]
    for offer in offers:
        audience.buffer.add(offer.pk, audience.VIEWS)
    # Two statements within a savepoint.
    with django_assert_num_queries(4):
        audience.buffer.flush()


def test_counts_past_their_retention_are_deleted(settings):
    settings.AUDIENCE_RETENTION_DAYS = 30
    offer = make_offer()
    today = timezone.localdate()
    for age in (0, 30, 31):
        Audience.objects.create(offer=offer, day=today - timedelta(days=age), views=1)
    tasks.prune_audience()
    tasks.prune_audience()
    assert sorted(today - day for day in offer.audience.values_list("day", flat=True)) == [
        timedelta(0),
        timedelta(days=30),
    ]


@pytest.mark.django_db(transaction=True)
def test_concurrent_processes_lose_no_counts(tmp_path):
    offers = [make_offer() for _ in range(20)]
    outputs = run_at_once(
        f"""
import random
from offers.catalogue import audience
from offers.catalogue.models import Audience
from django.db.models import Sum
pks = {[offer.pk for offer in offers]}
for round_index in range(10):
    random.shuffle(pks)
    for pk in pks:
        audience.buffer.add(pk, audience.VIEWS)
    audience.buffer.flush()
while audience.buffer.flush():
    pass
sys.stdin.readline()
print(Audience.objects.aggregate(Sum("views"))["views__sum"], Audience.objects.count())
""",
        3,
        tmp_path,
    )
    # The last process to end reads the complete counts.
    assert max(outputs, key=lambda output: int(output.split()[0])) == f"{3 * 10 * 20} 20"


@pytest.mark.django_db(transaction=True)
def test_stopped_writer_flushes_its_buffer(tmp_path):
    offer = make_offer()
    outputs = run_at_once(
        f"""
from offers.catalogue import audience
from offers.catalogue.models import Audience
writer = audience.AudienceWriter()
writer.start()
audience.buffer.add({offer.pk}, audience.CLICKS)
writer.stop()
print(*Audience.objects.values_list("views", "clicks"))
""",
        1,
        tmp_path,
    )
    assert outputs == ["(0, 1)"]
    assert connection.vendor == "sqlite" or offer.audience.get().clicks == 1
