"""Limits of wrong passwords and codes: guesses are bounded, and failures of others do not lock the owner out."""

import itertools
import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from jobboard.accounts import attempts
from jobboard.accounts.attempts import PER_ACCOUNT, PER_NETWORK, PER_SOURCE
from jobboard.accounts.models import User
from jobboard.text.dates import waiting_time
from tests.accounts.forms import PASSWORD, sign_in
from tests.accounts.mails import deliver
from tests.accounts.test_factors import totp_code
from tests.factories import make_user

pytestmark = pytest.mark.django_db
WRONG = "faux-mot-de-passe"
EMAIL = "anne@example.org"
TOO_MANY = "Trop de tentatives infructueuses. Réessayez dans "


@pytest.fixture
def anne():
    return make_user(email=EMAIL)


def client_at(ip) -> Client:
    return Client(REMOTE_ADDR=ip)


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def attack(clock, count=PER_ACCOUNT.slots, email=EMAIL) -> int:
    """Send wrong passwords, each from another network, and wait for the pauses. Return how many were evaluated."""
    evaluated = 0
    for index in range(count):
        html = sign_in(client_at(f"198.51.{index // 250}.{index % 250 + 1}"), email, WRONG).content.decode()
        evaluated += "L’adresse ou le mot de passe est incorrect." in html
        clock.advance(PER_ACCOUNT.pauses[index] if index < len(PER_ACCOUNT.pauses) else 1)
    return evaluated


def test_five_attempts_from_unknown_networks_are_evaluated_in_fifteen_minutes(anne, clock, monkeypatch):
    checked = []
    monkeypatch.setattr(User, "check_password", lambda self, password: checked.append(password) or False)
    assert attack(clock, 60) == len(checked) == 5
    # The right password is not evaluated either: the response must not confirm it.
    client = client_at("203.0.113.9")
    assert TOO_MANY in sign_in(client).content.decode()
    assert len(checked) == 5
    clock.advance(900)
    assert attack(clock, 60) == 5


def test_any_window_of_fifteen_minutes_has_at_most_five_evaluated_attempts(anne, clock):
    evaluated = []
    for second in range(0, 3600, 20):
        clock.offset = second
        if TOO_MANY not in sign_in(client_at(f"198.51.100.{second // 20}"), EMAIL, WRONG).content.decode():
            evaluated.append(second)
    for start in evaluated:
        assert sum(start <= second < start + 900 for second in evaluated) <= 5
    # Delays grow, but access is never blocked for longer than the window.
    assert max(b - a for a, b in itertools.pairwise(evaluated)) <= 900
    assert len(evaluated) >= 15


def test_pauses_between_attempts_grow_and_the_page_says_when_to_try_again(anne, clock):
    waits = []
    for _ in range(6):
        html = sign_in(client_at("198.51.100.7"), EMAIL, WRONG).content.decode()
        while wait := re.search(rf"{TOO_MANY}(\d+)\xa0(seconde|minute)s?, ou utilisez une clé d’accès ou", html):
            seconds = int(wait[1]) * (60 if wait[2] == "minute" else 1)
            waits.append(seconds)
            clock.advance(seconds + 1)
            html = sign_in(client_at("198.51.100.7"), EMAIL, WRONG).content.decode()
    assert waits == [30, 120, 780]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1\xa0seconde"), (29.2, "30\xa0secondes"), (60, "1\xa0minute"), (61, "2\xa0minutes"), (900, "15\xa0minutes")],
)
def test_waiting_time_is_rounded_up(seconds, text):
    assert waiting_time(seconds) == text


def test_device_that_signed_in_before_keeps_access_from_any_network(anne, clock):
    client = client_at("203.0.113.1")
    sign_in(client)
    client.post(reverse("account_logout"))
    attack(clock)
    client.defaults["REMOTE_ADDR"] = "192.0.2.77"
    sign_in(client)
    assert is_signed_in(client)


def test_network_that_signed_in_before_keeps_access(anne, clock):
    sign_in(client_at("203.0.113.1"))
    sign_in(client_at("2001:db8:1:2::3"))
    attack(clock)
    # IPv6 subscribers have a /64.
    for ip in ("203.0.113.1", "2001:db8:1:2:ffff::1"):
        client = client_at(ip)
        sign_in(client)
        assert is_signed_in(client), ip
    for ip in ("203.0.113.2", "2001:db8:1:3::3"):
        assert TOO_MANY in sign_in(client_at(ip)).content.decode()


