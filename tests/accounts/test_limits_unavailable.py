"""Without the table of the rate limits, sign-in, sign-up and reset are refused: with 503, and without any change."""

import pytest
from django.core.cache import caches
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from django.urls import reverse

from jobboard.accounts.models import User
from jobboard.caching.limits import LimitCache, LimitsUnavailable
from jobboard.mail.models import OutboxMessage
from tests.accounts.forms import PASSWORD, reauthenticate, sign_in, sign_up
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def without_table(monkeypatch):
    monkeypatch.setattr(caches["default"], "_table", "absent")


def reset(client, email):
    return client.post(reverse("account_reset_password"), {"email": email})


REQUESTS = {
    "sign in": sign_in,
    "sign in with a wrong password": lambda client: sign_in(client, password="autre"),
    "sign in without an account": lambda client: sign_in(client, "inconnue@example.org"),
    "sign up": lambda client: sign_up(client, "bea@example.org"),
    "sign up again": sign_up,
    "reset": lambda client: client.post(reverse("account_reset_password"), {"email": "anne@example.org"}),
    "reset without an account": lambda client: client.post(
        reverse("account_reset_password"), {"email": "x@example.org"}
    ),
}


def assert_refused(response):
    assert response.status_code == 503
    text = response.content.decode()
    assert '<html lang="fr">' in text
    assert "momentanément indisponible" in text
    assert int(response["Retry-After"]) > 0
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_are_refused_without_the_table(client, without_table, name, caplog):
    make_user(email="anne@example.org", password=PASSWORD)
    assert_refused(REQUESTS[name](client))
    assert "_auth_user_id" not in client.session
    assert User.objects.count() == 1
    assert OutboxMessage.objects.count() == 0
    assert "rate limits cannot be counted" in caplog.text
    assert "anne" not in caplog.text


def test_confirming_the_password_is_refused_without_the_table(client, without_table):
    client.force_login(make_user(email="anne@example.org", password=PASSWORD))
    assert_refused(reauthenticate(client))
    assert "account_authentication_methods" not in client.session


@pytest.mark.parametrize("page", ["account_login", "account_signup", "account_reset_password"])
def test_forms_are_shown_without_the_table(client, without_table, page):
    assert client.get(reverse(page)).status_code == 200


@pytest.mark.parametrize("error", [OperationalError, ProgrammingError, InterfaceError, DatabaseError])
@pytest.mark.parametrize(
    "use",
    [
        lambda cache: cache.get("a"),
        lambda cache: cache.set("a", 1),
        lambda cache: cache.add("a", 1),
        lambda cache: cache.touch("a"),
        lambda cache: cache.delete("a"),
        lambda cache: cache.has_key("a"),
        lambda cache: cache.incr("a"),
        lambda cache: cache.clear(),
        lambda cache: cache.delete_expired(),
    ],
)
def test_no_error_of_the_database_is_taken_for_a_value(monkeypatch, error, use):
    def fail(*args, **options):
        raise error("la valeur de anne@example.org")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", fail)
    with pytest.raises(LimitsUnavailable) as raised:
        use(LimitCache("cache", {}))
    assert "anne" not in str(raised.value)
    assert raised.value.__suppress_context__
