"""User accounts in the admin."""

import pytest
from django.urls import reverse

from jobboard.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser(client):
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_user_is_added_by_email_address_without_a_password(client, superuser):
    response = client.post(
        reverse("admin:accounts_user_add"),
        {"email": "Anne@Example.org", "usable_password": "false", "password1": "", "password2": ""}
        | {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0},
    )
    assert response.status_code == 302
    user = User.objects.get(email="anne@example.org")
    assert not user.has_usable_password()
    html = client.post(
        reverse("admin:accounts_user_add"), {"email": "ANNE@example.org", "usable_password": "false"}
    ).content.decode()
    assert "existe déjà" in html


def test_list_is_searched_and_change_form_has_no_username(client, superuser, django_assert_max_num_queries):
    for _ in range(5):
        make_user()
    with django_assert_max_num_queries(12):
        assert client.get(reverse("admin:accounts_user_changelist") + "?q=personne").status_code == 200
    html = client.get(reverse("admin:accounts_user_change", args=[superuser.pk])).content.decode()
    assert superuser.email in html
    assert 'name="username"' not in html


@pytest.mark.parametrize("key", ["9" * 20, "%", "-1", "un"])
def test_invalid_group_shows_a_form_error(client, superuser, key):
    page = client.get(reverse("admin:accounts_user_change", args=[superuser.pk]))
    data = {name: value for name, value in page.context["adminform"].form.initial.items() if value is not None}
    response = client.post(reverse("admin:accounts_user_change", args=[superuser.pk]), {**data, "groups": [key]})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["groups"]
