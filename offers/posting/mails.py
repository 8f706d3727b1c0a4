"""Reminders to recruiters to confirm or renew their offers."""

from urllib.parse import urlencode

from django.conf import settings

from jobboard.mail.kinds import Mail, absolute_url, mail_kind
from offers.posting.freshness import ACTIONS
from offers.posting.models import Reminder


@mail_kind("posting.reminder", "offres, relance")
def reminder(reminder: int) -> Mail | None:
    instance = Reminder.objects.select_related("user").filter(pk=reminder).first()
    if instance is None:
        return None
    page = absolute_url(instance.get_absolute_url())
    notices = instance.notices.select_related("offer__company", "offer__place").order_by("offer__expires_at", "pk")
    # Omit offers that have expired or been confirmed since.
    rows = [
        {
            "notice": notice,
            "offer": notice.offer,
            "links": {action: f"{page}?{urlencode({'offre': notice.offer_id, 'acte': action})}" for action in ACTIONS},
        }
        for notice in notices
        if notice.is_current
    ]
    context = {"lines": rows, "page": page, "days": settings.CONFIRM_AFTER_DAYS}
    return Mail("posting/mail/freshness", context, to=[instance.user.email]) if rows else None
