"""The list of the alerts of one e-mail address, signed links, and unsubscribing."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from offers.alerts import links
from offers.alerts.models import next_slot
from tests.alerts.mails import link_path
from tests.alerts.requests import form_token, send_queued
from tests.factories import make_alert, make_role

pytestmark = pytest.mark.django_db


def test_link_to_the_list_is_sent_by_mail_only(client):
    make_alert(email="anne@example.org")
    token = form_token(client.get("/alertes/"))
    responses = [
        client.post("/alertes/", {"email": email, "form_token": token})
        for email in ("Anne@Example.org", "bob@example.org")
    ]
    assert [(response.status_code, response.url) for response in responses] == [(302, "/alertes/envoi/")] * 2
    assert responses[0].content == responses[1].content
    send_queued()
    (message,) = mail.outbox
    assert message.to == ["anne@example.org"]
    assert client.get(link_path(message, "gerer")).status_code == 200


def test_list_changes_only_active_alerts_of_its_email_address(client, django_assert_num_queries):
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

    def post_action(action, alert=second):
        response = client.post(path, {"alert": alert.pk, "action": action}, follow=True)
        assert response.status_code == 200
        alert.refresh_from_db()
        return response.content.decode()

    assert "Alerte suspendue\u00a0: Python" in post_action("pause")
    assert second.paused_at
    assert not second.is_running
    second_covered = second.covered_until
    post_action("resume")
    assert second.is_running
    assert second.covered_until > second_covered, "offers published during the pause are not sent"
    post_action("weekly")
    assert second.due_at == next_slot("weekly", timezone.now())
    post_action("pause")
    post_action("daily")
    assert not second.is_running
    post_action("stop")
    assert second.unsubscribed_at
    for alert, action in ((second, "resume"), (other, "stop"), (first, "explode"), (first, "")):
        assert "n’existe plus" in post_action(action, alert)
    for pk in ("", "x", "-1", "9" * 40, "٣"):
        assert client.post(path, {"alert": pk, "action": "stop"}, follow=True).status_code == 200
    assert other.is_running
    assert first.is_running


def test_list_warns_of_a_search_for_a_deleted_role(client):
    role = make_role(slug="cto", name="CTO")
    alert = make_alert(email="anne@example.org", label="CTO", query="metier=cto")
    make_alert(email="anne@example.org", label="CDI", query="contrat=cdi")
    path = links.path(links.MANAGE, alert)
    assert "n’envoie plus rien" not in client.get(path).content.decode()
    role.delete()
    assert client.get(path).content.decode().count("n’envoie plus rien") == 1


def test_link_is_valid_for_one_page_and_expires(client, settings):
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


def test_one_click_unsubscribe_needs_no_csrf_token_and_is_idempotent(client):
    alert = make_alert()
    path = links.path(links.STOP, alert)
    assert "Ne plus recevoir cette alerte" in client.get(path).content.decode()
    alert.refresh_from_db()
    assert alert.is_running, "a GET request changes nothing"
    mail_client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        response = mail_client.post(path, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200, "no redirect: RFC 8058"
        assert not response.cookies
    alert.refresh_from_db()
    assert alert.unsubscribed_at
    assert not alert.is_running
    assert client.get(links.path(links.CONFIRM, alert)).status_code == 404
    # The unsubscribed alert does not prevent a new one for the same search.
    make_alert(email=alert.email, query=alert.query)