def test_device_keeps_access_when_its_own_network_is_used_for_the_attack(anne, clock):
    client = client_at("203.0.113.1")
    sign_in(client)
    client.post(reverse("account_logout"))
    for index in range(PER_NETWORK.slots + 5):
        sign_in(client_at("203.0.113.1"), f"x{index}@example.org", WRONG)
    attack(clock)
    sign_in(client)
    assert is_signed_in(client)


def test_known_devices_and_networks_are_limited_too(anne, clock):
    for client in (client_at("203.0.113.1"), client_at("203.0.113.2")):
        sign_in(client)
        client.post(reverse("account_logout"))
        for seconds in (*PER_ACCOUNT.pauses, 1):
            assert "incorrect" in sign_in(client, EMAIL, WRONG).content.decode()
            clock.advance(seconds)
        assert TOO_MANY in sign_in(client, EMAIL, WRONG).content.decode()
        # The network is known for other devices, with a count of its own.
        assert "incorrect" in sign_in(client_at(client.defaults["REMOTE_ADDR"]), EMAIL, WRONG).content.decode()


def test_device_is_known_for_its_own_accounts_only(anne, clock):
    make_user(email="bea@example.org")
    client = client_at("203.0.113.1")
    sign_in(client, "bea@example.org")
    client.post(reverse("account_logout"))
    attack(clock)
    assert TOO_MANY in sign_in(client).content.decode()
    # Both accounts are known after signing in to both.
    clock.advance(900)
    sign_in(client)
    client.post(reverse("account_logout"))
    attack(clock)
    attack(clock, email="bea@example.org")
    for email in ("bea@example.org", EMAIL):
        client.defaults["REMOTE_ADDR"] = "192.0.2.8"
        sign_in(client, email)
        assert is_signed_in(client)
        client.post(reverse("account_logout"))


@pytest.mark.parametrize("change", [lambda value: value[:-2] + "xx", lambda value: "", lambda value: "a:b:c"])
def test_forged_cookie_is_an_unknown_device(anne, clock, settings, change):
    client = client_at("203.0.113.1")
    sign_in(client)
    value = client.cookies[settings.DEVICE_COOKIE_NAME].value
    assert "anne" not in value
    other = client_at("192.0.2.8")
    other.cookies[settings.DEVICE_COOKIE_NAME] = change(value)
    attack(clock)
    assert TOO_MANY in sign_in(other).content.decode()


def test_device_cookie_is_not_readable_by_scripts(anne, client, settings):
    sign_in(client)
    cookie = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == attempts.KNOWN_FOR
    sign_in(client_at("192.0.2.1"), EMAIL, WRONG)
    assert settings.DEVICE_COOKIE_NAME not in sign_in(client_at("192.0.2.1"), EMAIL, WRONG).cookies


def test_one_network_is_limited_over_all_accounts(clock):
    pages = [
        sign_in(client_at("198.51.100.7"), f"x{index}@example.org", WRONG).content.decode()
        for index in range(PER_NETWORK.slots + 1)
    ]
    assert [TOO_MANY in page for page in pages] == [False] * PER_NETWORK.slots + [True]
    assert TOO_MANY not in sign_in(client_at("198.51.100.8"), "x1@example.org", WRONG).content.decode()


def test_successful_sign_ins_count_for_the_rate_only(anne, clock):
    client = client_at("198.51.100.7")
    for _ in range(PER_SOURCE.slots):
        sign_in(client)
        assert is_signed_in(client)
        client.post(reverse("account_logout"))
    # All but the first one came from a known device.
    sign_in(client)
    client.post(reverse("account_logout"))
    assert TOO_MANY in sign_in(client).content.decode()
    clock.advance(60)
    sign_in(client)
    assert is_signed_in(client)


