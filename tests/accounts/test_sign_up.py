"""Sign-up and confirmation: the same responses for an address with an account and for one without."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.core import context
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from jobboard.accounts.forms import SignupForm
from jobboard.accounts.models import User
from jobboard.form_token import make_form_token
from tests.accounts.forms import PASSWORD, sign_in, sign_up
from tests.accounts.mails import deliver, link_path
from tests.factories import make_user

pytestmark = pytest.mark.django_db
URL = reverse("account_signup")
SENT = reverse("account_email_verification_sent")


def test_sign_up_is_confirmed_by_mail_and_opens_the_dashboard(client, settings):
    settings.SITE_URL = "https://emploi.example"
    response = sign_up(client, "Anne@Example.org")
    assert response.url == SENT
    user = User.objects.get(email="anne@example.org")
    assert mail.outbox == [], "the response does not wait for the mail server"
    task = OrmQ.objects.get().task
    assert "anne" not in str(dict(task)), "the task contains neither the address nor the link"
    assert client.get(reverse("posting:dashboard")).status_code == 302, "not signed in before the address is confirmed"

    (message,) = deliver()
    assert message.to == ["anne@example.org"]
    assert "https://emploi.example/compte/confirm-email/" in message.body
    page = client.get(link_path(message))
    assert "Oui, confirmer" in page.content.decode()
    assert not EmailAddress.objects.get(user=user).verified, "mail scanners open links: a GET request confirms nothing"

    # In the session of the sign-up, the confirmation also signs in.
    assert client.post(link_path(message)).url == reverse("posting:dashboard")
    assert client.get(reverse("posting:dashboard")).status_code == 200
    assert EmailAddress.objects.get(user=user).verified
    assert "Ce lien n’est plus valable" in client.get(link_path(message)).content.decode()
    assert client.post(link_path(message)).status_code == 404


def test_confirmation_in_another_session_does_not_sign_in(client, search_index):
    sign_up(client)
    (message,) = deliver()
    other = type(client)(search_index)
    assert other.post(link_path(message)).url == reverse("account_login")
    assert "_auth_user_id" not in other.session
    assert sign_in(other).url == reverse("posting:dashboard")


def test_confirmation_redirects_to_the_next_page(client):
    sign_up(client, next="/metiers/")
    (message,) = deliver()
    assert client.post(link_path(message)).url == "/metiers/"


def comparable_headers(response) -> list:
    """Return the headers except `Expires`, which depends on the time."""
    return sorted((name, value) for name, value in response.items() if name != "Expires")


def comparable_text(response) -> str:
    """Return the text without tokens, and with the same e-mail address in all responses."""
    text = response.content.decode() if response.content else ""
    text = re.sub(r'name="(csrfmiddlewaretoken|form_token)" value="[^"]*"', "", text)
    return text.replace("anne@example.org", "x@example.org")


@pytest.mark.parametrize("state", ["confirmed", "unconfirmed", "closed"])
def test_known_address_gives_the_same_responses_as_an_unknown_one(search_index, client, state):
    make_user(email="anne@example.org", confirmed=state != "unconfirmed", is_active=state != "closed")
    results = []
    for email in ("anne@example.org", "x@example.org"):
        visitor = type(client)(search_index)
        responses = [
            sign_up(visitor, email),
            visitor.get(SENT),
            visitor.get(URL),
            visitor.get(reverse("account_login")),
        ]
        responses += [visitor.get(reverse("posting:dashboard")), sign_up(visitor, email)]
        results.append(
            [
                (
                    response.status_code,
                    comparable_headers(response),
                    sorted(response.cookies),
                    comparable_text(response),
                )
                for response in responses
            ]
        )
    assert results[0] == results[1]
    assert User.objects.filter(email="anne@example.org").count() == 1
    mails = {message.to[0]: message.subject for message in deliver()}
    expected = {"anne@example.org": "Vous avez déjà un compte", "x@example.org": "Confirmer votre adresse"}
    if state == "closed":
        del expected["anne@example.org"]
    assert mails == expected


def test_known_address_takes_as_long_as_an_unknown_one(client, monkeypatch):
    """Most of the time is spent on hashing the password: it must happen once in both cases."""
    hash_calls = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hash_calls.append(1) or encode(*args))
    make_user(email="anne@example.org")
    counts = []
    for email in ("anne@example.org", "x@example.org"):
        hash_calls.clear()
        client.cookies.clear()
        sign_up(client, email)
        counts.append(len(hash_calls))
    assert counts == [1, 1]


def test_concurrent_sign_up_with_the_same_address_is_handled_like_a_known_one(rf, client):
    """Both forms are validated before either is saved."""
    forms = []
    for _ in range(2):
        form = SignupForm({"email": "anne@example.org", "password1": PASSWORD, "form_token": make_form_token()})
        assert form.is_valid()
        forms.append(form)
    request = rf.post(URL)
    request.session, request.user = client.session, AnonymousUser()
    request._messages = []
    with context.request_context(request):
        first, second = (form.try_save(request) for form in forms)
    assert first[0].email == "anne@example.org"
    assert second[0] is None
    assert second[1].url == SENT


def test_invalid_form_shows_errors_and_keeps_the_address(client):
    for data, error in (
        ({"email": "anne"}, "Cette adresse n’est pas complète"),
        ({"password1": "court"}, "trop court"),
        ({"password1": "anne@example.org"}, "semblable"),
        ({"form_token": "faux"}, "resté ouvert trop longtemps"),
    ):
        html = sign_up(client, **{"email": "anne@example.org", **data}).content.decode()
        assert error in html
        assert 'role="alert"' in html
        assert 'value="anne' in html
    assert not User.objects.exists()


def test_honeypot_and_minimum_delay_create_no_account(client, settings):
    assert sign_up(client, detail="https://spam.example").url == SENT
    settings.CONTACT_MINIMUM_DELAY = 3
    assert "celui d’un robot" in sign_up(client).content.decode()
    assert not User.objects.exists()
    assert not OrmQ.objects.exists()


def test_form_informs_about_personal_data(client):
    html = client.get(URL).content.decode()
    assert reverse("privacy") in html
    assert "transmises à personne d’autre" in html


def test_closed_sign_up_refers_to_the_contact_form(client, settings):
    settings.SIGNUP_OPEN = False
    assert reverse("contact:form") in sign_up(client).content.decode()
    assert not User.objects.exists()


def test_rate_limit_of_sign_ups_from_one_network_returns_429(client):
    for i in range(20):
        client.cookies.clear()
        assert sign_up(client, f"anne{i}@example.org").status_code == 302
    client.cookies.clear()
    assert sign_up(client).status_code == 429


def test_sign_in_without_confirmation_sends_no_second_mail_at_once(client):
    sign_up(client)
    deliver()
    assert sign_in(client).url == SENT
    assert deliver() == []
    assert "_auth_user_id" not in client.session


def test_password_reset_recovers_an_account_that_another_person_opened(client):
    """An attacker signs up with the address of another person, and waits for her to confirm it."""
    sign_up(client)
    deliver()
    client.post(reverse("account_reset_password"), {"email": "anne@example.org"})
    (message,) = deliver()
    form = client.get(link_path(message), follow=True).request["PATH_INFO"]
    client.post(form, {"password1": "un-autre-bien-long", "password2": "un-autre-bien-long"})
    client.cookies.clear()
    assert "_auth_user_id" not in client.session
    sign_in(client)
    assert "_auth_user_id" not in client.session
    # The reset link has also confirmed the address.
    assert sign_in(client, password="un-autre-bien-long").url == reverse("posting:dashboard")


def test_purge_deletes_unconfirmed_accounts_of_the_sign_up_form_only(client):
    sign_up(client, "vieux@example.org")
    User.objects.update(date_joined=timezone.now() - timedelta(days=8))
    sign_up(client, "neuf@example.org")
    created_by_staff = make_user(confirmed=False, date_joined=timezone.now() - timedelta(days=80))
    call_command("purge")
    assert set(User.objects.values_list("email", flat=True)) == {"neuf@example.org", created_by_staff.email}
