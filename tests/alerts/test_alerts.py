"""Alerts as the people who ask for them meet them: pages, links, the mails that they ask for."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from jobboard.contact.models import Sender
from jobboard.mail.models import OutboxMessage
from jobboard.mail.retry import MAX_ATTEMPTS, retry_delay
from jobboard.mail.tasks import send_outbox
from offers.alerts import links, requests, saved
from offers.alerts.models import Alert, AlertDelivery, next_slot
from offers.catalogue.filters import OfferFilter
from tests.factories import make_alert, make_company, make_offer, make_place, make_role, make_skill
from tests.mail.outbox import due_again

pytestmark = pytest.mark.django_db
PARIS_TIME = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://emploi.example"
    settings.CONTACT_MINIMUM_DELAY = 0


def send_queued():
    """What the worker would do with what is in the queue."""
    send_outbox()
    OrmQ.objects.all().delete()


def field(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())[1]


def ask(client, query="", **values):
    address = f"/alertes/nouvelle/?{query}"
    values = {
        "email": "anne@example.org",
        "frequency": "daily",
        "form_token": field(client.get(address), "form_token"),
        **values,
    }
    return client.post(address, values)


def path_in(message, page):
    """The path of the link of that page in a mail."""
    return urlsplit(re.search(rf"https://emploi\.example(/alertes/{page}/\S+)", message.body)[0]).path


def test_from_the_list_to_a_confirmed_alert(client):
    make_offer()
    page = client.get("/offres/?ou=Lyon&contrat=cdi").content.decode()
    assert 'href="/alertes/nouvelle/?ou=Lyon&amp;contrat=cdi"' in page
    page = client.get("/alertes/nouvelle/?ou=Lyon&contrat=cdi")
    assert "Lyon (69), CDI" in page.content.decode()
    assert "no-cache" in page["Cache-Control"]

    response = ask(client, "ou=Lyon&contrat=cdi", frequency="weekly")
    assert (response.status_code, response.url) == (302, "/alertes/envoi/")
    alert = Alert.objects.get()
    assert (alert.email, alert.query, alert.frequency) == ("anne@example.org", "contrat=cdi&ou=Lyon+%2869%29", "weekly")
    assert (alert.confirmed_at, alert.due_at) == (None, None)

    send_queued()
    (message,) = mail.outbox
    assert message.to == ["anne@example.org"]
    assert "Lyon (69), CDI" in message.body
    link = path_in(message, "confirmer")
    assert "anne" not in link

    page = client.get(link)
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies
    alert.refresh_from_db()
    assert alert.confirmed_at is None, "programs that look at mails open links"
    # Where an address is hidden from other pages, browsers hide where a form comes from as well.
    page = Client(enforce_csrf_checks=True).post(link, headers={"Origin": "null"})
    assert "C’est confirmé" in page.content.decode()
    alert.refresh_from_db()
    assert alert.is_running
    assert client.get(link).status_code == 200
    client.post(link)
    again = Alert.objects.get()
    assert (again.confirmed_at, again.due_at) == (alert.confirmed_at, alert.due_at)


def test_a_mail_to_an_address_that_anyone_can_type_carries_no_words_of_theirs(client):
    ask(client, "q=achetez+https://mauvais.example&contrat=cdi")
    send_queued()
    assert "achetez" not in mail.outbox[0].body + mail.outbox[0].subject
    assert "«\u00a0vos mots-clés, CDI\u00a0»" in mail.outbox[0].body


@pytest.mark.parametrize("email", ["", "anne", "anne@", "a" * 250 + "@example.org", "anne@example.org\nBcc: b@x.fr"])
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(client, email):
    response = ask(client, "contrat=cdi", email=email, frequency="weekly")
    html = response.content.decode()
    assert response.status_code == 200
    assert 'class="error" id="id_email_error"' in html
    assert re.search(r'value="weekly"[^>]*checked', html)
    assert not Alert.objects.exists()


def test_programs_are_told_nothing_and_make_nothing(client):
    assert ask(client, detail="x").url == "/alertes/envoi/"
    assert ask(client, form_token="forged").status_code == 200
    assert ask(client, frequency="hourly").status_code == 200
    assert not Alert.objects.exists()


def test_a_search_with_mistakes_keeps_what_was_understood_and_says_so(client):
    page = client.get("/alertes/nouvelle/?contrat=cdi&ou=Nulleparville&salaire=beaucoup").content.decode()
    assert "Ces critères ne sont pas valables" in page
    assert "Nulleparville" in page
    ask(client, "contrat=cdi&ou=Nulleparville&salaire=beaucoup")
    assert Alert.objects.get().query == "contrat=cdi"


def test_a_search_that_is_too_long_is_not_cut(client, settings, monkeypatch):
    monkeypatch.setattr(Alert, "QUERY_LENGTH", 10)
    response = client.get("/alertes/nouvelle/?contrat=cdi&contrat=cdd")
    assert response.status_code == 400
    assert "trop longue" in response.content.decode()


def test_who_asks_too_often_is_told_when_to_come_back(client, settings):
    settings.ALERT_LIMIT_PER_HOUR = 2
    for number in range(2):
        assert ask(client, email=f"a{number}@example.org").status_code == 302
    response = ask(client, email="a3@example.org")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 3000
    assert "a3@example.org" in response.content.decode()
    assert Alert.objects.count() == 2
    # An alert is no message to the team: one limit does not use up the other.
    Sender.objects.count_message("127.0.0.1")


def test_a_mailbox_cannot_be_filled_from_many_networks(settings):
    settings.ALERT_LIMIT_PER_HOUR = 3
    for number in range(6):
        requests.request_alert("Anne@example.org", "", "toutes", "daily", f"192.0.2.{number}")
    assert OrmQ.objects.count() == 3


def test_asked_again_it_is_the_same_alert(client):
    ask(client, "contrat=cdi")
    ask(client, "contrat=cdi&tri=salaire&depuis=7", email="ANNE@example.org", frequency="weekly")
    alert = Alert.objects.get()
    assert alert.frequency == "weekly"
    send_queued()
    assert len(mail.outbox) == 2
    alert.confirm()
    ask(client, "contrat=cdi", frequency="daily")
    alert.refresh_from_db()
    assert alert.frequency == "weekly", "what is confirmed is changed only by who reads its mails"
    send_queued()
    assert "/alertes/gerer/" in mail.outbox[-1].body


def test_an_address_has_twenty_alerts_at_most():
    for number in range(requests.MAX_ALERTS):
        make_alert(email="anne@example.org", query=f"q={number}")
    requests.request_alert("anne@example.org", "q=encore", "encore", "daily", "192.0.2.1")
    assert Alert.objects.count() == requests.MAX_ALERTS
    assert OrmQ.objects.count() == 1


def test_the_list_of_alerts_is_told_only_by_mail(client):
    make_alert(email="anne@example.org")
    form_token = field(client.get("/alertes/"), "form_token")
    answers = [
        client.post("/alertes/", {"email": email, "form_token": form_token})
        for email in ("Anne@Example.org", "bob@example.org")
    ]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, "/alertes/envoi/")] * 2
    assert answers[0].content == answers[1].content
    send_queued()
    (message,) = mail.outbox
    assert message.to == ["anne@example.org"]
    assert client.get(path_in(message, "gerer")).status_code == 200


def test_managing(client, django_assert_num_queries):
    first = make_alert(email="anne@example.org", label="CDI à Lyon", query="contrat=cdi")
    second = make_alert(email="Anne@example.org", label="Python", query="q=python")
    other = make_alert(email="bob@example.org", label="Java")
    path = links.path(links.MANAGE, first)
    with django_assert_num_queries(2):
        page = client.get(path).content.decode()
    assert "CDI à Lyon" in page
    assert "Python" in page
    assert "Java" not in page
    assert "anne@example.org" not in page

    def act(action, alert=second):
        response = client.post(path, {"alert": alert.pk, "action": action}, follow=True)
        assert response.status_code == 200
        alert.refresh_from_db()
        return response.content.decode()

    assert "Alerte suspendue\u00a0: Python" in act("pause")
    assert second.paused_at
    assert not second.is_running
    second_covered = second.covered_until
    act("resume")
    assert second.is_running
    assert second.covered_until > second_covered, "what came out meanwhile stays unsent"
    act("weekly")
    assert second.due_at == next_slot("weekly", timezone.now())
    act("pause")
    act("daily")
    assert not second.is_running
    act("stop")
    assert second.unsubscribed_at
    for alert, action in ((second, "resume"), (other, "stop"), (first, "explode"), (first, "")):
        assert "n’existe plus" in act(action, alert)
    for number in ("", "x", "-1", "9" * 40, "٣"):
        assert client.post(path, {"alert": number, "action": "stop"}, follow=True).status_code == 200
    assert other.is_running
    assert first.is_running


def test_a_search_that_finds_nothing_any_more_is_said_in_the_list(client):
    role = make_role(slug="cto", name="CTO")
    alert = make_alert(email="anne@example.org", label="CTO", query="metier=cto")
    make_alert(email="anne@example.org", label="CDI", query="contrat=cdi")
    path = links.path(links.MANAGE, alert)
    assert "n’envoie plus rien" not in client.get(path).content.decode()
    role.delete()
    assert client.get(path).content.decode().count("n’envoie plus rien") == 1


def test_links_are_signed_for_one_page_and_run_out(client, settings):
    alert = make_alert(confirmed_at=None, due_at=None)
    token = links.path(links.CONFIRM, alert).split("/")[-2]
    for page in ("confirmer", "gerer", "arreter"):
        assert client.get(f"/alertes/{page}/{alert.pk}/").status_code == 404
        assert client.post(f"/alertes/{page}/{token}x/").status_code == 404
    assert client.get(f"/alertes/gerer/{token}/").status_code == 404
    assert client.get(f"/alertes/arreter/{token}/").status_code == 404
    settings.ALERT_UNCONFIRMED_DAYS = -1
    response = client.post(f"/alertes/confirmer/{token}/")
    assert response.status_code == 404
    assert "Recevoir un nouveau lien" in response.content.decode()
    alert.refresh_from_db()
    assert alert.confirmed_at is None


def test_one_click_of_a_mail_program_stops_it(client):
    alert = make_alert()
    path = links.path(links.STOP, alert)
    assert "Ne plus recevoir cette alerte" in client.get(path).content.decode()
    alert.refresh_from_db()
    assert alert.is_running, "opening a link changes nothing"
    program = Client(enforce_csrf_checks=True)
    for _ in range(2):
        response = program.post(path, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200, "no redirect: RFC 8058"
        assert not response.cookies
    alert.refresh_from_db()
    assert alert.unsubscribed_at
    assert not alert.is_running
    assert client.get(links.path(links.CONFIRM, alert)).status_code == 404
    # Wanted again, it is another one.
    make_alert(email=alert.email, query=alert.query)


def test_a_mail_asked_for_that_does_not_leave_is_tried_again(settings):
    requests.request_alert("anne@example.org", "", "toutes les offres", "daily", "192.0.2.1")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert "anne" not in str(OrmQ.objects.get().task)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        send_outbox()
        message = OutboxMessage.objects.get()
        assert (message.attempts, message.error) == (attempt, "ConnectionRefusedError")
        if attempt < MAX_ATTEMPTS:
            assert timedelta() < message.due_at - timezone.now() <= retry_delay(attempt)
            due_again()
    assert message.is_given_up
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    OutboxMessage.objects.update(due_at=timezone.now())
    send_outbox()
    assert mail.outbox[0].to == ["anne@example.org"]


# The search that is kept ----------------------------------------------------------------------------------------------


@pytest.fixture
def words():
    make_role(slug="cto", name="CTO")
    make_skill("C++", slug="cpp")
    make_skill("Python", slug="python")
    make_offer(company=make_company(name="Acme", slug="acme"))
    make_place(insee_code="38544", name="Vienne", department="38", population=31_000, postal_codes=["38200"])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("tri=date&depuis=7&exact=1&page=3&utm_source=x&q=", ""),
        ("contrat=cdd&contrat=cdi&contrat=cdd", "contrat=cdd&contrat=cdi"),
        ("q=++chef++de+projet+", "q=chef+de+projet"),
        ("ou=lyon&rayon=20", "ou=Lyon+%2869%29&rayon=20"),
        ("ou=69001", "ou=Lyon+%2869%29"),
        ("ou=isère&region=84", "ou=Is%C3%A8re&region=84"),
        ("ou=auvergne rhone alpes", "ou=Auvergne-Rh%C3%B4ne-Alpes"),
        ("salaire=45+K€&tjm=500+€", "salaire=45000&tjm=500"),
        ("competence=python&competence=cpp", "competence=cpp&competence=python"),
        ("metier=cto&entreprise=acme&employeur=direct", "employeur=direct&entreprise=acme&metier=cto"),
        ("teletravail=100&teletravail=0&experience=junior", "experience=junior&teletravail=0&teletravail=100"),
        ("departement=2A&metier=inconnu&rayon=50", "departement=2A"),
    ],
)
def test_what_is_kept_of_a_search(client, words, typed, kept):
    client.index.follow()
    search = OfferFilter(QueryDict(typed))
    query = saved.canonical(search)
    assert query == kept
    again = saved.replay(query)
    assert not again.errors
    assert saved.canonical(again) == query, "the same for all who mean the same"


@pytest.mark.parametrize("ou", ["Vienne", "Vienne (38)", "38200", "Vienne, département"])
def test_a_name_of_two_areas_stays_the_one_that_was_meant(client, words, ou):
    client.index.follow()
    search = OfferFilter(QueryDict(f"ou={ou}"))
    again = saved.replay(saved.canonical(search))
    assert again.criteria == search.criteria


def test_a_label_is_one_line_whatever_was_typed():
    search = OfferFilter(QueryDict("q=a%0D%0ABcc:+b%E2%80%A8c&ou=Lyon&rayon=20"))
    make_place()
    assert saved.label(search) == "a Bcc: b c, Lyon (69) et 20\u00a0km autour"


def test_corrected_words_are_kept_as_they_were_searched(client):
    make_offer(title="Développeur Python")
    ask(client, "q=pyton")
    alert = Alert.objects.get()
    assert (alert.query, alert.label) == ("q=python", "python")


# Times and rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frequency", "after", "slot"),
    [
        ("daily", "2026-11-24 06:59", "2026-11-24 07:00"),
        ("daily", "2026-11-24 07:00", "2026-11-25 07:00"),
        ("weekly", "2026-11-24 06:00", "2026-11-30 07:00"),
        ("weekly", "2026-11-23 06:00", "2026-11-23 07:00"),
        # The clocks change in between: by the clock it stays seven.
        ("daily", "2026-10-24 08:00", "2026-10-25 07:00"),
        ("daily", "2027-03-27 08:00", "2027-03-28 07:00"),
    ],
)
def test_mails_leave_in_the_morning(frequency, after, slot):
    after, slot = (datetime.fromisoformat(text).replace(tzinfo=PARIS_TIME) for text in (after, slot))
    assert next_slot(frequency, after) == slot
    assert next_slot(frequency, after.astimezone(ZoneInfo("UTC"))) == slot


def test_the_database_refuses_what_makes_no_sense():
    alert = make_alert(email="anne@example.org", query="contrat=cdi")
    now = timezone.now()
    for values in ({"due_at": None}, {"paused_at": now}, {"unsubscribed_at": now}, {"frequency": "hourly"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.filter(pk=alert.pk).update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_alert(email="ANNE@example.org", query="contrat=cdi")
    make_alert(email="anne@example.org", query="q=" + "é" * 700)
    offer = make_offer()
    AlertDelivery.objects.create(alert=alert, offer=offer, mailed_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        AlertDelivery.objects.create(alert=alert, offer=offer, mailed_at=now)


def test_what_may_no_longer_be_kept(settings):
    now = timezone.now()
    week = timedelta(days=7, minutes=1)
    unconfirmed = make_alert(confirmed_at=None, due_at=None, created_at=now - week)
    make_alert(confirmed_at=None, due_at=None)
    running = make_alert(created_at=now - timedelta(days=400))
    ended = make_alert(unsubscribed_at=now - week, due_at=None)
    assert set(Alert.objects.expired()) == {unconfirmed, ended}
    open_, gone, expired = make_offer(), make_offer(), make_offer()
    gone.fill(at=now - timedelta(days=settings.OFFER_GONE_AFTER_DAYS + 1))
    type(expired).objects.filter(pk=expired.pk).update(
        published_at=now - timedelta(days=99), expires_at=now - timedelta(days=32)
    )
    for offer in (open_, gone, expired):
        AlertDelivery.objects.create(alert=running, offer=offer, mailed_at=now)
    assert {row.offer for row in AlertDelivery.objects.expired()} == {gone, expired}
