"""The dashboard: offers by state, search, several at once, what is to be done, and who reads them."""

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
from tests.factories import PARIS, make_application, make_company, make_member, make_offer, make_place, make_user

pytestmark = pytest.mark.django_db
URL = reverse("posting:dashboard")
ACT = reverse("posting:bulk_action")
DRAFT = {"status": OfferStatus.DRAFT, "published_at": None, "expires_at": None}


@pytest.fixture
def company(db):
    return make_company(name="Ateliers")


@pytest.fixture
def anne(client, company):
    user = make_member(company, make_user(email="anne@example.org")).user
    client.force_login(user)
    return user


def shown(client, **query):
    return [offer.title for offer in client.get(URL, query).context["rows"]]


def make_all(company):
    now = timezone.now()
    closed = {"closed_at": now}
    return {
        "en-ligne": make_offer(company=company, title="Ouverte"),
        "a-paraitre": make_offer(company=company, title="Future", age=timedelta(days=-3)),
        "a-relire": make_offer(company=company, title="Soumise", status=OfferStatus.SUBMITTED),
        "a-corriger": make_offer(company=company, title="Renvoyée", status=OfferStatus.RETURNED),
        "brouillon": make_offer(company=company, title="Ébauche", **DRAFT),
        "pourvue": make_offer(company=company, title="Prise", status=OfferStatus.FILLED, **closed),
        # Its time is over, whether or not the nightly run has said so.
        "expiree": make_offer(company=company, title="Finie", age=timedelta(days=9), expires_at=now - timedelta(1)),
        "retiree": make_offer(company=company, title="Reprise", status=OfferStatus.WITHDRAWN, **closed),
        "supprimee": make_offer(company=company, title="Effacée", status=OfferStatus.REMOVED, **closed),
    }


def test_every_state_has_a_tab_with_its_number(client, anne, company):
    offers = make_all(company)
    make_offer(title="D’une autre entreprise")
    tabs = client.get(URL).context["tabs"]
    assert [(number, selected) for _, number, _, selected in tabs] == [(9, True)] + [(1, False)] * 9
    assert offers.keys() == dashboard.STATES.keys()
    for (_, _, address, _), offer in zip(tabs[1:], (offers[state] for state in dashboard.STATES), strict=True):
        response = client.get(address)
        assert [row.title for row in response.context["rows"]] == [offer.title]
        assert [tab[3] for tab in response.context["tabs"]].count(True) == 1


