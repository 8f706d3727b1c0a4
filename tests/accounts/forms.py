"""Submit the forms of sign-up, sign-in and reauthentication."""

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.urls import reverse

from jobboard.form_token import make_form_token

PASSWORD = "motdepasse-d-essai"


def sign_up(client, email="anne@example.org", **fields):
    data = {"email": email, "password1": PASSWORD, "form_token": make_form_token(), **fields}
    return client.post(reverse("account_signup"), data)


def sign_in(client, email="anne@example.org", password=PASSWORD, headers=None, **fields):
    return client.post(reverse("account_login"), {"login": email, "password": password, **fields}, headers=headers)


def reauthenticate(client):
    """Confirm the password, which some pages require even shortly after signing in."""
    return client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def verify_second_factor(client, user):
    """Record in the session that `user`, who is signed in, has authenticated with a second factor."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session.save()
