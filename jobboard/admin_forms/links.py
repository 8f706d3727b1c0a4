"""Links between change lists of the admin."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode


def offers_link(count: int | None, **query):
    """Return `count` as a link to the change list of offers filtered by `query`, or “0” without a link."""
    if not count:
        return "0"
    return format_html('<a href="{}?{}">{}</a>', reverse("admin:offers_offer_changelist"), urlencode(query), count)