@pytest.mark.parametrize(
    ("text", "found"),
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
def test_search_by_title_reference_and_place(client, anne, company, text, found):
    make_offer(company=company, title="Développeur Java")
    make_offer(company=company, title="Administratrice", external_reference="REF-77", place=make_place(**PARIS))
    assert shown(client, q=text) == found
    tab = client.get(URL, {"q": text, "etat": "en-ligne"}).context["tabs"]
    assert [number for _, number, _, _ in tab[:2]] == [len(found)] * len(tab[:2])


def test_bad_searches_say_so_and_keep_what_was_typed(client, anne, company):
    make_offer(company=company)
    for query in ({"tri": "zz"}, {"etat": "zz"}, {"page": "zz"}, {"page": "999999"}, {"q": "x" * 101}):
        assert client.get(URL, query).status_code == 200
    html = client.get(URL, {"q": "x" * 101}).content.decode()
    assert "x" * 101 in html
    assert "100 caractères" in html


def test_orders(client, anne, company):
    now = timezone.now()
    first = make_offer(company=company, title="A", age=timedelta(days=3), expires_at=now + timedelta(days=30))
    second = make_offer(company=company, title="B", age=timedelta(days=2), expires_at=now + timedelta(days=20))
    make_offer(company=company, title="C", age=timedelta(days=1), expires_at=now + timedelta(days=40))
    Audience.objects.create(offer=second, day=now.date(), views=5)
    Audience.objects.create(offer=first, day=now.date(), views=3)
    make_application(offer=first)
    orders = {"": "CBA", "fin": "BAC", "titre": "ABC", "lectures": "BAC", "candidatures": "ACB"}
    assert {order: "".join(shown(client, tri=order)) for order in orders} == orders


def test_what_is_to_be_done(client, anne, company, settings):
    now = timezone.now()
    long_ago = timedelta(days=settings.CONFIRM_AFTER_DAYS + 1)
    make_offer(company=company, title="À confirmer", age=long_ago)
    make_offer(company=company, title="Confirmée", age=long_ago, confirmed_at=now)
    # What is about to end is said once.
    make_offer(company=company, title="Bientôt finie", age=long_ago, expires_at=now + timedelta(days=6))
    make_offer(company=company, title="Ébauche", **DRAFT)
    offer = make_offer(
        company=company, title="Renvoyée", status=OfferStatus.SUBMITTED, published_at=None, expires_at=None
    )
    moderator = make_user(is_staff=True, is_superuser=True)
    offer.return_(moderator, "Le salaire manque.\nMerci.")
    make_application(offer=offer)
    make_application(offer=offer, status=ApplicationStatus.SEEN)
    make_application()
    response = client.get(URL)
    todo = dict(response.context["todo"])
    assert [(row.title, row.reason) for row in todo.pop("reasons")] == [("Renvoyée", "Le salaire manque.\nMerci.")]
    assert todo == {"unseen": 1, "to_confirm": 1, "ending": 1, "returned": 1, "drafts": 1}
    assert "Le salaire manque." in response.content.decode()
    assert shown(client, etat="a-confirmer") == ["À confirmer"]
    assert shown(client, etat="bientot-finie") == ["Bientôt finie"]


def test_nothing_to_do_is_not_shown(client, anne, company):
    make_offer(company=company)
    assert "À faire" not in client.get(URL).content.decode()


def test_readings_clicks_and_applications_by_day(client, anne, company):
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
    # Of one offer, and since it exists.
    page = client.get(reverse("posting:audience", args=[offer.pk])).context
    assert (page["offer"].views, page["offer"].clicks, page["offer"].received) == (954, 10, 0)
    assert page["chart"].rows[0] == (today, [4, 1, 0])
    assert client.get(reverse("posting:audience", args=[foreign.pk])).status_code == 404


def test_new_applications_stand_out(client, anne, company):
    offer = make_offer(company=company)
    make_application(offer=offer)
    make_application(offer=offer, status=ApplicationStatus.DISCUSSION)
    [row] = client.get(URL).context["rows"]
    assert (row.received, row.unseen) == (2, 1)
    assert "1 nouvelle<" in client.get(URL).content.decode()


# Several at once


def act(client, verb, offers, **data):
    data = {"acte": verb, "offre": [offer.pk for offer in offers], **data}
    response = client.post(ACT, data, follow=True)
    return response, [str(message) for message in response.context["messages"]]


def test_each_offer_is_done_or_refused_by_itself_and_told(client, anne, company):
    offers = make_all(company)
    foreign = make_offer(title="La leur")
    chosen = [offers["en-ligne"], offers["a-paraitre"], offers["brouillon"], foreign]
    response, said = act(client, "fill", chosen, retour="etat=en-ligne&q=x&next=//evil.example&page=2")
    assert response.redirect_chain == [(f"{URL}?etat=en-ligne&q=x&page=2", 302)]
    assert said == [
        "«\u00a0Ébauche\u00a0» ne peut pas être marquée pourvue\u00a0: état «\u00a0brouillon\u00a0».",
        "2 offres marquées pourvues\u00a0: «\u00a0Future\u00a0», «\u00a0Ouverte\u00a0».",
    ]
    for offer, status in zip(chosen, ["filled", "filled", "draft", "published"], strict=True):
        offer.refresh_from_db()
        assert offer.status == status
    event = offers["en-ligne"].events.first()
    assert (event.verb, event.by, event.role) == ("fill", anne, "member")


def test_confirm_and_renew(client, anne, company):
    old = timezone.now() - timedelta(days=50)
    offer = make_offer(company=company, title="Une", published_at=old, confirmed_at=old)
    _, said = act(client, "confirm", [offer])
    assert said == ["1 offre confirmée\u00a0: «\u00a0Une\u00a0»."]
    offer.refresh_from_db()
    assert offer.confirmed_at > old
    ends = offer.expires_at
    act(client, "renew", [offer])
    offer.refresh_from_db()
    assert offer.expires_at > ends - timedelta(minutes=1)
    assert list(offer.events.values_list("verb", flat=True)) == ["renew", "confirm"]


def test_withdrawing_is_asked_first(client, anne, company):
    offers = [make_offer(company=company, title=title) for title in ("Une", "Deux")]
    foreign = make_offer(title="La leur")
    response = client.post(ACT, {"acte": "withdraw", "offre": [o.pk for o in [*offers, foreign]], "retour": "q=u"})
    html = response.content.decode()
    assert "Retirer ces 2 offres" in html
    assert "La leur" not in html
    assert Offer.objects.filter(status=OfferStatus.WITHDRAWN).count() == 0
    _, said = act(client, "withdraw", [*offers, foreign], oui="1")
    assert said == ["2 offres retirées\u00a0: «\u00a0Deux\u00a0», «\u00a0Une\u00a0»."]
    assert set(Offer.objects.filter(status=OfferStatus.WITHDRAWN)) == set(offers)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Choisissez"),
        ({"acte": "remove", "offre": "1"}, "Choisissez"),
        ({"acte": "fill"}, "Cochez"),
        ({"acte": "fill", "offre": ["abc", "9" * 30, "٣", "-1"]}, "Cochez"),
    ],
)
def test_nothing_sensible_is_asked(client, anne, company, data, said):
    make_offer(company=company)
    response = client.post(ACT, data, follow=True)
    assert said in str(next(iter(response.context["messages"])))


