"""Opening an account, confirming and changing its address: the same for an address with an account and one without."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from jobboard.accounts.forms import SignupForm
from jobboard.accounts.models import User
from jobboard.form_token import make_form_token
from tests.accounts.mails import deliver, link_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "motdepasse-d-essai"
URL = reverse("account_signup")
SENT = reverse("account_email_verification_sent")


def sign_up(client, email="anne@example.org", **extra):
    return client.post(URL, {"email": email, "password1": PASSWORD, "form_token": make_form_token(), **extra})


def sign_in(client, email="anne@example.org", password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password, **extra})


def test_from_the_form_to_the_room_by_way_of_a_mail(client, settings):
    settings.SITE_URL = "https://emploi.example"
    response = sign_up(client, "Anne@Example.org")
    assert response.url == SENT
    user = User.objects.get(email="anne@example.org")
    assert mail.outbox == [], "no page waits for a mail server"
    task = OrmQ.objects.get().task
    assert "anne" not in str(dict(task)), "neither an address nor a link lies in the queue"
    assert client.get(reverse("posting:dashboard")).status_code == 302, "not signed in before the address is confirmed"

    (message,) = deliver()
    assert message.to == ["anne@example.org"]
    assert "https://emploi.example/compte/confirm-email/" in message.body
    page = client.get(link_in(message))
    assert "Oui, confirmer" in page.content.decode()
    assert not EmailAddress.objects.get(user=user).verified, "programs that guard mailboxes open links too"

    # In the browser that signed up, the click also signs in.
    assert client.post(link_in(message)).url == reverse("posting:dashboard")
    assert client.get(reverse("posting:dashboard")).status_code == 200
    assert EmailAddress.objects.get(user=user).verified
    assert "Ce lien n’est plus valable" in client.get(link_in(message)).content.decode()
    assert client.post(link_in(message)).status_code == 404


def test_in_another_browser_the_click_confirms_and_signs_nobody_in(client, search_index):
    sign_up(client)
    (message,) = deliver()
    other = type(client)(search_index)
    assert other.post(link_in(message)).url == reverse("account_login")
    assert "_auth_user_id" not in other.session
    assert sign_in(other).url == reverse("posting:dashboard")


def test_who_asked_for_a_page_comes_to_it(client):
    sign_up(client, next="/metiers/")
    (message,) = deliver()
    assert client.post(link_in(message)).url == "/metiers/"


def without_the_hour(response) -> list:
    return sorted((name, value) for name, value in response.items() if name != "Expires")


def without_what_differs(response) -> str:
    text = response.content.decode() if response.content else ""
    text = re.sub(r'name="(csrfmiddlewaretoken|form_token)" value="[^"]*"', "", text)
    return text.replace("anne@example.org", "x@example.org")


@pytest.mark.parametrize("state", ["confirmed", "unconfirmed", "closed"])
def test_a_known_address_looks_like_an_unknown_one(search_index, client, state):
    make_user(email="anne@example.org", confirmed=state != "unconfirmed", is_active=state != "closed")
    answers = []
    for email in ("anne@example.org", "x@example.org"):
        browser = type(client)(search_index)
        seen = [sign_up(browser, email), browser.get(SENT), browser.get(URL), browser.get(reverse("account_login"))]
        seen += [browser.get(reverse("posting:dashboard")), sign_up(browser, email)]
        answers.append(
            [
                (answer.status_code, without_the_hour(answer), sorted(answer.cookies), without_what_differs(answer))
                for answer in seen
            ]
        )
    assert answers[0] == answers[1]
    assert User.objects.filter(email="anne@example.org").count() == 1
    mails = {message.to[0]: message.subject for message in deliver()}
    expected = {"anne@example.org": "Vous avez déjà un compte", "x@example.org": "Confirmer votre adresse"}
    if state == "closed":
        del expected["anne@example.org"]
    assert mails == expected


def test_a_known_address_takes_as_long(client, monkeypatch):
    """Hashing a password is what takes time: it is done once for either."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(1) or encode(*args))
    make_user(email="anne@example.org")
    counts = []
    for email in ("anne@example.org", "x@example.org"):
        hashed.clear()
        client.cookies.clear()
        sign_up(client, email)
        counts.append(len(hashed))
    assert counts == [1, 1]


def test_of_two_at_once_with_one_address_the_second_is_told_by_mail(rf, client):
    """Both forms found the address free before either was saved."""
    from allauth.core import context
    from django.contrib.auth.models import AnonymousUser

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


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(client):
    for data, words in (
        ({"email": "anne"}, "Cette adresse n’est pas complète."),
        ({"password1": "court"}, "trop court"),
        ({"password1": "anne@example.org"}, "semblable"),
        ({"form_token": "faux"}, "resté ouvert trop longtemps"),
    ):
        html = sign_up(client, **{"email": "anne@example.org", **data}).content.decode()
        assert words in html
        assert 'role="alert"' in html
        assert 'value="anne' in html
    assert not User.objects.exists()


def test_programs_are_answered_as_people_and_get_nothing(client, settings):
    assert sign_up(client, detail="https://spam.example").url == SENT
    settings.CONTACT_MINIMUM_DELAY = 3
    assert "celui d’un robot" in sign_up(client).content.decode()
    assert not User.objects.exists()
    assert not OrmQ.objects.exists()


def test_the_form_says_what_becomes_of_the_data(client):
    html = client.get(URL).content.decode()
    assert reverse("privacy") in html
    assert "transmises à personne d’autre" in html


