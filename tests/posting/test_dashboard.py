"""The dashboard of recruiters: offers by state, search, to-do list, statistics, bulk actions and queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from offers.applications.enums import ApplicationStatus
from offers.applications.models import Application
from offers.catalogue.models import Audience
from offers.enums import Contract, OfferStatus
from offers.models import Offer
from offers.posting import dashboard
from tests.admin.pages import message_texts
from tests.admin.staff import make_superuser
from tests.factories import PARIS, make_application, make_company, make_offer, make_place
from tests.posting.forms import DRAFT

pytestmark = pytest.mark.django_db
URL = reverse("posting:dashboard")
BULK_ACTION = reverse("posting:bulk_action")


def titles(client, **query) -> list[str]:
    """Return the titles of the rows in order."""
    return [offer.title for offer in client.get(URL, query).context["rows"]]


def make_offers_in_every_state(company) -> dict:
    now = timezone.now()
    closed = {"closed_at": now}
    return {
        "en-ligne": make_offer(company=company, title="Ouverte"),
        "a-paraitre": make_offer(company=company, title="Future", age=timedelta(days=-3)),
        "a-relire": make_offer(company=company, title="Soumise", status=OfferStatus.SUBMITTED),
        "a-corriger": make_offer(company=company, title="Renvoyée", status=OfferStatus.RETURNED),
        "brouillon": make_offer(company=company, title="Ébauche", **DRAFT),
        "pourvue": make_offer(company=company, title="Prise", status=OfferStatus.FILLED, **closed),
        # Expired by the clock, before the nightly task changes its status.
        "expiree": make_offer(company=company, title="Finie", age=timedelta(days=9), expires_at=now - timedelta(1)),
        "retiree": make_offer(company=company, title="Reprise", status=OfferStatus.WITHDRAWN, **closed),
        "supprimee": make_offer(company=company, title="Effacée", status=OfferStatus.REMOVED, **closed),
    }


def test_every_state_has_a_tab_with_its_count(client, member, company):
    offers = make_offers_in_every_state(company)
    make_offer(title="D’une autre entreprise")
    tabs = client.get(URL).context["tabs"]
    assert [(count, selected) for _, count, _, selected in tabs] == [(9, True)] + [(1, False)] * 9
    assert offers.keys() == dashboard.STATES.keys()
    for (_, _, url, _), offer in zip(tabs[1:], (offers[state] for state in dashboard.STATES), strict=True):
        response = client.get(url)
        assert [row.title for row in response.context["rows"]] == [offer.title]
        assert [tab[3] for tab in response.context["tabs"]].count(True) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("developpeur", ["Développeur Java"]),
        ("JAVA développeur", ["Développeur Java"]),
        ("ref-77", ["Administratrice"]),
        ("paris", ["Administratrice"]),
        ("java paris", []),
        ("!!!", []),
        ("%", []),
    ],
)
def test_search_matches_title_reference_and_place(client, member, company, text, expected):
    make_offer(company=company, title="Développeur Java")
    make_offer(company=company, title="Administratrice", external_reference="REF-77", place=make_place(**PARIS))
    assert titles(client, q=text) == expected
    tabs = client.get(URL, {"q": text, "etat": "en-ligne"}).context["tabs"]
    assert [count for _, count, _, _ in tabs[:2]] == [len(expected)] * len(tabs[:2])


def test_invalid_search_shows_an_error_and_keeps_the_query(client, member, company):
    offer = make_offer(company=company, title="La seule")
    for query in ({"tri": "zz"}, {"etat": "zz"}, {"page": "zz"}, {"page": "999999"}):
        assert offer.title in titles(client, **query), query
    html = client.get(URL, {"q": "x" * 101}).content.decode()
    assert "x" * 101 in html
    assert "100 caractères" in html


def test_sort_orders(client, member, company):
    now = timezone.now()
    first = make_offer(company=company, title="A", age=timedelta(days=3), expires_at=now + timedelta(days=30))
    second = make_offer(company=company, title="B", age=timedelta(days=2), expires_at=now + timedelta(days=20))
    make_offer(company=company, title="C", age=timedelta(days=1), expires_at=now + timedelta(days=40))
    Audience.objects.create(offer=second, day=now.date(), views=5)
    Audience.objects.create(offer=first, day=now.date(), views=3)
    make_application(offer=first)
    orders = {"": "CBA", "fin": "BAC", "titre": "ABC", "lectures": "BAC", "candidatures": "ACB"}
    assert {order: "".join(titles(client, tri=order)) for order in orders} == orders


def test_todo_counts_offers_and_applications_that_need_action(client, member, company, settings):
    now = timezone.now()
    long_ago = timedelta(days=settings.CONFIRM_AFTER_DAYS + 1)
    make_offer(company=company, title="À confirmer", age=long_ago)
    make_offer(company=company, title="Confirmée", age=long_ago, confirmed_at=now)
    # An offer that ends soon is not counted as unconfirmed too.
    make_offer(company=company, title="Bientôt finie", age=long_ago, expires_at=now + timedelta(days=6))
    make_offer(company=company, title="Ébauche", **DRAFT)
    offer = make_offer(
        company=company, title="Renvoyée", status=OfferStatus.SUBMITTED, published_at=None, expires_at=None
    )
    moderator = make_superuser()
    offer.return_(moderator, "Le salaire manque.\nMerci.")
    make_application(offer=offer)
    make_application(offer=offer, status=ApplicationStatus.SEEN)
    make_application()
    response = client.get(URL)
    todo = dict(response.context["todo"])
    assert [(row.title, row.reason) for row in todo.pop("reasons")] == [("Renvoyée", "Le salaire manque.\nMerci.")]
    assert todo == {"unseen": 1, "to_confirm": 1, "ending": 1, "returned": 1, "drafts": 1}
    assert "Le salaire manque." in response.content.decode()
    assert titles(client, etat="a-confirmer") == ["À confirmer"]
    assert titles(client, etat="bientot-finie") == ["Bientôt finie"]


def test_todo_is_hidden_without_items(client, member, company):
    make_offer(company=company)
    assert "À faire" not in client.get(URL).content.decode()


def test_chart_has_views_clicks_and_applications_by_day(client, member, company):
    offer, other, foreign = make_offer(company=company), make_offer(company=company), make_offer()
    today = timezone.localdate()
    for each, ago, views, clicks in ((offer, 0, 4, 1), (other, 0, 3, 0), (offer, 29, 50, 0), (offer, 30, 900, 9)):
        Audience.objects.create(offer=each, day=today - timedelta(days=ago), views=views, clicks=clicks)
    Audience.objects.create(offer=foreign, day=today, views=1000)
    make_application(offer=other)
    make_application(offer=other, created_at=timezone.now() - timedelta(days=31))
    make_application(offer=foreign)
    response = client.get(URL)
    rows = response.context["chart"].rows
    assert (len(rows), rows[0], rows[-1]) == (30, (today, [7, 1, 1]), (today - timedelta(days=29), [50, 0, 0]))
    assert [series.total for series in response.context["chart"].series] == [57, 1, 1]
    html = response.content.decode()
    assert html.count('width="8"') == 4
    assert "style=" not in html
    # The page of one offer has its totals since its creation.
    page = client.get(reverse("posting:audience", args=[offer.pk])).context
    assert (page["offer"].views, page["offer"].clicks, page["offer"].received) == (954, 10, 0)
    assert page["chart"].rows[0] == (today, [4, 1, 0])
    assert client.get(reverse("posting:audience", args=[foreign.pk])).status_code == 404


def test_new_applications_are_counted_and_highlighted(client, member, company):
    offer = make_offer(company=company)
    make_application(offer=offer)
    make_application(offer=offer, status=ApplicationStatus.DISCUSSION)
    [row] = client.get(URL).context["rows"]
    assert (row.received, row.unseen) == (2, 1)
    assert "1 nouvelle<" in client.get(URL).content.decode()


# Bulk actions


def run_bulk_action(client, verb, offers, **data):
    """Post a bulk action; return the response after the redirect and the texts of the messages."""
    data = {"acte": verb, "offre": [offer.pk for offer in offers], **data}
    response = client.post(BULK_ACTION, data, follow=True)
    return response, message_texts(response)


def test_bulk_action_reports_success_and_refusal_for_each_offer(client, member, company):
    offers = make_offers_in_every_state(company)
    foreign = make_offer(title="La leur")
    selection = [offers["en-ligne"], offers["a-paraitre"], offers["brouillon"], foreign]
    response, messages = run_bulk_action(
        client, "fill", selection, retour="etat=en-ligne&q=x&next=//evil.example&page=2"
    )
    assert response.redirect_chain == [(f"{URL}?etat=en-ligne&q=x&page=2", 302)]
    assert messages == [
        "«\u00a0Ébauche\u00a0» ne peut pas être marquée pourvue\u00a0: état «\u00a0brouillon\u00a0».",
        "2\u00a0offres marquées pourvues\u00a0: «\u00a0Future\u00a0», «\u00a0Ouverte\u00a0».",
    ]
    for offer, status in zip(selection, ["filled", "filled", "draft", "published"], strict=True):
        offer.refresh_from_db()
        assert offer.status == status
    event = offers["en-ligne"].events.first()
    assert (event.verb, event.by, event.role) == ("fill", member, "member")


def test_bulk_actions_confirm_and_renew(client, member, company):
    old = timezone.now() - timedelta(days=50)
    offer = make_offer(company=company, title="Une", published_at=old, confirmed_at=old)
    _, messages = run_bulk_action(client, "confirm", [offer])
    assert messages == ["1\u00a0offre confirmée\u00a0: «\u00a0Une\u00a0»."]
    offer.refresh_from_db()
    assert offer.confirmed_at > old
    expires_at = offer.expires_at
    run_bulk_action(client, "renew", [offer])
    offer.refresh_from_db()
    assert offer.expires_at > expires_at
    assert list(offer.events.values_list("verb", flat=True)) == ["renew", "confirm"]


def test_bulk_withdrawal_requires_confirmation(client, member, company):
    offers = [make_offer(company=company, title=title) for title in ("Une", "Deux")]
    foreign = make_offer(title="La leur")
    pks = [offer.pk for offer in (*offers, foreign)]
    response = client.post(BULK_ACTION, {"acte": "withdraw", "offre": pks, "retour": "q=u"})
    html = response.content.decode()
    assert "Retirer ces 2 offres" in html
    assert "La leur" not in html
    assert Offer.objects.filter(status=OfferStatus.WITHDRAWN).count() == 0
    _, messages = run_bulk_action(client, "withdraw", [*offers, foreign], oui="1")
    assert messages == ["2\u00a0offres retirées\u00a0: «\u00a0Deux\u00a0», «\u00a0Une\u00a0»."]
    assert set(Offer.objects.filter(status=OfferStatus.WITHDRAWN)) == set(offers)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Choisissez"),
        ({"acte": "remove", "offre": "1"}, "Choisissez"),
        ({"acte": "fill"}, "Cochez"),
        ({"acte": "fill", "offre": ["abc", "9" * 30, "٣", "-1"]}, "Cochez"),
    ],
)
def test_invalid_bulk_action_shows_an_error(client, member, company, data, message):
    make_offer(company=company)
    response = client.post(BULK_ACTION, data, follow=True)
    assert message in str(next(iter(response.context["messages"])))


# Queries


def create_offers(company, count):
    """Create `count` offers, each with views on three days and an application."""
    now, place = timezone.now(), make_place()
    offers = Offer.objects.bulk_create(
        Offer(
            title=f"Offre {n}", company=company, place=place, contract=Contract.CDI, status=OfferStatus.PUBLISHED,
            published_at=now - timedelta(minutes=n + 1), expires_at=now + timedelta(days=3 + n % 60),
        )
        for n in range(count)
    )  # fmt: skip
    days = [timezone.localdate(now) - timedelta(days=ago) for ago in range(3)]
    Audience.objects.bulk_create(Audience(offer=offer, day=day, views=2) for offer in offers for day in days)
    Application.objects.bulk_create(
        Application(offer=offer, name="Candidate", email=f"c{n}@example.org", message="Bonjour.")
        for n, offer in enumerate(offers)
    )


def test_query_count_is_independent_of_the_number_of_offers(client, member, company, django_assert_num_queries):
    make_offer(company=company, title="Renvoyée", status=OfferStatus.RETURNED, published_at=None, expires_at=None)
    for count in (9, 990):
        create_offers(make_company() if count == 9 else company, count)
        # Session, user, confirmed address, offers by state, one page of them, their views, their applications, views by
        # day, applications by day, new applications, returned offers, companies.
        with django_assert_num_queries(12):
            response = client.get(URL)
    assert response.context["page"].paginator.count == 991
    # One more query counts the results of a search, and those of a filter without a tab.
    with django_assert_num_queries(13):
        client.get(URL, {"q": "offre 12", "tri": "lectures"})
    with django_assert_num_queries(13):
        client.get(URL, {"etat": "bientot-finie"})
    offer = company.offers.order_by("-pk").first()
    with django_assert_num_queries(8):
        client.get(reverse("posting:audience", args=[offer.pk]))


def test_query_plans_do_not_scan_whole_tables(member, company):
    """The queries start from the company, and from its offers to their views and applications."""
    make_offer(company=company)
    if connection.vendor == "postgresql":
        # PostgreSQL prefers sequential scans for tables as small as those of a test.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    now = timezone.now()
    offers = Offer.objects.filter(company__memberships__user=member)
    plans = [dashboard.sort(dashboard.with_state(offers, now), order).explain() for order in ("", "lectures")]
    plans.append(Audience.objects.filter(offer__in=offers.order_by(), day__gte=now.date()).explain())
    plans.append(Application.objects.filter(offer__in=offers.order_by(), created_at__gte=now).explain())
    for plan in plans:
        for table in ("offers_offer", "catalogue_audience", "applications_application"):
            assert f"Seq Scan on {table}" not in plan
            assert f"SCAN {table}\n" not in f"{plan}\n"
