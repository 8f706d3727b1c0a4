"""Reminders to recruiters to confirm that an offer is still open, or to renew it before it expires.

The links of the mail need no login. Without an answer the offer expires on its date. Each reminder is a row of
`Notice`, unique by offer, kind and date: runs are idempotent, and concurrent runs send each reminder once.
"""

import uuid
from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from jobboard.mail.outbox import outbox_message, queue_mails
from offers.companies.enums import MemberRole
from offers.companies.models import Membership
from offers.models import Offer, OfferEvent
from offers.posting.models import Notice, Reminder

BATCH = 500
Kind = Notice.Kind
# By kind, the date that a notice is about: a new date leads to a new notice.
SINCE = {
    Kind.CONFIRM: Coalesce("confirmed_at", "published_at"),
    Kind.WEEK: F("expires_at"),
    Kind.DAY: F("expires_at"),
}
# The verb of Offer for each action of the links in the mail.
ACTIONS = {"confirmer": "confirm", "pourvue": "fill", "retirer": "withdraw", "renouveler": "renew"}


def notice_condition(kind: Kind, at: datetime) -> Q:
    """Return the condition for a notice of `kind`, for offers published at `at`.

    If an offer expires within a week, the notice of its expiry replaces the request to confirm it.
    """
    week, day = at + timedelta(days=7), at + timedelta(days=1)
    long_ago = at - timedelta(days=settings.CONFIRM_AFTER_DAYS)
    return {
        Kind.CONFIRM: Q(LessThanOrEqual(SINCE[Kind.CONFIRM], long_ago), expires_at__gt=week),
        Kind.WEEK: Q(expires_at__lte=week, expires_at__gt=day),
        Kind.DAY: Q(expires_at__lte=day),
    }[kind]


def due(kind: Kind, at: datetime):
    """Return the offers published at `at` for which a notice of `kind` is due, annotated with its date `since`."""
    published = Offer.objects.published(at).filter(company__isnull=False).annotate(since=SINCE[kind])
    existing = Notice.objects.filter(offer=OuterRef("pk"), kind=kind, since=OuterRef("since"))
    return published.filter(~Exists(existing), notice_condition(kind, at))


def send_reminders(at: datetime | None = None) -> int:
    """Create the notices due at `at` (now by default), one mail for each recruiter; return the count of notices."""
    at, count = at or timezone.now(), 0
    while created := _create_batch(at):
        count += created
    return count


@transaction.atomic
def _create_batch(at) -> int:
    run = uuid.uuid4()
    notices = [
        Notice(offer_id=pk, kind=kind, since=since, run=run)
        for kind in Kind
        for pk, since in due(kind, at).order_by("pk").values_list("pk", "since")[:BATCH]
    ]
    # Notices created by a concurrent run are ignored: that run mails them.
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    created_notices = list(Notice.objects.filter(run=run).order_by("pk"))
    by_user = defaultdict(list)
    recipients = _recipients({notice.offer_id for notice in created_notices})
    for notice in created_notices:
        for user in recipients[notice.offer_id]:
            by_user[user].append(notice)
    reminders = Reminder.objects.bulk_create([Reminder(user_id=user) for user in by_user])
    links = Notice.reminders.through
    links.objects.bulk_create(
        links(notice_id=notice.pk, reminder_id=reminder.pk)
        for reminder in reminders
        for notice in by_user[reminder.user_id]
    )
    queue_mails([outbox_message("posting.reminder", row.pk, reminder=row.pk) for row in reminders])
    return len(created_notices)


def _recipients(offers: set[int]) -> dict[int, list[int]]:
    """Return the pks of the recipients by offer: the member who requested the publication, else the owners."""
    requests = OfferEvent.objects.publication_requests().filter(offer=OuterRef("pk")).order_by("-at", "-pk")
    requesters = dict(
        Offer.objects.filter(pk__in=offers)
        .annotate(requester=Subquery(requests.values("requested_by")[:1]))
        .values_list("pk", "requester")
    )
    recipients = {pk: [] for pk in offers}
    members = Membership.objects.filter(company__offers__in=offers, user__is_active=True).order_by("pk")
    owners = defaultdict(list)
    for pk, user, role in members.values_list("company__offers", "user", "role"):
        if pk in recipients and user == requesters[pk]:
            recipients[pk] = [user]
        elif role == MemberRole.OWNER:
            owners[pk].append(user)
    return {pk: users or owners[pk] for pk, users in recipients.items()}
