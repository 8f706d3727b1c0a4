"""The page “Retrouver mes candidatures”, and its mail with the links to the status pages."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django_q.models import OrmQ

from jobboard.contact.models import Sender
from jobboard.mail.models import OutboxMessage
from jobboard.mail.outbox import queue_mail
from jobboard.mail.tasks import send_outbox
from offers.applications import requests
from tests.factories import make_application, make_company, make_offer

pytestmark = pytest.mark.django_db
URL = "/candidatures/"


def post_form(client, **values):
    """Open the form, submit it, and return the response."""
    token = re.search(r'name="form_token" value="([^"]*)"', client.get(URL).content.decode())[1]
    return client.post(URL, {"email": "anne@example.org", "form_token": token, **values})


def send_queued() -> list:
    mail.outbox.clear()
    send_outbox()
    OrmQ.objects.all().delete()
    return mail.outbox


def test_links_are_sent_by_mail_only_and_the_answer_is_always_the_same(client):
    make_application(email="anne@example.org")
    responses = [post_form(client, email=email) for email in ("Anne@Example.org", "bob@example.org")]
    assert [(response.status_code, response.url) for response in responses] == [(302, "/candidatures/envoi/")] * 2
    assert responses[0].content == responses[1].content
    assert client.get("/candidatures/envoi/").status_code == 200
    (message,) = send_queued()
    assert message.to == ["anne@example.org"]


def test_mail_lists_every_application_of_the_address_with_its_link(client):
    named = make_offer(title="Développeuse Python", company=make_company(name="Ateliers"))
    hidden = make_offer(
        title="Développeuse Rust",
        company=make_company(name="Zorglub"),
        confidential=True,
        employer_descriptor="Éditeur",
    )
    first = make_application(offer=named, email="anne@example.org", status="discussion", name="Anne Lefèvre")
    second = make_application(offer=hidden, email="Anne@example.org", status="withdrawn")
    other = make_application(email="joanne@example.org")
    post_form(client)
    (message,) = send_queued()
    assert "Développeuse Python (H/F), Ateliers" in message.body
    assert "Développeuse Rust (H/F), Éditeur" in message.body
    assert "Zorglub" not in message.body
    assert message.body.count("Reçue le ") == 2
    assert "état\u00a0: en discussion" in message.body
    assert "état\u00a0: retirée" in message.body
    for application in (first, second):
        assert client.get(application.get_absolute_url()).status_code == 200
        assert application.get_absolute_url() in message.body
    assert other.get_absolute_url() not in message.body
    # Anyone can request the mail for any address: it has no text that an applicant typed.
    assert "Lefèvre" not in message.body
    assert "anne" not in message.body.lower()


def test_mail_names_one_application_in_the_singular(client):
    make_application(email="anne@example.org")
    post_form(client)
    (message,) = send_queued()
    assert "Voici le lien de suivi de la candidature" in message.body


def test_no_personal_data_in_the_outbox_and_the_task_queue(client):
    make_application(email="anne@example.org")
    post_form(client)
    assert "anne" not in str(OutboxMessage.objects.values().get()).lower()
    assert "anne" not in "".join(str(task.task) for task in OrmQ.objects.all()).lower()


def test_mail_is_cancelled_if_the_application_is_erased_before_it_is_sent():
    application = make_application()
    queue_mail("applications.links", application=application.pk)
    application.delete()
    assert send_queued() == []


def test_invalid_address_is_reported_and_kept(client):
    response = post_form(client, email="anne@")
    html = response.content.decode()
    assert response.status_code == 200
    assert 'value="anne@"' in html
    assert "Erreur – " in html
    assert not Sender.objects.exists()


def test_honeypot_field_sends_nothing(client):
    make_application(email="anne@example.org")
    assert post_form(client, detail="x").url == "/candidatures/envoi/"
    assert not OutboxMessage.objects.exists()


def test_rate_limit_of_a_network_returns_429_with_retry_after(client, settings):
    settings.APPLICATION_LINKS_LIMIT_PER_HOUR = 2
    for _ in range(2):
        assert post_form(client).status_code == 302
    response = post_form(client)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 3000
    assert "anne@example.org" in response.content.decode()


def test_rate_limit_of_a_mailbox_counts_requests_of_all_networks(settings):
    settings.APPLICATION_LINKS_LIMIT_PER_HOUR = 3
    make_application(email="anne@example.org")
    for n in range(6):
        requests.request_links("Anne@example.org", f"192.0.2.{n}")
    assert OutboxMessage.objects.count() == 3


def test_page_is_linked_where_candidates_look_for_it(client):
    application = make_application()
    offer = application.offer
    pages = [
        reverse("home"),
        reverse("applications:apply", args=[offer.pk, offer.slug]),
        reverse("applications:applied", args=[offer.pk, offer.slug]),
        application.get_absolute_url(),
    ]
    for page in pages:
        assert 'href="/candidatures/"' in client.get(page).content.decode(), page
    unknown = client.get("/candidatures/x.y/")
    assert unknown.status_code == 404
    assert unknown.content.decode().count('href="/candidatures/"') == 2