def test_where_accounts_are_made_by_curators(client, settings):
    settings.SIGNUP_OPEN = False
    assert reverse("contact:form") in sign_up(client).content.decode()
    assert not User.objects.exists()


def test_so_many_sign_ups_from_one_network_and_no_more(client):
    for number in range(20):
        client.cookies.clear()
        assert sign_up(client, f"anne{number}@example.org").status_code == 302
    client.cookies.clear()
    assert sign_up(client).status_code == 429


def test_signing_in_unconfirmed_sends_the_mail_again_but_not_at_once(client):
    sign_up(client)
    deliver()
    assert sign_in(client).url == SENT
    assert deliver() == []
    assert "_auth_user_id" not in client.session


def test_who_was_forestalled_gets_the_account_by_a_new_password(client):
    """Somebody else opened an account with an address of hers and waits for her to confirm it."""
    sign_up(client)
    deliver()
    client.post(reverse("account_reset_password"), {"email": "anne@example.org"})
    (message,) = deliver()
    form = client.get(link_in(message), follow=True).request["PATH_INFO"]
    client.post(form, {"password1": "un-autre-bien-long", "password2": "un-autre-bien-long"})
    client.cookies.clear()
    assert "_auth_user_id" not in client.session
    sign_in(client)
    assert "_auth_user_id" not in client.session
    # The link has proven the address: nothing is left to confirm.
    assert sign_in(client, password="un-autre-bien-long").url == reverse("posting:dashboard")


def test_accounts_that_nobody_confirms_are_forgotten(client):
    sign_up(client, "vieux@example.org")
    User.objects.update(date_joined=timezone.now() - timedelta(days=8))
    sign_up(client, "neuf@example.org")
    made = make_user(confirmed=False, date_joined=timezone.now() - timedelta(days=80))
    call_command("purge")
    assert set(User.objects.values_list("email", flat=True)) == {"neuf@example.org", made.email}


# Another address


@pytest.fixture
def anne(client):
    user = make_user(email="anne@example.org")
    sign_in(client)
    return user


def again(client):
    """Say who one is again, as the pages of security ask."""
    return client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def ask_for(client, email):
    return client.post(reverse("account_email"), {"email": email, "action_add": ""})


def test_another_address_takes_the_place_once_it_is_confirmed(client, anne):
    assert ask_for(client, "anne@ailleurs.example").url.startswith(reverse("account_reauthenticate"))
    again(client)
    ask_for(client, "Anne@ailleurs.example")
    assert "Un e-mail est parti à" in client.get(reverse("account_email")).content.decode()
    mails = {message.to[0]: message for message in deliver()}
    assert mails["anne@example.org"].subject == "Un changement d’adresse est demandé"
    anne.refresh_from_db()
    assert anne.email == "anne@example.org"

    client.post(link_in(mails["anne@ailleurs.example"]))
    anne.refresh_from_db()
    assert anne.email == "anne@ailleurs.example"
    assert EmailAddress.objects.get(user=anne).verified
    (message,) = deliver()
    assert (message.to, message.subject) == (["anne@example.org"], "L’adresse de votre compte a changé")
    client.logout()
    sign_in(client)
    assert "_auth_user_id" not in client.session
    assert sign_in(client, "anne@ailleurs.example").url == reverse("posting:dashboard")


def test_a_change_of_address_can_be_called_off(client, anne):
    again(client)
    ask_for(client, "anne@ailleurs.example")
    client.post(reverse("account_email"), {"email": "anne@ailleurs.example", "action_remove": ""})
    assert deliver()[-1].to == ["anne@example.org"], "nothing goes to the address any more"
    assert EmailAddress.objects.get().email == "anne@example.org"


def test_asking_for_an_address_that_has_an_account_looks_the_same_and_changes_nothing(client, anne):
    make_user(email="bea@example.org")
    again(client)
    pages = []
    for email in ("bea@example.org", "x@example.org"):
        response = ask_for(client, email)
        page = client.get(reverse("account_email")).content.decode()
        page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
        pages.append((response.status_code, response.url, page.replace(email, "…")))
        if email == "bea@example.org":
            message = next(message for message in deliver() if message.to == [email])
    assert pages[0] == pages[1]
    # Even a click of hers takes nothing from the account that she has.
    ask_for(client, "bea@example.org")
    client.post(link_in(message))
    anne.refresh_from_db()
    assert anne.email == "anne@example.org"


def test_an_account_that_a_stranger_opened_with_the_address_gives_way(client, anne):
    stranger = User.objects.create_user("anne@ailleurs.example", "x", signed_up=True)
    EmailAddress.objects.create(user=stranger, email=stranger.email, primary=True)
    again(client)
    ask_for(client, "anne@ailleurs.example")
    client.post(link_in(deliver()[0]))
    anne.refresh_from_db()
    assert anne.email == "anne@ailleurs.example"
    assert not User.objects.filter(pk=stranger.pk).exists()


def test_an_account_that_curators_made_does_not_give_way(client, anne):
    make_user(email="anne@ailleurs.example", confirmed=False)
    again(client)
    ask_for(client, "anne@ailleurs.example")
    response = client.post(link_in(deliver()[0]), follow=True)
    assert response.status_code == 200
    anne.refresh_from_db()
    assert anne.email == "anne@example.org"


def test_an_address_that_somebody_merely_wants_keeps_nobody_from_signing_up(client, anne):
    again(client)
    ask_for(client, "bea@example.org")
    deliver()
    client.logout()
    sign_up(client, "bea@example.org")
    assert User.objects.filter(email="bea@example.org").exists()
