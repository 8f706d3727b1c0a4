"""Second factors: adding, removing and resetting them, and the admin that requires one."""

import json
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse

from jobboard.accounts import factors
from tests.accounts.forms import reauthenticate, sign_in
from tests.accounts.mails import deliver
from tests.accounts.pages import assert_own_page
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGES = ["mfa_index", "mfa_activate_totp", "mfa_add_webauthn"]


def totp_code(secret, steps=0) -> str:
    """Return the code that an authenticator app shows after `steps` intervals of 30 seconds."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def anne(client):
    user = make_user(email="anne@example.org")
    sign_in(client, user.email)
    reauthenticate(client)
    return user


@pytest.fixture
def bea():
    """Create a superuser with an authenticator app."""
    user = make_user(email="bea@example.org", is_staff=True, is_superuser=True)
    user.secret = generate_totp_secret()
    TOTP.activate(user, user.secret)
    return user


def test_authenticator_app_is_added_and_required_at_the_next_sign_in(client, anne, django_capture_on_commit_callbacks):
    page = client.get(reverse("mfa_activate_totp"))
    html = page.content.decode()
    secret = page.context["form"].secret
    assert secret in html
    assert '<svg class="qr"' in html
    response = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "Ce code ou cette clé n’ont pas été reconnus." in response.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    assert response.url == reverse("mfa_view_recovery_codes")
    assert [message.to for message in deliver()] == [["anne@example.org"]]
    codes = client.get(response.url).context["unused_codes"]
    assert len(codes) == 10
    download = client.get(reverse("mfa_download_recovery_codes"))
    assert "codes-de-secours.txt" in download["Content-Disposition"]
    assert all(recovery_code in download.content.decode() for recovery_code in codes)

    client.post(reverse("account_logout"))
    assert sign_in(client, anne.email).url == reverse("mfa_authenticate")
    assert client.get(reverse("posting:dashboard")).status_code == 302
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    assert "pas été reconnus" in client.post(reverse("mfa_authenticate"), {"code": "1"}).content.decode()
    assert client.post(reverse("mfa_authenticate"), {"code": totp_code(secret, 1)}).url == reverse("posting:dashboard")

    # Codes of the app and recovery codes are valid once.
    client.post(reverse("account_logout"))
    sign_in(client, anne.email)
    assert client.post(reverse("mfa_authenticate"), {"code": totp_code(secret, 1)}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    client.post(reverse("account_logout"))
    sign_in(client, anne.email)
    assert client.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 200


def test_sensitive_pages_require_reauthentication(client):
    sign_in(client, make_user().email)
    for name in ("mfa_activate_totp", "mfa_add_webauthn", "account_export", "account_delete"):
        assert client.get(reverse(name)).url.startswith(reverse("account_reauthenticate")), name


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_second_factors_are_in_french(client, anne, name):
    # A WebAuthn key is bound to the host name.
    html = client.get(reverse(name), HTTP_HOST="localhost").content.decode()
    for word in ("Authenticator", "Recovery", "Security", "security key", "Passkey", "Passwordless", "Master"):
        assert word not in html
    if 'class="card-form"' in html:
        assert_own_page(html)


def reauthenticate_with_code(client, code):
    return client.post(reverse("mfa_reauthenticate"), {"code": code})


def sign_in_with_code(client, user):
    """Sign in with a code of the app, and confirm the identity with the next one."""
    sign_in(client, user.email)
    client.post(reverse("mfa_authenticate"), {"code": totp_code(user.secret)})
    reauthenticate_with_code(client, totp_code(user.secret, 1))


def test_authenticator_app_is_removed_and_mailed(client, bea):
    sign_in_with_code(client, bea)
    assert "Retirer l’application" in client.get(reverse("mfa_deactivate_totp")).content.decode()
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert deliver()[-1].to == ["bea@example.org"]


def test_recovery_codes_are_replaced_and_mailed(client, bea, django_capture_on_commit_callbacks):
    sign_in_with_code(client, bea)
    assert client.get(reverse("mfa_generate_recovery_codes")).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_generate_recovery_codes"))
    assert len(client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]) == 10
    assert deliver()[-1].subject == "De nouveaux codes de secours"


# The pages that change how a user authenticates, or show all data of the account.
SENSITIVE = [
    *("mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
    *("mfa_download_recovery_codes", "mfa_add_webauthn", "account_email", "account_change_password"),
    *("account_export", "account_delete"),
]


@pytest.mark.parametrize("name", SENSITIVE)
def test_sensitive_pages_require_the_second_factor_of_users_who_have_one(client, bea, name):
    sign_in(client, bea.email)
    client.post(reverse("mfa_authenticate"), {"code": totp_code(bea.secret)})
    # The password alone is no confirmation.
    reauthenticate(client)
    for method in (client.get, client.post):
        response = method(reverse(name), follow=True)
        if response.status_code != 405:
            assert response.redirect_chain[-1][0].startswith(reverse("mfa_reauthenticate")), method
    assert Authenticator.objects.count() == 1
    page = client.get(reverse("mfa_reauthenticate")).content.decode()
    assert "Avec le mot de passe" not in page
    reauthenticate_with_code(client, totp_code(bea.secret, 1))
    # Without an app to add or recovery codes to show, some pages redirect or answer 404.
    assert not client.get(reverse(name)).headers.get("Location", "").startswith(reverse("mfa_reauthenticate"))


def test_key_is_removed_and_renamed_with_the_second_factor_only(client, bea):
    key = Authenticator.objects.create(user=bea, type="webauthn", data={"name": "Clé", "credential": {}})
    sign_in(client, bea.email)
    client.post(reverse("mfa_authenticate"), {"code": totp_code(bea.secret)})
    reauthenticate(client)
    for name in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
        assert client.post(reverse(name, args=[key.pk]), {"name": "Autre"}).status_code == 302
    key.refresh_from_db()
    assert key.data["name"] == "Clé"


def test_password_confirmed_before_the_factor_was_added_elsewhere_does_not_remove_it(client, anne):
    # Another session, with the password confirmed, while the owner adds an app in hers.
    TOTP.activate(anne, generate_totp_secret())
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=anne).exists()


def test_passwords_are_not_stored_in_the_session_to_be_sent_again(client, bea):
    sign_in(client, bea.email)
    client.post(reverse("mfa_authenticate"), {"code": totp_code(bea.secret)})
    response = client.post(reverse("account_change_password"), {"oldpassword": "un-secret", "password1": "un-secret"})
    assert response.status_code == 302
    assert "un-secret" not in str(dict(client.session))


def test_code_of_the_app_is_valid_once(client, bea, monkeypatch):
    start = int(time.time()) // 30 * 30 + 15
    code = totp_code(bea.secret)

    def is_accepted(code, seconds) -> bool:
        monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: start + seconds)
        return factors.use_code(Authenticator.objects.get(user=bea), code)

    assert is_accepted(code, 0)
    for seconds in (0, 10, 29, 32, 44):
        assert not is_accepted(code, seconds)
    # Codes before the last accepted one are refused too; later ones are accepted once, with spaces.
    assert not is_accepted(totp_code(bea.secret, -1), 0)
    later = totp_code(bea.secret, 1)
    assert is_accepted(f" {later[:3]} {later[3:]} ", 32)
    assert not is_accepted(later, 32)


@pytest.mark.parametrize("code", ["", "0", "é" * 6, "١٢٣٤٥٦", "\x00", "1" * 400, "12345678901234567890"])
def test_malformed_codes_are_refused(bea, code):
    assert not factors.use_code(Authenticator.objects.get(user=bea), code)


def test_code_of_the_activation_is_valid_once(client, anne):
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    code = totp_code(secret)
    client.post(reverse("mfa_activate_totp"), {"code": code})
    authenticator = Authenticator.objects.get(user=anne, type="totp")
    assert not factors.use_code(authenticator, code)
    # It has confirmed the identity, so the next pages do not ask for another code.
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    client.post(reverse("account_logout"))
    sign_in(client, anne.email)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert "_auth_user_id" not in client.session


INVALID_CREDENTIALS = [
    "", "non", "null", "[]", "1", '"a"', "{}", '{"id": 1}',
    '{"id": "é", "rawId": "é", "response": {}, "type": "public-key"}',
    json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"userHandle": "AAAA"}}),
    json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {
        "clientDataJSON": "AAAA", "attestationObject": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA",
        "userHandle": "MQ"}}),
]  # fmt: skip


@pytest.mark.parametrize("credential", INVALID_CREDENTIALS)
def test_invalid_webauthn_credential_is_refused_without_an_error(client, bea, anne, credential):
    client.get(reverse("mfa_add_webauthn"))
    assert client.post(reverse("mfa_add_webauthn"), {"name": "a", "credential": credential}).status_code == 200
    client.post(reverse("account_logout"))
    client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    assert client.post(reverse("mfa_login_webauthn"), {"credential": credential}).url == reverse("account_login")
    sign_in(client, bea.email)
    client.get(reverse("mfa_authenticate"))
    assert client.post(reverse("mfa_authenticate"), {"credential": credential}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_keys_of_other_users_are_404(client, anne):
    key = Authenticator.objects.create(user=make_user(), type="webauthn", data={"name": "à autrui", "credential": {}})
    for name in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
        assert client.get(reverse(name, args=[key.pk])).status_code == 404
        assert client.post(reverse(name, args=[key.pk])).status_code == 404
        assert client.get(f"/compte/2fa/keys/{'9' * 30}/edit/").status_code == 404


# Access to the admin


def test_admin_requires_a_second_factor_in_the_session(client, bea, settings):
    settings.STAFF_MFA_REQUIRED = True
    client.force_login(bea)
    response = client.get("/admin/offers/offer/", follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("mfa_reauthenticate"))
    assert "L’accès à l’administration demande une double authentification." in response.content.decode()
    response = client.post(
        response.redirect_chain[-1][0], {"code": totp_code(bea.secret), "next": "/admin/offers/offer/"}
    )
    assert response.url == "/admin/offers/offer/"
    assert client.get("/admin/offers/offer/").status_code == 200


def test_sign_in_with_a_code_opens_the_admin(client, bea, settings):
    settings.STAFF_MFA_REQUIRED = True
    sign_in(client, bea.email, next="/admin/")
    assert client.post(reverse("mfa_authenticate"), {"code": totp_code(bea.secret)}).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_adding_the_first_factor_opens_the_admin_without_another_code(client, settings):
    settings.STAFF_MFA_REQUIRED = True
    user = make_user(is_staff=True, is_superuser=True)
    sign_in(client, user.email)
    reauthenticate(client)
    assert client.get("/admin/").status_code == 302
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    assert client.get("/admin/").status_code == 200


def test_concurrent_addition_of_an_app_is_no_error(client, anne):
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret

    def add_before_the_view(self, form):
        TOTP.activate(anne, generate_totp_secret())
        return form_valid(self, form)

    form_valid = ActivateTOTPView.form_valid
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ActivateTOTPView, "form_valid", add_before_the_view)
        response = client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    assert response.url == reverse("mfa_index")


def test_admin_redirects_staff_without_a_second_factor_to_add_one(client, settings):
    settings.STAFF_MFA_REQUIRED = True
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == reverse("mfa_index")
    assert client.post("/admin/offers/offer/add/", {"title": "x"}).status_code == 302
    assert "ajoutez une clé d’accès" in client.get(reverse("account_home")).content.decode()
    # Users who are not staff get 403 instead of a redirect.
    client.force_login(make_user())
    assert client.get("/admin/", follow=True).status_code == 403


def test_reset_removes_the_factors_and_ends_the_sessions(client, bea, settings, search_index):
    lost_client = type(client)(search_index)
    sign_in(lost_client, bea.email)
    lost_client.post(reverse("mfa_authenticate"), {"code": totp_code(bea.secret)})
    assert UserSession.objects.filter(user=bea).count() == 1
    client.force_login(make_user(is_staff=True, is_superuser=True))
    url = reverse("admin:accounts_user_changelist")
    client.post(url, {"action": "reset_second_factor", "_selected_action": [bea.pk]})
    assert not Authenticator.objects.exists()
    assert lost_client.get(reverse("posting:dashboard")).status_code == 302
    (message,) = deliver()
    assert (message.to, message.subject) == ([bea.email], "La double authentification de votre compte est retirée")
    assert (
        "Double authentification retirée"
        in client.get(reverse("admin:accounts_user_history", args=[bea.pk])).content.decode()
    )
    html = client.get(reverse("admin:accounts_user_change", args=[bea.pk])).content.decode()
    assert "Double authentification" in html
    assert factors.reset_second_factors(bea) == 0


def test_staff_cannot_reset_the_factors_of_a_superuser(client, bea):
    staff_user = make_user(is_staff=True)
    staff_user.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(staff_user)
    url = reverse("admin:accounts_user_changelist")
    response = client.post(url, {"action": "reset_second_factor", "_selected_action": [bea.pk]}, follow=True)
    assert "Seul un super-utilisateur" in response.content.decode()
    assert Authenticator.objects.exists()


def test_authenticators_and_sessions_are_not_in_the_admin(client, bea):
    client.force_login(bea)
    assert client.get("/admin/mfa/authenticator/").status_code == 404
    assert client.get("/admin/usersessions/usersession/").status_code == 404


def test_command_resets_the_factors_of_a_user(bea):
    call_command("reset_second_factor", "BEA@example.org")
    assert not Authenticator.objects.exists()
