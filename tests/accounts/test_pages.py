"""Signing in, and everything around it."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django_q.models import OrmQ

from jobboard.accounts.adapter import queue_account_mail
from jobboard.mail.models import OutboxMessage
from jobboard.mail.tasks import send_outbox
from tests.accounts.mails import deliver
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "motdepasse-d-essai"
ANONYMOUS = [
    *("login", "signup", "reset_password", "reset_password_done", "reset_password_from_key_done", "inactive"),
    "email_verification_sent",
]
SIGNED_IN = ["logout", "change_password", "reauthenticate", "email"]


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password, **extra})


def link_in(message) -> str:
    return re.search(r"https?://[^/]+(/compte/password/reset/key/\S+)", message.body)[1]


def check(html):
    """The site’s own page, in French, without anything that the security policy refuses."""
    assert 'class="bar"' in html
    assert 'class="card-form"' in html
    assert 'lang="fr"' in html
    assert "testserver" not in html, "the library’s own idea of the site’s name"
    assert "placeholder" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"\s(style|on[a-z]+)=", html)
    for word in ("Sign In", "Password", "Email", "Forgot", "Courriel"):
        assert word not in html


@pytest.mark.parametrize("name", ANONYMOUS)
def test_pages_for_anyone(client, name):
    response = client.get(reverse(f"account_{name}"))
    assert response.status_code == 200
    check(response.content.decode())


@pytest.mark.parametrize("name", SIGNED_IN)
def test_pages_for_who_is_signed_in(client, name):
    client.force_login(make_user())
    response = client.get(reverse(f"account_{name}"))
    assert response.status_code == 200
    check(response.content.decode())


@pytest.mark.parametrize("name", ["change_password", "reauthenticate"])
def test_a_forgotten_password_has_its_way_out_below_the_form(client, name):
    client.force_login(make_user())
    html = client.get(reverse(f"account_{name}")).content.decode()
    assert "Mot de passe oublié\u00a0?</a>" in html.partition("</form>")[2]
    assert "oublié" not in html.partition("</form>")[0]


def test_what_is_wrong_is_said_in_our_words(client):
    html = sign_in(client, "anne").content.decode()
    assert "Cette adresse n’est pas complète." in html
    html = client.post(reverse("account_reset_password"), {"email": "anne"}).content.decode()
    assert "Cette adresse n’est pas complète." in html
    client.force_login(make_user())
    wrong = {"oldpassword": "autre", "password1": "motdepasse-nouveau", "password2": "motdepasse-nouveau"}
    html = client.post(reverse("account_change_password"), wrong).content.decode()
    assert "Le mot de passe actuel est incorrect." in html


def test_pages_that_make_no_sense_here_do_not_exist(client):
    for path in ("login/code/confirm/", "phone/verify/", "signup/passkey/", "2fa/trust/", "password/reset/code/"):
        assert client.get(f"/compte/{path}").status_code == 404


def test_sign_in_and_out(client):
    make_user(email="anne@example.org")
    response = sign_in(client, "Anne@Example.org")
    assert response.status_code == 302
    assert response.url == reverse("posting:dashboard")
    assert client.get(reverse("posting:dashboard")).status_code == 200
    assert client.get(reverse("account_logout")).status_code == 200, "a visit alone changes nothing"
    response = client.post(reverse("account_logout"), follow=True)
    assert "La session est fermée." in response.content.decode()
    assert client.get(reverse("posting:dashboard")).status_code == 302


def test_sign_in_goes_on_to_the_page_that_asked_and_nowhere_else(client):
    make_user(email="anne@example.org")
    assert sign_in(client, "anne@example.org", next="/admin/").url == "/admin/"
    client.logout()
    assert sign_in(client, "anne@example.org", next="https://evil.example/").url == reverse("posting:dashboard")


def test_a_wrong_password_and_an_unknown_address_look_the_same(client):
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
    check(known)


def test_after_some_wrong_passwords_none_is_tried(client):
    make_user(email="anne@example.org")
    for _ in range(5):
        sign_in(client, "anne@example.org", "faux-mot-de-passe")
    response = sign_in(client, "anne@example.org")
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_too_many_requests(client):
    for _ in range(31):
        response = client.post(reverse("account_login"))
    assert response.status_code == 429
    assert response["Retry-After"] == "60"


def test_the_admin_has_no_sign_in_of_its_own(client):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(reverse("account_login"))
    client.force_login(make_user())
    assert client.get("/admin/", follow=True).status_code == 403


def test_a_forgotten_password(client, settings):
    settings.SITE_URL = "https://emploi.example"
    user = make_user(email="anne@example.org")
    response = client.post(reverse("account_reset_password"), {"email": "Anne@example.org"}, HTTP_HOST="localhost")
    assert response.url == reverse("account_reset_password_done")
    assert mail.outbox == [], "no page waits for a mail server"

    task = OrmQ.objects.get().task
    assert (task["args"], task["kwargs"]) == ((), {})
    row = OutboxMessage.objects.get()
    assert (row.kind, row.context) == ("accounts.password_reset", {"user": user.pk}), "no link lies in the outbox"
    (message,) = deliver()
    assert message.to == ["anne@example.org"]
    assert "https://emploi.example/compte/password/reset/key/" in message.body

    page = client.get(link_in(message), follow=True)
    assert page.status_code == 200
    html = page.content.decode()
    check(html)
    action = page.request["PATH_INFO"]
    wrong = client.post(action, {"password1": "123", "password2": "123"})
    assert 'role="alert"' in wrong.content.decode()
    done = client.post(action, {"password1": "un-autre-long", "password2": "un-autre-long"})
    assert done.url == reverse("account_reset_password_from_key_done")
    assert sign_in(client, "anne@example.org", "un-autre-long").status_code == 302

    # Its owner hears of the change, and the link is used up.
    deliver()
    assert mail.outbox[-1].subject == "Votre mot de passe a changé"
    client.logout()
    again = client.get(link_in(message), follow=True).content.decode()
    assert "Ce lien n’est plus valable" in again
    check(again)


def test_asking_for_an_unknown_address_says_the_same_and_sends_nothing(client):
    make_user(email="anne@example.org")
    known, unknown = (
        client.post(reverse("account_reset_password"), {"email": email})
        for email in ("anne@example.org", "x@example.org")
    )
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert known.headers.keys() == unknown.headers.keys()
    assert known.cookies.keys() == unknown.cookies.keys()
    # The same work: a task in the queue, whose mail goes to nobody.
    assert OrmQ.objects.count() == 2
    deliver()
    assert [message.to for message in mail.outbox] == [["anne@example.org"]]


def test_a_person_without_a_password_chooses_the_first_one_by_mail(client):
    make_user(email="anne@example.org", password=None)
    client.post(reverse("account_reset_password"), {"email": "anne@example.org"})
    deliver()
    assert client.get(link_in(mail.outbox[0]), follow=True).status_code == 200


def test_changing_the_password(client):
    user = make_user()
    sign_in(client, user.email)
    data = {"oldpassword": PASSWORD, "password1": "un-autre-long", "password2": "un-autre-long"}
    response = client.post(reverse("account_change_password"), data, follow=True)
    assert "Le mot de passe est changé." in response.content.decode()
    user.refresh_from_db()
    assert user.check_password("un-autre-long")


def test_the_mail_of_someone_who_has_left(settings):
    user = make_user(is_active=False)
    queue_account_mail("password_reset", user.pk)
    queue_account_mail("password_reset", 0)
    assert deliver() == []
    assert not OutboxMessage.objects.pending().exists()


def test_what_the_outbox_keeps_of_a_failure_names_nobody(settings, caplog):
    from tests.contact.smtp import mail_server

    user = make_user(email="anne@example.org")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with mail_server(refused=["anne@example.org"]) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        queue_account_mail("password_reset", user.pk)
        send_outbox()
    row = OutboxMessage.objects.get()
    assert (row.error, row.attempts) == ("SMTPRecipientsRefused 550", 1)
    assert row.due_at
    assert "anne" not in caplog.text
