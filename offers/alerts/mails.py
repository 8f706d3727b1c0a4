"""The mails about alerts: plain text. Nothing that a stranger typed goes to an address that nobody has confirmed."""

import time
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from jobboard.mail.kinds import Mail, absolute_url, mail_kind
from offers.alerts import links, saved
from offers.alerts.models import Alert
from offers.models import Offer

# Offers that one mail lists.
LISTED = 20
# Seconds for which the text of a search is shared by the mails of its alerts.
TEXT_TTL = 60


@mail_kind("alerts.confirm", "alerte, à confirmer")
def confirm(alert: int) -> Mail | None:
    found = Alert.objects.active().filter(pk=alert, confirmed_at=None).first()
    return found and _mail(
        "confirm",
        found,
        search=saved.label(saved.replay(found.query), own_words=False),
        confirm_url=links.link(links.CONFIRM, found),
        days=links.lasts(links.CONFIRM).days,
    )


@mail_kind("alerts.manage", "alerte, lien vers la liste")
def manage(alert: int) -> Mail | None:
    found = Alert.objects.active().filter(pk=alert).first()
    return found and _mail(
        "manage", found, manage_url=links.link(links.MANAGE, found), days=links.lasts(links.MANAGE).days
    )


def suspend(alert: int, **context) -> None:
    """Suspend an alert whose address refused the last attempt of a mail."""
    if found := Alert.objects.filter(pk=alert).first():
        found.suspend()


@mail_kind("alerts.new_offers", "alerte, nouvelles offres", rate_limit="ALERT_MAILS_PER_SECOND", on_refused=suspend)
def new_offers(alert: int, offers: list[int], more: bool) -> Mail | None:
    """List the `offers`, newest first, that are still published; `more` says that the search found others.

    None when the alert has been paused or ended since.
    """
    found = Alert.objects.filter(pk=alert, due_at__isnull=False).first()
    versions = dict(Offer.objects.published().filter(pk__in=offers).values_list("pk", "updated_at"))
    if found is None or not versions:
        return None
    published = tuple((pk, versions[pk]) for pk in offers if pk in versions)
    text = _text(found.query, found.label, published, more, int(time.monotonic() // TEXT_TTL))
    stop_url = links.link(links.STOP, found)
    headers = {
        "List-Unsubscribe": f"<{stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<alertes.{urlsplit(settings.SITE_URL).hostname}>",
    }
    return _mail(
        "new_offers",
        found,
        headers,
        count=text.count,
        more=more,
        found=text.text,
        manage_url=links.link(links.MANAGE, found),
        stop_url=stop_url,
    )


@dataclass(frozen=True)
class SharedText:
    """What is the same in the mails of all alerts for one search: nothing in it is of one person."""

    count: int
    text: str


@lru_cache(maxsize=64)
def _text(query: str, label: str, versions: tuple[tuple, ...], more: bool, time_slot: int) -> SharedText:
    """Render the list of offers, which are (pk, updated_at), or return that of another alert with the same search."""
    rows = Offer.objects.for_cards().in_bulk([pk for pk, _ in versions])
    return render_text(query, label, [rows[pk] for pk, _ in versions if pk in rows], more)


def render_text(query: str, label: str, offers: list[Offer], more: bool) -> SharedText:
    context = {
        "label": label,
        "offers": offers[:LISTED],
        "count": len(offers),
        "others": max(len(offers) - LISTED, 0),
        "more": more,
        "list_url": absolute_url(reverse("catalogue:list") + (f"?{query}" if query else "")),
        "site_url": settings.SITE_URL,
    }
    return SharedText(count=len(offers), text=render_to_string("alerts/mail/new_offers_found.txt", context))


def _mail(event: str, alert: Alert, headers: dict[str, str] | None = None, **context) -> Mail:
    return Mail(f"alerts/mail/{event}", {"alert": alert, **context}, to=[alert.email], headers=headers or {})
