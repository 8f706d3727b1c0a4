"""Readings of an offer: who counts, that no page pays for it, and that none is lost between processes."""

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
def nothing_noted(monkeypatch):
    monkeypatch.setattr(audience, "notes", audience.Notes())


def counted(offer):
    audience.notes.write()
    return list(offer.audience.values_list("day", "views", "clicks"))


def read(client, offer, agent=FIREFOX, **headers):
    response = client.get(offer.get_absolute_url(), HTTP_USER_AGENT=agent, **headers)
    assert response.status_code == 200
    return response


def test_every_reading_counts_kept_page_or_not(client):
    offer, other = make_offer(), make_offer()
    for _ in range(3):
        read(client, offer)
        client.cookies.clear()
    read(client, other)
    assert counted(offer) == [(timezone.localdate(), 3, 0)]
    read(client, offer)
    assert counted(offer) == [(timezone.localdate(), 4, 0)]
    assert counted(other) == [(timezone.localdate(), 1, 0)]


def test_a_reading_writes_nothing_and_leaves_no_cookie(client, django_assert_num_queries):
    offer = make_offer()
    read(client, offer)
    client.cookies.clear()
    with django_assert_num_queries(1):
        response = read(client, offer)
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
def test_programs_are_left_out(client, agent, headers):
    offer = make_offer()
    read(client, offer, agent, **headers)
    assert counted(offer) == []


def test_only_a_page_that_was_shown_counts(client):
    gone = make_offer(age=timedelta(days=200), expires_at=timezone.now() - timedelta(days=100))
    draft = make_offer(status="draft", published_at=None, expires_at=None)
    offer = make_offer()
    for address in (gone.get_absolute_url(), draft.get_absolute_url(), f"/offres/{offer.pk}/", "/offres/99999999-a/"):
        assert client.get(address, HTTP_USER_AGENT=FIREFOX).status_code in {301, 404, 410}
    client.head(offer.get_absolute_url(), HTTP_USER_AGENT=FIREFOX)
    audience.notes.write()
    assert not Audience.objects.exists()


def test_the_team_and_the_companys_own_people_are_left_out(search_index):
    company = make_company()
    offer = make_offer(company=company)
    member, staff, stranger = make_user(), make_user(is_staff=True), make_user()
    Membership.objects.create(user=member, company=company)
    for user in (member, staff, stranger):
        client = Client()
        client.force_login(user)
        read(client, offer)
    assert counted(offer) == [(timezone.localdate(), 1, 0)]


def test_clicks_count_beside_readings(rf):
    offer = make_offer()
    for agent in (FIREFOX, FIREFOX, "curl/8"):
        audience.count_click(rf.get("/", HTTP_USER_AGENT=agent), offer)
    assert counted(offer) == [(timezone.localdate(), 0, 2)]


def test_what_cannot_be_written_waits(client, monkeypatch):
    offer, deleted = make_offer(), make_offer()
    for each in (offer, deleted):
        read(client, each)
    deleted.delete()

    def unreachable(noted):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(audience, "_write", unreachable)
        assert audience.notes.write() == 0
    assert audience.notes.write() == 1
    assert counted(offer) == [(timezone.localdate(), 1, 0)]


def test_what_waits_is_bounded(monkeypatch):
    monkeypatch.setattr(audience, "MAX_NOTED", 2)
    offers = [make_offer() for _ in range(3)]
    for offer in [*offers, offers[0]]:
        audience.notes.add(offer.pk, audience.VIEWS)
    assert audience.notes.write() == 2
    assert list(Audience.objects.order_by("offer_id").values_list("views", flat=True)) == [2, 1]


def test_any_number_of_offers_takes_few_statements(django_assert_num_queries):
    offers = [make_offer(company=make_company(), place=None) for _ in range(3)]
    for offer in offers:
        audience.notes.add(offer.pk, audience.VIEWS)
    with django_assert_num_queries(4):  # a savepoint around the two
        audience.notes.write()


def test_old_days_are_deleted(settings):
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
def test_processes_that_write_at_once_lose_nothing(tmp_path):
    offers = [make_offer() for _ in range(20)]
    lines = run_at_once(
        f"""
import random
from offers.catalogue import audience
from offers.catalogue.models import Audience
from django.db.models import Sum
pks = {[offer.pk for offer in offers]}
for turn in range(10):
    random.shuffle(pks)
    for pk in pks:
        audience.notes.add(pk, audience.VIEWS)
    audience.notes.write()
while audience.notes.write():
    pass
sys.stdin.readline()
print(Audience.objects.aggregate(Sum("views"))["views__sum"], Audience.objects.count())
""",
        3,
        tmp_path,
    )
    # The last one to end has seen them all.
    assert max(lines, key=lambda line: int(line.split()[0])) == f"{3 * 10 * 20} 20"


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_told_to_stop_writes_first(tmp_path):
    offer = make_offer()
    lines = run_at_once(
        f"""
from offers.catalogue import audience
from offers.catalogue.models import Audience
writing = audience.Writing()
writing.start()
audience.notes.add({offer.pk}, audience.CLICKS)
writing.stop()
print(*Audience.objects.values_list("views", "clicks"))
""",
        1,
        tmp_path,
    )
    assert lines == ["(0, 1)"]
    assert connection.vendor == "sqlite" or offer.audience.get().clicks == 1
