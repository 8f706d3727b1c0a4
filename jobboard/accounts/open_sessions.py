"""Active sessions of users: listed by allauth.usersessions, stored by Django."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone


def active_session_keys(at=None):
    """Return a subquery of the keys of the sessions that have not expired at `at` (default: now)."""
    return Session.objects.filter(expire_date__gt=at or timezone.now()).values("session_key")


def end_all_sessions(user, keep: str | None = None) -> None:
    """End all sessions of `user`, except the one with the key `keep`."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=keep or "")
    with transaction.atomic():
        Session.objects.filter(session_key__in=list(rows.values_list("session_key", flat=True))).delete()
        rows.delete()
