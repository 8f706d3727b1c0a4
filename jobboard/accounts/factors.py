"""Second factors: required for staff, checked per session, asked again before changes, removed when lost."""

import functools
import time

from allauth.account import app_settings as account_settings
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode

from jobboard.accounts.adapter import queue_account_mail
from jobboard.accounts.models import User
from jobboard.accounts.open_sessions import end_all_sessions

# The key in the data of an authenticator.
LAST_COUNTER = "last_counter"


def is_second_factor_verified(request, user) -> bool:
    """Return whether the user has authenticated with a second factor in the session of the request."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, user))


def has_second_factor(user) -> bool:
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def recent_second_factor_required(view):
    """Require users with a second factor to have used it in the last minutes, in this session. For sensitive pages.

    The reauthentication of allauth also accepts a password that was confirmed before the factor was added.
    """

    @functools.wraps(view)
    def wrapper(request, *args, **kwargs):
        if (
            not request.user.is_authenticated
            or _is_second_factor_recent(request)
            or not has_second_factor(request.user)
        ):
            return view(request, *args, **kwargs)
        if any("password" in name for name in request.POST):
            # Not ReauthenticationRequired, which stores the posted data in the session.
            query = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('account_reauthenticate')}?{query}")
        raise ReauthenticationRequired

    return wrapper


def _is_second_factor_recent(request) -> bool:
    since = time.time() - account_settings.REAUTHENTICATION_TIMEOUT
    return any(
        record.get("method") == "mfa" and record.get("reauthenticated") and record["at"] > since
        for record in get_authentication_records(request, request.user)
    )


def totp_counters(secret: str, code: str) -> list[int]:
    """Return the counters (intervals of 30 seconds) around now for which an app with this secret shows `code`."""
    code = "".join(code.split())
    return [
        counter
        for counter in yield_hotp_counters_from_time()
        if constant_time_compare(format_hotp_value(hotp_value(secret, counter)), code)
    ]


def use_code(authenticator: Authenticator, code: str) -> bool:
    """Return whether a code of an app or a recovery code is valid, and make it invalid: it is accepted once.

    The row of the authenticator stores the last accepted counter; codes of this counter and earlier ones are refused.
    """
    if authenticator.type != Authenticator.Type.TOTP:
        # Marks the recovery code as used, with a lock on the row.
        return authenticator.wrap().validate_code(code)
    with transaction.atomic():
        locked = Authenticator.objects.select_for_update().filter(pk=authenticator.pk).first()
        if locked is None:
            return False
        last = locked.data.get(LAST_COUNTER, 0)
        counters = [counter for counter in totp_counters(decrypt(locked.data["secret"]), code) if counter > last]
        if not counters:
            return False
        locked.data[LAST_COUNTER] = authenticator.data[LAST_COUNTER] = counters[0]
        locked.save(update_fields=["data"])
    return True


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
