"""Where somebody is signed in: the library lists sessions, Django keeps them."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone


def live_keys(at=None):
    """The keys of the sessions that have not ended at `at`, for a condition."""
    return Session.objects.filter(expire_date__gt=at or timezone.now()).values("session_key")


def end_all(user, but: str | None = None) -> None:
    """Sign somebody out everywhere, except in the session whose key is `but`."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    with transaction.atomic():
        Session.objects.filter(session_key__in=list(rows.values_list("session_key", flat=True))).delete()
        rows.delete()
