"""One’s own account: name, sessions, data to take along, the end."""

import json

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.urls import reverse

from jobboard.accounts.devices import device_name
from jobboard.accounts.models import User
from jobboard.mail.models import OutboxMessage
from jobboard.privacy import registry
from offers.companies.models import Membership
from tests.accounts.mails import deliver
from tests.factories import make_company, make_lead, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "motdepasse-d-essai"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"


def sign_in(client, email="anne@example.org", **extra):
    client.post(reverse("account_login"), {"login": email, "password": PASSWORD}, **extra)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


@pytest.fixture
def anne(client):
    user = make_user(email="anne@example.org", first_name="Anne")
    sign_in(client, headers={"user-agent": FIREFOX})
    return user


def test_the_page_of_the_account(client, anne, django_assert_num_queries):
    Membership.objects.create(company=make_company(name="Ateliers"), user=anne)
    with django_assert_num_queries(4):
        html = client.get(reverse("account_home")).content.decode()
    for words in ("Ateliers", "anne@example.org", reverse("account_export"), reverse("account_delete"), "inactive"):
        assert words in html
    assert "Mon espace" in html, "the header knows who is signed in"
    client.logout()
    assert client.get(reverse("account_home")).url.startswith(reverse("account_login"))


def test_the_name(client, anne):
    client.post(reverse("account_home"), {"first_name": "Anne-Marie", "last_name": "D’Arc"})
    anne.refresh_from_db()
    assert str(anne) == "Anne-Marie D’Arc"
    response = client.post(reverse("account_home"), {"first_name": "Anne\nBcc: x", "last_name": "Tout autre"})
    html = response.content.decode()
    assert "Ce champ tient sur une seule ligne." in html
    assert "Tout autre" in html
    anne.refresh_from_db()
    assert anne.last_name == "D’Arc"


def test_kept_pages_are_for_those_who_are_not_signed_in(client, anne, search_index):
    assert "Mon espace" in client.get("/").content.decode()
    other = type(client)(search_index)
    for _ in range(2):
        assert "Mon espace" not in other.get("/").content.decode()
    assert "Mon espace" in client.get("/").content.decode()


def test_where_one_is_signed_in_and_signing_out_there(client, anne, search_index):
    other = type(client)(search_index)
    sign_in(other, headers={"user-agent": IPHONE})
    page = client.get(reverse("account_sessions"))
    html = page.content.decode()
    assert "Firefox, Linux" in html
    assert "Safari, iPhone" in html
    assert html.count("celle-ci") == 1
    here, there = page.context["sessions"]
    assert here.is_current

    # Nobody else’s session can be closed, nor one that cannot be.
    stranger = type(client)(search_index)
    make_user(email="bea@example.org")
    sign_in(stranger, "bea@example.org")
    for number in (there.pk, "9" * 30, "-1", "un", ""):
        stranger.post(reverse("account_end_session"), {"session": number})
    assert other.get(reverse("account_home")).status_code == 200
    assert client.get(reverse("account_end_session")).status_code == 405

    client.post(reverse("account_end_session"), {"session": there.pk})
    assert other.get(reverse("account_home")).status_code == 302
    assert client.get(reverse("account_home")).status_code == 200

    sign_in(other, headers={"user-agent": IPHONE})
    client.post(reverse("account_end_session"), {"others": "1"})
    assert other.get(reverse("account_home")).status_code == 302
    assert client.post(reverse("account_end_session"), {"session": here.pk}).status_code == 302
    assert client.get(reverse("account_home")).status_code == 302
    assert UserSession.objects.filter(user=anne).count() == 0


def test_a_session_that_is_over_leaves_no_trace(client, anne):
    UserSession.objects.create(user=anne, ip="192.0.2.1", session_key="partie")
    call_command("purge")
    assert UserSession.objects.count() == 1
    assert client.get(reverse("account_home")).status_code == 200


def test_the_list_asks_the_database_once(client, anne, search_index, django_assert_num_queries):
    for _ in range(3):
        sign_in(type(client)(search_index))
    # Session, person, list.
    with django_assert_num_queries(3):
        assert len(client.get(reverse("account_sessions")).context["sessions"]) == 4


