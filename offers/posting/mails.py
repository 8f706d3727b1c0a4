"""Reminders to recruiters whose offers need an answer or end soon."""

from urllib.parse import urlencode

from django.conf import settings

from jobboard.mail.kinds import Mail, absolute_url, mail_kind
from offers.posting.freshness import VERBS
from offers.posting.models import Reminder


@mail_kind("posting.reminder", "offres, relance")
def reminder(reminder: int) -> Mail | None:
    found = Reminder.objects.select_related("user").filter(pk=reminder).first()
    if found is None:
        return None
    page = absolute_url(found.get_absolute_url())
    notices = found.notices.select_related("offer__company", "offer__place").order_by("offer__expires_at", "pk")
    # What has ended or been confirmed since the row was written needs no word any more.
    lines = [
        {
            "notice": notice,
            "offer": notice.offer,
            "links": {act: f"{page}?{urlencode({'offre': notice.offer_id, 'acte': act})}" for act in VERBS},
        }
        for notice in notices
        if notice.is_current
    ]
    context = {"lines": lines, "page": page, "days": settings.CONFIRM_AFTER_DAYS}
    return Mail("posting/mail/freshness", context, to=[found.user.email]) if lines else None
