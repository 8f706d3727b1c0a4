"""The form that requests an alert, its confirmation, and the rate limits."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from jobboard.contact.models import Sender
from jobboard.mail.models import OutboxMessage
from jobboard.mail.retry import MAX_ATTEMPTS, retry_delay
from jobboard.mail.tasks import send_outbox
from offers.alerts import requests
from offers.alerts.models import Alert
from tests.alerts.mails import link_path
from tests.alerts.requests import post_alert_form, send_queued
from tests.contact.smtp import use_mail_server
from tests.factories import GRENOBLE, make_alert, make_offer, make_place
from tests.mail.outbox import due_again

pytestmark = pytest.mark.django_db


def test_alert_of_a_search_is_requested_and_confirmed(client):
    make_offer()
    page = client.get("/offres/?ou=Lyon&contrat=cdi").content.decode()
    assert 'href="/alertes/nouvelle/?ou=Lyon&amp;contrat=cdi"' in page
    page = client.get("/alertes/nouvelle/?ou=Lyon&contrat=cdi")
    assert "Lyon (69), CDI" in page.content.decode()
    assert "no-cache" in page["Cache-Control"]

    response = post_alert_form(client, "ou=Lyon&contrat=cdi", frequency="weekly")
    assert (response.status_code, response.url) == (302, "/alertes/envoi/")
    alert = Alert.objects.get()
    assert (alert.email, alert.query, alert.frequency) == ("anne@example.org", "contrat=cdi&ou=Lyon+%2869%29", "weekly")
    assert (alert.confirmed_at, alert.due_at) == (None, None)

    send_queued()
    (message,) = mail.outbox
    assert message.to == ["anne@example.org"]
    assert "Lyon (69), CDI" in message.body
    link = link_path(message, "confirmer")
    assert "anne" not in link

    page = client.get(link)
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies
    alert.refresh_from_db()
    assert alert.confirmed_at is None, "mail scanners open links: a GET request confirms nothing"
    # With `Referrer-Policy: no-referrer`, browsers send `Origin: null` with the form.
    page = Client(enforce_csrf_checks=True).post(link, headers={"Origin": "null"})
    assert "C’est confirmé" in page.content.decode()
    alert.refresh_from_db()
    assert alert.is_running
    assert client.get(link).status_code == 200
    client.post(link)
    unchanged = Alert.objects.get()
    assert (unchanged.confirmed_at, unchanged.due_at) == (alert.confirmed_at, alert.due_at)


def test_confirmation_mail_does_not_contain_the_keywords_of_the_search(client):
    """Else the form could send advertising to any e-mail address."""
    post_alert_form(client, "q=achetez+https://mauvais.example&contrat=cdi")
    send_queued()
    assert "achetez" not in mail.outbox[0].body + mail.outbox[0].subject
    assert "«\u00a0vos mots-clés, CDI\u00a0»" in mail.outbox[0].body


@pytest.mark.parametrize("email", ["", "anne", "anne@", "a" * 250 + "@example.org", "anne@example.org\nBcc: b@x.fr"])
def test_invalid_email_shows_a_field_error_and_keeps_the_input(client, email):
    response = post_alert_form(client, "contrat=cdi", email=email, frequency="weekly")
    html = response.content.decode()
    assert response.status_code == 200
    assert 'class="error" id="id_email_error"' in html
    assert re.search(r'value="weekly"[^>]*checked', html)
    assert not Alert.objects.exists()


def test_honeypot_forged_token_and_unknown_frequency_create_no_alert(client):
    assert post_alert_form(client, detail="x").url == "/alertes/envoi/"
    assert post_alert_form(client, form_token="forged").status_code == 200
    assert post_alert_form(client, frequency="hourly").status_code == 200
    assert not Alert.objects.exists()


def test_invalid_criteria_are_reported_and_not_saved(client):
    page = client.get("/alertes/nouvelle/?contrat=cdi&departement=200&salaire=beaucoup").content.decode()
    assert "Ces critères ne sont pas valables" in page
    assert "beaucoup" in page
    post_alert_form(client, "contrat=cdi&departement=200&salaire=beaucoup")
    assert Alert.objects.get().query == "contrat=cdi"


def test_alert_for_an_unknown_place_asks_which_place_is_meant(client):
    make_place(insee_code="76540", name="Rouen", department="76", region="28", postal_codes=[])
    page = client.get("/alertes/nouvelle/?ou=Rouenn&rayon=20&contrat=cdi").content.decode()
    assert "Quelle ville" in page
    assert 'href="/alertes/nouvelle/?rayon=20&amp;contrat=cdi&amp;ou=Rouen+%2876%29"' in page
    assert 'href="/alertes/nouvelle/?contrat=cdi"' in page
    assert "toutes les offres" not in page
    assert 'name="email"' not in page


@pytest.mark.parametrize("text", ["Lyon, Grenoble", "Lyon ou Grenoble"])
def test_alert_for_several_places_asks_which_one(client, text):
    make_place()
    make_place(**GRENOBLE)
    page = client.get("/alertes/nouvelle/", {"ou": text}).content.decode()
    assert "nomme plusieurs lieux\u00a0: un seul à la fois est possible." in page
    assert 'href="/alertes/nouvelle/?ou=Grenoble+%2838%29"' in page
    client.post(f"/alertes/nouvelle/?ou={quote(text)}", {"email": "anne@example.org", "frequency": "daily"})
    assert not Alert.objects.exists()


def test_alert_says_how_a_place_was_read_and_offers_the_other_meanings(client):
    make_place(insee_code="97411", name="Saint-Denis", department="974", region="04", population=155_000)
    make_place(insee_code="93066", name="Saint-Denis", department="93", region="11", population=149_000)
    page = client.get("/alertes/nouvelle/?ou=Saint-Denis&contrat=cdi").content.decode()
    assert "Lieu compris\u00a0: Saint-Denis (974)." in page
    assert 'href="/alertes/nouvelle/?contrat=cdi&amp;ou=Saint-Denis+%2893%29">Saint-Denis (93)' in page
    page = client.get("/alertes/nouvelle/?ou=Saint-Denis+(93)").content.decode()
    assert "Ou bien" not in page
    assert "Lieu compris" not in page


def test_alert_for_an_unknown_place_is_not_created(client):
    path = "/alertes/nouvelle/?ou=Nulleparville"
    response = client.post(path, {"email": "anne@example.org", "frequency": "daily"})
    assert "Nulleparville" in response.content.decode()
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("ou", "saved", "label"),
    [
        ("France", "ou=Toute+la+France", "Toute la France"),
        ("alsace", "ou=Alsace", "Alsace"),
        ("télétravail", "ou=100%C2%A0%25+t%C3%A9l%C3%A9travail", "100\u00a0% télétravail"),
        ("Lyon, France", "ou=Lyon+%2869%29", "Lyon (69)"),
    ],
)
def test_place_of_an_alert_is_saved_as_it_was_read(client, ou, saved, label):
    make_place()
    post_alert_form(client, f"ou={quote(ou)}")
    alert = Alert.objects.get()
    assert (alert.query, alert.label) == (saved, label)


def test_search_that_is_too_long_is_refused(client, monkeypatch):
    monkeypatch.setattr(Alert, "QUERY_LENGTH", 10)
    response = client.get("/alertes/nouvelle/?contrat=cdi&contrat=cdd")
    assert response.status_code == 400
    assert "trop longue" in response.content.decode()


def test_rate_limit_of_a_network_returns_429_with_retry_after(client, settings):
    settings.ALERT_LIMIT_PER_HOUR = 2
    for i in range(2):
        assert post_alert_form(client, email=f"a{i}@example.org").status_code == 302
    response = post_alert_form(client, email="a3@example.org")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 3000
    assert "a3@example.org" in response.content.decode()
    assert Alert.objects.count() == 2
    # The contact form has a limit of its own: requests for alerts do not use it up.
    Sender.objects.count_message("127.0.0.1")


def test_rate_limit_of_a_mailbox_counts_requests_of_all_networks(settings):
    settings.ALERT_LIMIT_PER_HOUR = 3
    for i in range(6):
        requests.request_alert("Anne@example.org", "", "toutes", "daily", f"192.0.2.{i}")
    assert OrmQ.objects.count() == 3


def test_repeated_request_changes_an_unconfirmed_alert_only(client):
    post_alert_form(client, "contrat=cdi")
    post_alert_form(client, "contrat=cdi&tri=salaire&depuis=7", email="ANNE@example.org", frequency="weekly")
    alert = Alert.objects.get()
    assert alert.frequency == "weekly"
    send_queued()
    assert len(mail.outbox) == 2
    alert.confirm()
    post_alert_form(client, "contrat=cdi", frequency="daily")
    alert.refresh_from_db()
    assert alert.frequency == "weekly", "a confirmed alert is changed only by the links in its mails"
    send_queued()
    assert "/alertes/gerer/" in mail.outbox[-1].body


def test_email_address_has_at_most_twenty_alerts():
    for i in range(requests.MAX_ALERTS):
        make_alert(email="anne@example.org", query=f"q={i}")
    requests.request_alert("anne@example.org", "q=encore", "encore", "daily", "192.0.2.1")
    assert Alert.objects.count() == requests.MAX_ALERTS
    assert OrmQ.objects.count() == 1


def test_unsent_confirmation_mail_is_retried_given_up_and_sent_when_due_again(settings):
    requests.request_alert("anne@example.org", "", "toutes les offres", "daily", "192.0.2.1")
    use_mail_server(settings, port=9)
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