# How much it costs


def fill(company, number):
    """`number` offers, each read and applied to."""
    now, place = timezone.now(), make_place()
    offers = Offer.objects.bulk_create(
        Offer(
            title=f"Offre {n}", company=company, place=place, contract=Contract.CDI, status=OfferStatus.PUBLISHED,
            published_at=now - timedelta(minutes=n + 1), expires_at=now + timedelta(days=3 + n % 60),
        )
        for n in range(number)
    )  # fmt: skip
    days = [timezone.localdate(now) - timedelta(days=ago) for ago in range(3)]
    Audience.objects.bulk_create(Audience(offer=offer, day=day, views=2) for offer in offers for day in days)
    Application.objects.bulk_create(
        Application(offer=offer, name="Candidate", email=f"c{n}@example.org", message="Bonjour.")
        for n, offer in enumerate(offers)
    )


def test_a_thousand_offers_cost_as_many_queries_as_ten(client, anne, company, django_assert_num_queries):
    make_offer(company=company, title="Renvoyée", status=OfferStatus.RETURNED, published_at=None, expires_at=None)
    for number in (9, 990):
        fill(make_company() if number == 9 else company, number)
        # Session, person, confirmed address, offers by state, one page of them, its readings, its applications,
        # readings by day, applications by day, new applications, what was sent back, companies.
        with django_assert_num_queries(12):
            response = client.get(URL)
    assert response.context["page"].paginator.count == 991
    # A search is one more; a part of a state, which has no tab, is counted too.
    with django_assert_num_queries(13):
        client.get(URL, {"q": "offre 12", "tri": "lectures"})
    with django_assert_num_queries(13):
        client.get(URL, {"etat": "bientot-finie"})
    offer = company.offers.order_by("-pk").first()
    with django_assert_num_queries(8):
        client.get(reverse("posting:audience", args=[offer.pk]))


def test_no_list_of_a_company_reads_the_offers_of_all(anne, company):
    """The databases say how they would go about it: by the company, and from its offers to what hangs on them."""
    make_offer(company=company)
    if connection.vendor == "postgresql":
        # It reads what is as small as here as a whole, where it may.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    now = timezone.now()
    offers = Offer.objects.filter(company__memberships__user=anne)
    plans = [dashboard.sort(dashboard.with_state(offers, now), order).explain() for order in ("", "lectures")]
    plans.append(Audience.objects.filter(offer__in=offers.order_by(), day__gte=now.date()).explain())
    plans.append(Application.objects.filter(offer__in=offers.order_by(), created_at__gte=now).explain())
    for plan in plans:
        for table in ("offers_offer", "catalogue_audience", "applications_application"):
            assert f"Seq Scan on {table}" not in plan
            assert f"SCAN {table}\n" not in f"{plan}\n"
