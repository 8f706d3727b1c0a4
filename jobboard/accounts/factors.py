"""Second factors: required for staff, checked per session, removed when lost."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse
from django.utils.http import urlencode

from jobboard.accounts.adapter import queue_account_mail
from jobboard.accounts.models import User
from jobboard.accounts.open_sessions import end_all_sessions


def is_second_factor_verified(request, user) -> bool:
    """Return whether the user has authenticated with a second factor in the session of the request."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, user))


def second_factor_url(request, next_url: str) -> str:
    """Return the URL to authenticate with a second factor and continue to `next_url`, or to add a first one."""
    types = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    if Authenticator.Type.TOTP in types:
        page = "mfa_reauthenticate"
    elif Authenticator.Type.WEBAUTHN in types:
        page = "mfa_reauthenticate_webauthn"
    else:
        return reverse("mfa_index")
    return f"{reverse(page)}?{urlencode({'next': next_url})}"


def reset_second_factors(user: User) -> int:
    """Delete all second factors of `user`, end their sessions, notify them by mail, and return the count of factors.

    The caller must have checked the identity of the user.
    """
    with transaction.atomic():
        count, _ = Authenticator.objects.filter(user=user).delete()
        end_all_sessions(user)
        if count:
            queue_account_mail("factor_reset", user.pk)
    return count
