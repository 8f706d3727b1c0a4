"""Limits of wrong passwords and codes that do not let others lock a user out.

A device or a network that has signed in to the account before has a count of its own. All other networks share one
count per account, so guessing is bounded however many networks take part. Each count allows five attempts in fifteen
minutes, with growing pauses. Sign-in by passkey and the reset of the password are not limited here.

An attempt takes a slot in the database cache before the password is evaluated. Slots are added atomically and expire on
their own, so the bound holds for concurrent requests too; an attempt that succeeds gives its slot back. Nothing depends
on whether the account exists, except that devices and networks are known for existing accounts only.
"""

import secrets
import time
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from jobboard.network import client_ip, client_network

DAY = 24 * 3600
# Seconds for which a device and a network are known after a sign-in.
KNOWN_FOR = 180 * DAY
# Accounts that one device is known for: the last ones that signed in.
MAX_ACCOUNTS = 10
_SALT = "jobboard.accounts.attempts"


class Limit(NamedTuple):
    """At most `slots` attempts in `window` seconds, and `pauses` seconds after the first, second, … of them."""

    slots: int
    window: int
    pauses: tuple[int, ...] = ()


PER_ACCOUNT = Limit(5, 900, pauses=(0, 0, 30, 120))
# Over all accounts; wrong passwords only, and all attempts, which take CPU time.
PER_NETWORK = Limit(20, 900)
PER_SOURCE = Limit(30, 60)


class TooManyAttempts(Exception):
    """The attempt must not be evaluated; the next one is possible in `retry_after` seconds."""

    def __init__(self, retry_after: float):
        super().__init__(retry_after)
        self.retry_after = max(1, round(retry_after))


class Attempt(NamedTuple):
    """An attempt that may be evaluated: cache keys of the slots that it has taken."""

    keys: list[str]

    def cancel(self) -> None:
        """Give the slots back, after a success."""
        cache.delete_many(self.keys)


def reserve(request, kind: str, email: str, user_pk: int) -> Attempt:
    """Take the slots of an attempt of `kind` (password, code) for an account. Raises TooManyAttempts.

    `user_pk` is 0 if no account has the e-mail address: the attempt is counted in the same way.
    """
    account, network = f"{kind}:{email.lower()}", client_network(request)
    if device := _known_device(request, user_pk):
        # Not limited by its network, which it may share with an attacker.
        limits = [(f"{account}:device:{device}", PER_ACCOUNT)]
        source = f"device:{device}"
    else:
        known = cache.get(_network_key(user_pk, network))
        limits = [
            (f"{account}:network:{network}" if known else f"{account}:unknown", PER_ACCOUNT),
            (f"{kind}:network:{network}", PER_NETWORK),
        ]
        source = f"network:{network}"
    attempt = Attempt([])
    try:
        for name, limit in limits:
            attempt.keys.extend(_take(name, limit))
        _take(f"{kind}:rate:{source}", PER_SOURCE)
    except TooManyAttempts:
        attempt.cancel()
        raise
    return attempt


def _take(name: str, limit: Limit) -> list[str]:
    """Take a slot of a count. Return the cache keys to delete if the attempt succeeds."""
    now, pause_key = time.time(), f"attempts:{name}:pause"
    keys = [f"attempts:{name}:{slot}" for slot in range(limit.slots)]
    # The values are the expiry times; expired entries are not returned.
    ends = cache.get_many([*keys, pause_key])
    pause_end = ends.pop(pause_key, 0)
    if len(ends) == limit.slots:
        raise TooManyAttempts(max(min(ends.values()), pause_end) - now)
    if pause_end:
        raise TooManyAttempts(pause_end - now)
    for key in keys:
        if key not in ends and cache.add(key, now + limit.window, limit.window):
            break
        # Taken before, or by a concurrent attempt.
        ends.setdefault(key, now + limit.window)
    else:
        raise TooManyAttempts(min(ends.values()) - now)
    pause = limit.pauses[len(ends)] if len(ends) < len(limit.pauses) else 0
    if not pause:
        return [key]
    cache.set(pause_key, now + pause, pause)
    return [key, pause_key]


# Devices and networks that have signed in before ---------------------------------------------------------------------


def remember(request, response, user) -> None:
    """Make the device and the network of the request known for `user`, who has just been authenticated.

    The cookie holds a random id of the device and digests of accounts. It gives no access by itself.
    """
    device, accounts = _read_cookie(request) or (secrets.token_urlsafe(12), [])
    account = _account_digest(user.pk)
    accounts = [account, *(other for other in accounts if other != account)][:MAX_ACCOUNTS]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([device, accounts], salt=_SALT),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    # Without an IP, all clients would be in the same network.
    if client_ip(request):
        cache.set(_network_key(user.pk, client_network(request)), True, KNOWN_FOR)


def _known_device(request, user_pk: int) -> str:
    """Return the id of the device if it is known for the account, else ""."""
    device, accounts = _read_cookie(request) or ("", [])
    return device if _account_digest(user_pk) in accounts else ""


def _read_cookie(request) -> tuple[str, list[str]] | None:
    try:
        device, accounts = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=KNOWN_FOR
        )
    except signing.BadSignature:
        return None
    return device, accounts


def _account_digest(user_pk: int) -> str:
    return salted_hmac(_SALT, str(user_pk), algorithm="sha256").hexdigest()[:16]


def _network_key(user_pk: int, network: str) -> str:
    return f"attempts:known:{user_pk}:{network}"
