"""Mails that tell moderators that something waits: every morning, and by setting also soon after an arrival."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db.models import Max, QuerySet
from django.utils import timezone

from jobboard.mail.models import OutboxMessage
from jobboard.mail.outbox import outbox_message, queue_mails
from jobboard.text.dates import iso_date
from offers.moderation.backlog import read_backlog

KIND = "moderation.reminder"


def moderators() -> QuerySet:
    """Return the active staff who may moderate offers and have confirmed their e-mail address.

    Permissions are those of the account: there is no session, whose second factor `User.has_perm` asks for.
    """
    users = ModelBackend().with_perm("offers.moderate_offer")
    return get_user_model().objects.confirmed().filter(pk__in=users.filter(is_staff=True).values("pk")).order_by("pk")


def queue_daily_notices(at: datetime | None = None) -> None:
    """Queue the mails of the day unless the backlog is empty. Idempotent."""
    if settings.MODERATION_MAILS != "off" and read_backlog(at):
        _queue(iso_date(at or timezone.now()))


def queue_arrival_notices() -> None:
    """Queue mails if anything has arrived since the last ones. Idempotent: their key is the newest arrival."""
    if settings.MODERATION_MAILS != "immediate":
        return
    newest = max((items.newest for items in read_backlog()), default=None)
    last = OutboxMessage.objects.filter(kind=KIND).aggregate(at=Max("created_at"))["at"]
    if newest and (last is None or newest > last):
        _queue(newest.isoformat())


def _queue(occurrence: str) -> None:
    """Queue a mail for each moderator; without moderators who have confirmed an address, one for TEAM_EMAILS."""
    users = list(moderators().values_list("pk", flat=True)) or [None]
    queue_mails([outbox_message(KIND, f"{occurrence}:{user or 'team'}", user=user) for user in users])
