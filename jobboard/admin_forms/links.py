"""Links to change lists of the admin."""

from django.urls import reverse

from jobboard.admin_forms.columns import render_cell


def offers_link(count: int | None, **query):
    """Return `count` as a link to the change list of offers filtered by `query`, or “0” without a link."""
    if not count:
        return "0"
    return render_cell("link", reverse("admin:offers_offer_changelist", query=query), count)
