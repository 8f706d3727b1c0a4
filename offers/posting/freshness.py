"""An offer stays up as long as somebody says that it still stands.

After a while its recruiter is asked, by a mail whose links need no password; without an answer the offer ends on its
day, of which they are told beforehand. What has been said is a row of `Notice`, unique by offer, kind and date: a run
can be repeated, and two at once say everything once.
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
# What a link of a mail may do, and the verb of Offer that does it.
VERBS = {"confirmer": "confirm", "pourvue": "fill", "retirer": "withdraw", "renouveler": "renew"}


def stands(kind: Kind, at: datetime) -> Q:
    """Of the offers that are out at `at`, those that a notice of that kind speaks of.

    Nobody is asked to confirm what is about to end: they are told that it ends.
    """
    week, day = at + timedelta(days=7), at + timedelta(days=1)
    long_ago = at - timedelta(days=settings.CONFIRM_AFTER_DAYS)
    return {
        Kind.CONFIRM: Q(LessThanOrEqual(SINCE[Kind.CONFIRM], long_ago), expires_at__gt=week),
        Kind.WEEK: Q(expires_at__lte=week, expires_at__gt=day),
        Kind.DAY: Q(expires_at__lte=day),
    }[kind]


def due(kind: Kind, at: datetime):
    """The offers that are out at `at` and of which a notice of that kind is due; with its date as `since`."""
    out = Offer.objects.published(at).filter(company__isnull=False).annotate(since=SINCE[kind])
    said = Notice.objects.filter(offer=OuterRef("pk"), kind=kind, since=OuterRef("since"))
    return out.filter(~Exists(said), stands(kind, at))


def run(at: datetime | None = None) -> int:
    """Say what is due at `at` (now by default); how many notices. Each recruiter gets one mail for all of theirs."""
    at, count = at or timezone.now(), 0
    while said := _say_some(at):
        count += said
    return count


@transaction.atomic
def _say_some(at) -> int:
    mine = uuid.uuid4()
    notices = [
        Notice(offer_id=pk, kind=kind, since=since, run=mine)
        for kind in Kind
        for pk, since in due(kind, at).order_by("pk").values_list("pk", "since")[:BATCH]
    ]
    # Those that another run has just written are left to it.
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    written = list(Notice.objects.filter(run=mine).order_by("pk"))
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
    """Who hears of each offer: who asked for its publication, if they are still there, or the company’s owners."""
    asking = OfferEvent.objects.asking().filter(offer=OuterRef("pk")).order_by("-at", "-pk")
    asked = dict(
        Offer.objects.filter(pk__in=offers)
        .annotate(asker=Subquery(asking.values("asked_by")[:1]))
        .values_list("pk", "asker")
    )
    found = {pk: [] for pk in offers}
    members = Membership.objects.filter(company__offers__in=offers, user__is_active=True).order_by("pk")
    owners = defaultdict(list)
    for pk, user, role in members.values_list("company__offers", "user", "role"):
        if pk in found and user == asked[pk]:
            found[pk] = [user]
        elif role == MemberRole.OWNER:
            owners[pk].append(user)
    return {pk: users or owners[pk] for pk, users in found.items()}
