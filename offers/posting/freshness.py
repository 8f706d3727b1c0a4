"""Reminders to recruiters: confirm that an offer is still open, or renew it before it ends.

The links of the mail need no password; without an answer the offer expires on its date. Each reminder is a row of
`Notice`, unique by offer, kind and date: a run is idempotent, and concurrent runs send each reminder once.
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
# The date that gives rise to a notice: another date is another notice.
SINCE = {
    Kind.CONFIRM: Coalesce("confirmed_at", "published_at"),
    Kind.WEEK: F("expires_at"),
    Kind.DAY: F("expires_at"),
}
# The actions of the links in the mail, with the transition of Offer that carries each out.
ACTIONS = {"confirmer": "confirm", "pourvue": "fill", "retirer": "withdraw", "renouveler": "renew"}


def notice_condition(kind: Kind, at: datetime) -> Q:
    """Return the condition for a notice of `kind`, for offers published at `at`.

    An offer that ends within a week gets the notice of its end instead of a request to confirm it.
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
    # A concurrent run mails the notices that it has created.
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    written = list(Notice.objects.filter(run=run).order_by("pk"))
    by_user = defaultdict(list)
    recipients = _recipients({notice.offer_id for notice in written})
    for notice in written:
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
    return len(written)


def _recipients(offers: set[int]) -> dict[int, list[int]]:
    """Return the pks of the recipients by offer: the member who asked for its publication, else the owners."""
    asking = OfferEvent.objects.publication_requests().filter(offer=OuterRef("pk")).order_by("-at", "-pk")
    asked = dict(
        Offer.objects.filter(pk__in=offers)
        .annotate(asker=Subquery(asking.values("requested_by")[:1]))
        .values_list("pk", "asker")
    )
    recipients = {pk: [] for pk in offers}
    members = Membership.objects.filter(company__offers__in=offers, user__is_active=True).order_by("pk")
    owners = defaultdict(list)
    for pk, user, role in members.values_list("company__offers", "user", "role"):
        if pk in recipients and user == asked[pk]:
            recipients[pk] = [user]
        elif role == MemberRole.OWNER:
            owners[pk].append(user)
    return {pk: users or owners[pk] for pk, users in recipients.items()}
