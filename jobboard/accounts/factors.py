"""The second factor: who has shown one, who has to, and what happens when it is lost."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.http import urlencode

from jobboard.accounts.adapter import queue_mail
from jobboard.accounts.models import User
from jobboard.accounts.open_sessions import end_all


def is_missing(request) -> bool:
    """Whether somebody of the staff has still to show a second factor in this session."""
    return settings.STAFF_MFA_REQUIRED and not any(
        record.get("method") == "mfa" for record in get_authentication_records(request, request.user)
    )


def way_to_show(request, then: str) -> str:
    """Where to show a second factor and go on to `then`; where to add one, for who has none."""
    types = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    if Authenticator.Type.TOTP in types:
        page = "mfa_reauthenticate"
    elif Authenticator.Type.WEBAUTHN in types:
        page = "mfa_reauthenticate_webauthn"
    else:
        return reverse("mfa_index")
    return f"{reverse(page)}?{urlencode({'next': then})}"


def reset(user: User) -> int:
    """Take away all second factors of somebody who lost them, and sign them out everywhere; how many there were.

    Whoever does it has checked who asks. The person hears of it by mail.
    """
    with transaction.atomic():
        number, _ = Authenticator.objects.filter(user=user).delete()
        end_all(user)
        if number:
            queue_mail("factor_reset", user.pk)
    return number
