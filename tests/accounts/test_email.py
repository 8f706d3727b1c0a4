"""Changing the e-mail address of an account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from jobboard.accounts.models import User
from tests.accounts.forms import reauthenticate, sign_in, sign_up
from tests.accounts.mails import deliver, link_path
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def anne(client):
    user = make_user(email="anne@example.org")
    sign_in(client)
    return user


def request_email_change(client, email):
    return client.post(reverse("account_email"), {"email": email, "action_add": ""})


def test_new_address_replaces_the_old_one_after_its_confirmation(client, anne):
    assert request_email_change(client, "anne@ailleurs.example").url.startswith(reverse("account_reauthenticate"))
    reauthenticate(client)
    request_email_change(client, "Anne@ailleurs.example")
    assert "Un e-mail est parti à" in client.get(reverse("account_email")).content.decode()
    mails = {message.to[0]: message for message in deliver()}
    assert mails["anne@example.org"].subject == "Un changement d’adresse est demandé"
    anne.refresh_from_db()
    assert anne.email == "anne@example.org"

    client.post(link_path(mails["anne@ailleurs.example"]))
    anne.refresh_from_db()
    assert anne.email == "anne@ailleurs.example"
    assert EmailAddress.objects.get(user=anne).verified
    (message,) = deliver()
    assert (message.to, message.subject) == (["anne@example.org"], "L’adresse de votre compte a changé")
    client.logout()
    sign_in(client)
    assert "_auth_user_id" not in client.session
    assert sign_in(client, "anne@ailleurs.example").url == reverse("posting:dashboard")


def test_change_of_address_can_be_cancelled(client, anne):
    reauthenticate(client)
    request_email_change(client, "anne@ailleurs.example")
    client.post(reverse("account_email"), {"email": "anne@ailleurs.example", "action_remove": ""})
    assert deliver()[-1].to == ["anne@example.org"], "no mail is sent to the cancelled address"
    assert EmailAddress.objects.get().email == "anne@example.org"


def test_address_of_another_account_gives_the_same_response_and_no_change(client, anne):
    make_user(email="bea@example.org")
    reauthenticate(client)
    pages = []
    for email in ("bea@example.org", "x@example.org"):
        response = request_email_change(client, email)
        page = client.get(reverse("account_email")).content.decode()
        page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
        pages.append((response.status_code, response.url, page.replace(email, "…")))
        if email == "bea@example.org":
            message = next(message for message in deliver() if message.to == [email])
    assert pages[0] == pages[1]
    # Even the click of its owner changes neither account.
    request_email_change(client, "bea@example.org")
    client.post(link_path(message))
    anne.refresh_from_db()
    assert anne.email == "anne@example.org"


def test_unconfirmed_sign_up_with_the_new_address_is_deleted(client, anne):
    unconfirmed = User.objects.create_user("anne@ailleurs.example", "x", signed_up=True)
    EmailAddress.objects.create(user=unconfirmed, email=unconfirmed.email, primary=True)
    reauthenticate(client)
    request_email_change(client, "anne@ailleurs.example")
    client.post(link_path(deliver()[0]))
    anne.refresh_from_db()
    assert anne.email == "anne@ailleurs.example"
    assert not User.objects.filter(pk=unconfirmed.pk).exists()


def test_unconfirmed_account_created_by_staff_keeps_its_address(client, anne):
    make_user(email="anne@ailleurs.example", confirmed=False)
    reauthenticate(client)
    request_email_change(client, "anne@ailleurs.example")
    response = client.post(link_path(deliver()[0]), follow=True)
    assert response.status_code == 200
    anne.refresh_from_db()
    assert anne.email == "anne@example.org"


def test_requested_address_does_not_prevent_a_sign_up(client, anne):
    reauthenticate(client)
    request_email_change(client, "bea@example.org")
    deliver()
    client.logout()
    sign_up(client, "bea@example.org")
    assert User.objects.filter(email="bea@example.org").exists()
