"""Signing in and out, and changing or resetting the password."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django_q.models import OrmQ

from jobboard.accounts.adapter import queue_account_mail
from jobboard.mail.models import OutboxMessage
from jobboard.mail.tasks import send_outbox
from tests.accounts.forms import PASSWORD, sign_in
from tests.accounts.mails import deliver, link_path
from tests.accounts.pages import assert_own_page
from tests.contact.smtp import mail_server, use_mail_server
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ANONYMOUS = [
    *("login", "signup", "reset_password", "reset_password_done", "reset_password_from_key_done", "inactive"),
    "email_verification_sent",
]
SIGNED_IN = ["logout", "change_password", "reauthenticate", "email"]


@pytest.mark.parametrize("name", ANONYMOUS)
def test_pages_for_anonymous_users(client, name):
    response = client.get(reverse(f"account_{name}"))
    assert response.status_code == 200
    assert_own_page(response.content.decode())


@pytest.mark.parametrize("name", SIGNED_IN)
def test_pages_for_authenticated_users(client, name):
    client.force_login(make_user())
    response = client.get(reverse(f"account_{name}"))
    assert response.status_code == 200
    assert_own_page(response.content.decode())


@pytest.mark.parametrize("name", ["change_password", "reauthenticate"])
def test_link_to_the_password_reset_is_below_the_form(client, name):
    client.force_login(make_user())
    html = client.get(reverse(f"account_{name}")).content.decode()
    assert "Mot de passe oublié\u00a0?</a>" in html.partition("</form>")[2]
    assert "oublié" not in html.partition("</form>")[0]


def test_form_errors_are_in_french(client):
    html = sign_in(client, "anne").content.decode()
    assert "Cette adresse n’est pas complète" in html
    html = client.post(reverse("account_reset_password"), {"email": "anne"}).content.decode()
    assert "Cette adresse n’est pas complète" in html
    client.force_login(make_user())
    data = {"oldpassword": "autre", "password1": "motdepasse-nouveau", "password2": "motdepasse-nouveau"}
    html = client.post(reverse("account_change_password"), data).content.decode()
    assert "Le mot de passe actuel est incorrect." in html


def test_unused_pages_of_allauth_are_404(client):
    for path in ("login/code/confirm/", "phone/verify/", "signup/passkey/", "2fa/trust/", "password/reset/code/"):
        assert client.get(f"/compte/{path}").status_code == 404


def test_sign_in_and_sign_out(client):
    make_user(email="anne@example.org")
    response = sign_in(client, "Anne@Example.org")
    assert response.status_code == 302
    assert response.url == reverse("posting:dashboard")
    assert client.get(reverse("posting:dashboard")).status_code == 200
    assert client.get(reverse("account_logout")).status_code == 200, "a GET request does not sign out"
    response = client.post(reverse("account_logout"), follow=True)
    assert "La session est fermée." in response.content.decode()
    assert client.get(reverse("posting:dashboard")).status_code == 302


def test_sign_in_redirects_to_local_urls_only(client):
    make_user(email="anne@example.org")
    assert sign_in(client, "anne@example.org", next="/admin/").url == "/admin/"
    client.logout()
    assert sign_in(client, "anne@example.org", next="https://evil.example/").url == reverse("posting:dashboard")


def test_wrong_password_and_unknown_address_give_the_same_page(client):
    make_user(email="anne@example.org")
    pages = [
        sign_in(client, email, "faux-mot-de-passe").content.decode() for email in ("anne@example.org", "x@example.org")
    ]
    known, unknown = (
        re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).replace("anne@example.org", "x@example.org")
        for page in pages
    )
    assert known == unknown
    assert 'role="alert"' in known
    assert_own_page(known)


def test_admin_redirects_to_the_sign_in_page_of_the_site(client):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(reverse("account_login"))
    client.force_login(make_user())
    assert client.get("/admin/", follow=True).status_code == 403


def test_password_is_reset_by_a_link_that_is_valid_once(client, settings):
    settings.SITE_URL = "https://emploi.example"
    user = make_user(email="anne@example.org")
    response = client.post(reverse("account_reset_password"), {"email": "Anne@example.org"}, HTTP_HOST="localhost")
    assert response.url == reverse("account_reset_password_done")
    assert mail.outbox == [], "the response does not wait for the mail server"

    task = OrmQ.objects.get().task
    assert (task["args"], task["kwargs"]) == ((), {})
    row = OutboxMessage.objects.get()
    assert (row.kind, row.context) == ("accounts.password_reset", {"user": user.pk}), "the link is not stored"
    (message,) = deliver()
    assert message.to == ["anne@example.org"]
    assert "https://emploi.example/compte/password/reset/key/" in message.body

    page = client.get(link_path(message), follow=True)
    assert page.status_code == 200
    html = page.content.decode()
    assert_own_page(html)
    action = page.request["PATH_INFO"]
    response = client.post(action, {"password1": "123", "password2": "123"})
    assert 'role="alert"' in response.content.decode()
    response = client.post(action, {"password1": "un-autre-long", "password2": "un-autre-long"})
    assert response.url == reverse("account_reset_password_from_key_done")
    assert sign_in(client, "anne@example.org", "un-autre-long").status_code == 302

    # The user is mailed, and the link is no longer valid.
    deliver()
    assert mail.outbox[-1].subject == "Votre mot de passe a changé"
    client.logout()
    html = client.get(link_path(message), follow=True).content.decode()
    assert "Ce lien n’est plus valable" in html
    assert_own_page(html)


def test_reset_of_an_unknown_address_gives_the_same_response_and_no_mail(client):
    make_user(email="anne@example.org")
    known, unknown = (
        client.post(reverse("account_reset_password"), {"email": email})
        for email in ("anne@example.org", "x@example.org")
    )
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert known.headers.keys() == unknown.headers.keys()
    assert known.cookies.keys() == unknown.cookies.keys()
    # Both requests queue a task; that of the unknown address sends no mail.
    assert OrmQ.objects.count() == 2
    deliver()
    assert [message.to for message in mail.outbox] == [["anne@example.org"]]


def test_user_without_a_password_sets_one_by_the_reset_link(client):
    make_user(email="anne@example.org", password=None)
    client.post(reverse("account_reset_password"), {"email": "anne@example.org"})
    deliver()
    path = link_path(mail.outbox[0])
    assert path.startswith("/compte/password/reset/key/")
    assert client.get(path, follow=True).status_code == 200


def test_password_is_changed(client):
    user = make_user()
    sign_in(client, user.email)
    data = {"oldpassword": PASSWORD, "password1": "un-autre-long", "password2": "un-autre-long"}
    response = client.post(reverse("account_change_password"), data, follow=True)
    assert "Le mot de passe est changé." in response.content.decode()
    user.refresh_from_db()
    assert user.check_password("un-autre-long")


def test_mails_to_inactive_and_deleted_users_are_cancelled(settings):
    user = make_user(is_active=False)
    queue_account_mail("password_reset", user.pk)
    queue_account_mail("password_reset", 0)
    assert deliver() == []
    assert not OutboxMessage.objects.pending().exists()


def test_error_of_a_refused_mail_contains_no_address(settings, caplog):
    user = make_user(email="anne@example.org")
    with mail_server(refused=["anne@example.org"]) as server:
        use_mail_server(settings, server.port)
        queue_account_mail("password_reset", user.pk)
        send_outbox()
    row = OutboxMessage.objects.get()
    assert (row.error, row.attempts) == ("SMTPRecipientsRefused 550", 1)
    assert row.due_at
    assert "anne" not in caplog.text