def test_success_does_not_reset_the_count_of_others(anne, clock):
    for index in range(4):
        sign_in(client_at(f"198.51.100.{index}"), EMAIL, WRONG)
        clock.advance(PER_ACCOUNT.pauses[index])
    client = client_at("203.0.113.1")
    sign_in(client)
    assert is_signed_in(client)
    assert "incorrect" in sign_in(client_at("198.51.100.5"), EMAIL, WRONG).content.decode()
    assert TOO_MANY in sign_in(client_at("198.51.100.6"), EMAIL, WRONG).content.decode()


def test_spellings_of_an_address_share_one_count(anne, clock):
    spellings = ["anne@example.org", "ANNE@example.org", " Anne@Example.org ", "anne@EXAMPLE.ORG", "aNNe@example.org"]
    for index, email in enumerate(spellings):
        sign_in(client_at(f"198.51.100.{index}"), email, WRONG)
        clock.advance(121)
    assert TOO_MANY in sign_in(client_at("203.0.113.1")).content.decode()


def test_unknown_accounts_get_the_same_responses(anne, clock):
    def responses(email):
        clock.offset = 0
        pages = []
        for index in range(7):
            response = sign_in(client_at(f"198.51.100.{index}"), email, WRONG)
            html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
            pages.append((response.status_code, sorted(response.cookies), html.replace(email, "…")))
            clock.advance(40)
        return pages

    assert responses(EMAIL) == responses("unknown@example.org")


def test_password_reset_works_during_an_attack_and_opens_the_device(anne, clock, settings):
    settings.SITE_URL = "https://emploi.example"
    attack(clock)
    client = client_at("203.0.113.1")
    # The attacker uses up the limit of mails too: the owner still has the links of the mails that were sent.
    for index in range(6):
        response = client_at(f"198.51.100.{index}").post(reverse("account_reset_password"), {"email": EMAIL})
        assert response.url == reverse("account_reset_password_done")
    mails = deliver()
    assert len(mails) == 5
    assert client.post(reverse("account_reset_password"), {"email": EMAIL}).status_code == 302
    url = re.search(r"https://emploi\.example(/compte/password/reset/key/\S+)", mails[-1].body)[1]
    form = client.get(url, follow=True)
    client.post(form.redirect_chain[-1][0], dict.fromkeys(("password1", "password2"), "un-tout-nouveau-secret"))
    attack(clock)
    sign_in(client, password="un-tout-nouveau-secret")
    assert is_signed_in(client)


def test_reauthentication_has_the_same_limits(anne, client, clock):
    sign_in(client)
    for seconds in (*PER_ACCOUNT.pauses, 1):
        client.post(reverse("account_reauthenticate"), {"password": WRONG})
        clock.advance(seconds)
    assert TOO_MANY in client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).content.decode()


def test_wrong_codes_are_limited_and_known_devices_keep_access(anne, clock):
    secret = generate_totp_secret()
    known = client_at("203.0.113.1")
    sign_in(known)
    known.post(reverse("account_logout"))
    TOTP.activate(anne, secret)
    # The attacker knows the password.
    for index, seconds in enumerate((*PER_ACCOUNT.pauses, 1)):
        client = client_at(f"198.51.100.{index}")
        sign_in(client)
        assert "pas été reconnus" in client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
        clock.advance(seconds)
    client = client_at("198.51.100.9")
    sign_in(client)
    html = client.post(reverse("mfa_authenticate"), {"code": totp_code(secret)}).content.decode()
    assert TOO_MANY in html
    assert not is_signed_in(client)
    known.defaults["REMOTE_ADDR"] = "192.0.2.7"
    sign_in(known)
    known.post(reverse("mfa_authenticate"), {"code": totp_code(secret)})
    assert is_signed_in(known)


def test_without_an_ip_no_network_is_known(anne, clock):
    sign_in(Client(REMOTE_ADDR=""))
    attack(clock)
    assert TOO_MANY in sign_in(Client(REMOTE_ADDR="")).content.decode()


def test_reserving_an_attempt_takes_few_queries(anne, rf, django_assert_num_queries):
    request = rf.post("/compte/login/", REMOTE_ADDR="203.0.113.1")
    # For each of the three counts a query of its slots and one that takes a slot; two of the network and the time.
    with django_assert_num_queries(7):
        attempts.reserve(request, "password", EMAIL, anne.pk)