def test_a_new_password_closes_the_other_sessions(client, anne, search_index):
    other = type(client)(search_index)
    sign_in(other)
    data = {"oldpassword": PASSWORD, "password1": "un-autre-bien-long", "password2": "un-autre-bien-long"}
    client.post(reverse("account_change_password"), data)
    assert len(client.get(reverse("account_sessions")).context["sessions"]) == 1
    assert other.get(reverse("account_home")).status_code == 302
    assert client.get(reverse("account_home")).status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (IPHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18 Safari/605", "Safari, macOS"),
        ("curl/8", "Appareil inconnu"),
        ("", "Appareil inconnu"),
    ],
)
def test_what_a_device_is_called(agent, name):
    assert device_name(agent) == name


def test_everything_the_site_knows_as_a_file(client, anne):
    Membership.objects.create(company=make_company(name="Ateliers"), user=anne)
    make_lead(email="Anne@example.org", name="Anne Martin")
    make_lead(email="bea@example.org", name="Béatrice")
    response = client.get(reverse("account_export"))
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
    assert "no-store" in response["Cache-Control"]
    known = json.loads(response.content)["données"]
    assert known["Compte"][0]["prénom"] == "Anne"
    assert known["Entreprises"][0]["entreprise"] == "Ateliers"
    assert known["Demandes de contact"][0]["nom"] == "Anne Martin"
    assert known["Sessions"][0]["appareil"] == "Firefox, Linux"
    text = response.content.decode()
    assert "Béatrice" not in text
    for secret in (anne.password, "session_key", client.session.session_key):
        assert secret not in text


def test_the_end_of_an_account(client, anne, search_index):
    other = type(client)(search_index)
    sign_in(other)
    lead = make_lead(email="anne@example.org")
    Membership.objects.create(company=make_company(), user=anne)
    assert "pour de bon" in client.get(reverse("account_delete")).content.decode()
    assert "Cochez cette case" in client.post(reverse("account_delete")).content.decode()
    assert User.objects.filter(pk=anne.pk).exists()

    response = client.post(reverse("account_delete"), {"confirm": "on"}, follow=True)
    assert "Le compte est supprimé." in response.content.decode()
    assert not User.objects.filter(pk=anne.pk).exists()
    assert not Membership.objects.exists()
    assert not UserSession.objects.exists()
    assert other.get(reverse("account_home")).status_code == 302
    lead.refresh_from_db()

    (message,) = deliver()
    assert (message.to, message.subject) == (["anne@example.org"], "Votre compte est supprimé")
    message_row = OutboxMessage.objects.get()
    assert message_row.sent_at
    assert message_row.recipient == "", "the address is forgotten once the mail has left"


def test_what_stands_in_the_way_is_said(client, anne, monkeypatch):
    """The hook of other rooms: somebody who alone answers for a company with offers cannot just leave."""
    source = next(source for source in registry.sources() if source.model is Membership)
    monkeypatch.setattr(source, "erasure_blockers", lambda person: ["Vous seule répondez d’Ateliers."])
    assert "Vous seule répondez d’Ateliers." in client.get(reverse("account_delete")).content.decode()
    assert "Vous seule" in client.post(reverse("account_delete"), {"confirm": "on"}).content.decode()
    assert User.objects.filter(pk=anne.pk).exists()
    assert not OutboxMessage.objects.exists()


def test_the_team_does_not_just_leave(client):
    make_user(email="anne@example.org", is_staff=True)
    sign_in(client)
    assert "compte de l’équipe" in client.post(reverse("account_delete"), {"confirm": "on"}).content.decode()
    assert User.objects.exists()


def test_an_address_that_a_curator_changes_opens_no_door_any_more(client, anne, search_index):
    boss = type(client)(search_index)
    boss.force_login(make_user(is_staff=True, is_superuser=True))
    url = reverse("admin:accounts_user_change", args=[anne.pk])
    page = boss.get(url)
    data = {name: value for name, value in page.context["adminform"].form.initial.items() if value is not None}
    data |= {"email": "anne@ailleurs.example", "groups": [], "user_permissions": []}
    data |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    assert boss.post(url, data).status_code == 302
    client.logout()
    sign_in(client)
    assert "_auth_user_id" not in client.session
