"""The pages of an account: name, sessions, export of personal data, deletion."""

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
from tests.accounts.forms import PASSWORD, reauthenticate, sign_in
from tests.accounts.mails import deliver
from tests.factories import make_company, make_lead, make_user

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"


def sign_in_recently(client, email="anne@example.org", headers=None):
    """Sign in and reauthenticate."""
    sign_in(client, email, headers=headers)
    reauthenticate(client)


@pytest.fixture
def anne(client):
    user = make_user(email="anne@example.org", first_name="Anne")
    sign_in_recently(client, headers={"user-agent": FIREFOX})
    return user


def test_account_page_shows_companies_and_links_with_few_queries(client, anne, django_assert_num_queries):
    Membership.objects.create(company=make_company(name="Ateliers"), user=anne)
    with django_assert_num_queries(4):
        html = client.get(reverse("account_home")).content.decode()
    for words in ("Ateliers", "anne@example.org", reverse("account_export"), reverse("account_delete"), "inactive"):
        assert words in html
    assert "Mon espace" in html, "the header depends on the session"
    client.logout()
    assert client.get(reverse("account_home")).url.startswith(reverse("account_login"))


def test_name_is_changed_and_validated(client, anne):
    client.post(reverse("account_home"), {"first_name": "Anne-Marie", "last_name": "D’Arc"})
    anne.refresh_from_db()
    assert str(anne) == "Anne-Marie D’Arc"
    client.post(reverse("account_home"), {"first_name": "Anne", "last_name": "\u202eLe\u00a0Goff"})
    anne.refresh_from_db()
    assert str(anne) == "Anne Le Goff"
    response = client.post(reverse("account_home"), {"first_name": "Anne\nBcc: x", "last_name": "Tout autre"})
    html = response.content.decode()
    assert "Ce champ tient sur une seule ligne." in html
    assert "Tout autre" in html
    anne.refresh_from_db()
    assert anne.last_name == "Le Goff"


def test_cached_pages_are_for_anonymous_visitors_only(client, anne, search_index):
    assert "Mon espace" in client.get("/").content.decode()
    other = type(client)(search_index)
    for _ in range(2):
        assert "Mon espace" not in other.get("/").content.decode()
    assert "Mon espace" in client.get("/").content.decode()


def test_sessions_are_listed_and_ended_by_their_user_only(client, anne, search_index):
    other = type(client)(search_index)
    sign_in_recently(other, headers={"user-agent": IPHONE})
    page = client.get(reverse("account_sessions"))
    html = page.content.decode()
    assert "Firefox, Linux" in html
    assert "Safari, iPhone" in html
    assert html.count("celle-ci") == 1
    here, there = page.context["sessions"]
    assert here.is_current

    # Sessions of other users and invalid pks are ignored.
    other_user = type(client)(search_index)
    make_user(email="bea@example.org")
    sign_in_recently(other_user, "bea@example.org")
    for pk in (there.pk, "9" * 30, "-1", "un", ""):
        other_user.post(reverse("account_end_session"), {"session": pk})
    assert other.get(reverse("account_home")).status_code == 200
    assert client.get(reverse("account_end_session")).status_code == 405

    client.post(reverse("account_end_session"), {"session": there.pk})
    assert other.get(reverse("account_home")).status_code == 302
    assert client.get(reverse("account_home")).status_code == 200

    sign_in_recently(other, headers={"user-agent": IPHONE})
    client.post(reverse("account_end_session"), {"others": "1"})
    assert other.get(reverse("account_home")).status_code == 302
    assert client.post(reverse("account_end_session"), {"session": here.pk}).status_code == 302
    assert client.get(reverse("account_home")).status_code == 302
    assert UserSession.objects.filter(user=anne).count() == 0


def test_purge_deletes_user_sessions_without_a_session(client, anne):
    UserSession.objects.create(user=anne, ip="192.0.2.1", session_key="partie")
    call_command("purge")
    assert UserSession.objects.count() == 1
    assert client.get(reverse("account_home")).status_code == 200


def test_number_of_queries_does_not_depend_on_the_sessions(client, anne, search_index, django_assert_num_queries):
    for _ in range(3):
        sign_in_recently(type(client)(search_index))
    # The session, the user and the list.
    with django_assert_num_queries(3):
        assert len(client.get(reverse("account_sessions")).context["sessions"]) == 4


def test_password_change_ends_the_other_sessions(client, anne, search_index):
    other = type(client)(search_index)
    sign_in_recently(other)
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
def test_device_name_of_a_user_agent(agent, name):
    assert device_name(agent) == name


def test_export_contains_the_data_of_the_user_only(client, anne):
    Membership.objects.create(company=make_company(name="Ateliers"), user=anne)
    make_lead(email="Anne@example.org", name="Anne Martin")
    make_lead(email="bea@example.org", name="Béatrice")
    response = client.get(reverse("account_export"))
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
    assert "no-store" in response["Cache-Control"]
    exported = json.loads(response.content)["données"]
    assert exported["Compte"][0]["prénom"] == "Anne"
    assert exported["Entreprises"][0]["entreprise"] == "Ateliers"
    assert exported["Demandes de contact"][0]["nom"] == "Anne Martin"
    assert exported["Sessions"][0]["appareil"] == "Firefox, Linux"
    text = response.content.decode()
    assert "Béatrice" not in text
    for secret in (anne.password, "session_key", client.session.session_key):
        assert secret not in text


def test_deletion_needs_a_confirmation_and_ends_all_sessions(client, anne, search_index):
    other = type(client)(search_index)
    sign_in_recently(other)
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
    assert message_row.recipient == "", "the recipient is cleared after sending"


def test_erasure_blockers_prevent_the_deletion(client, anne, monkeypatch):
    """Other apps define blockers: the only owner of a company with offers cannot delete the account."""
    source = next(source for source in registry.sources() if source.model is Membership)
    monkeypatch.setattr(source, "erasure_blockers", lambda person: ["Vous seule répondez d’Ateliers."])
    assert "Vous seule répondez d’Ateliers." in client.get(reverse("account_delete")).content.decode()
    assert "Vous seule" in client.post(reverse("account_delete"), {"confirm": "on"}).content.decode()
    assert User.objects.filter(pk=anne.pk).exists()
    assert not OutboxMessage.objects.exists()


def test_staff_account_cannot_be_deleted(client):
    make_user(email="anne@example.org", is_staff=True)
    sign_in_recently(client)
    assert "compte de l’équipe" in client.post(reverse("account_delete"), {"confirm": "on"}).content.decode()
    assert User.objects.exists()


def test_old_email_address_cannot_sign_in_after_a_change_in_the_admin(client, anne, search_index):
    admin_client = type(client)(search_index)
    admin_client.force_login(make_user(is_staff=True, is_superuser=True))
    url = reverse("admin:accounts_user_change", args=[anne.pk])
    page = admin_client.get(url)
    data = {name: value for name, value in page.context["adminform"].form.initial.items() if value is not None}
    data |= {"email": "anne@ailleurs.example", "groups": [], "user_permissions": []}
    data |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    assert admin_client.post(url, data).status_code == 302
    client.logout()
    sign_in_recently(client)
    assert "_auth_user_id" not in client.session
