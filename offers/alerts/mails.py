"""The mails about alerts. Mails to an unconfirmed e-mail address contain no text typed by a user."""

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

# Maximum count of offers in one mail.
MAX_LISTED = 20
# Seconds for which mails of alerts with the same search share a rendered text.
TEXT_TTL = 60


@mail_kind("alerts.confirm", "alerte, à confirmer")
def confirm(alert: int) -> Mail | None:
    instance = Alert.objects.active().filter(pk=alert, confirmed_at=None).first()
    return instance and _mail(
        "confirm",
        instance,
        search=saved.label(saved.replay(instance.query), own_words=False),
        confirm_url=links.absolute_url(links.CONFIRM, instance),
        days=links.lifetime(links.CONFIRM).days,
    )


@mail_kind("alerts.manage", "alerte, lien vers la liste")
def manage(alert: int) -> Mail | None:
    instance = Alert.objects.active().filter(pk=alert).first()
    return instance and _mail(
        "manage",
        instance,
        manage_url=links.absolute_url(links.MANAGE, instance),
        days=links.lifetime(links.MANAGE).days,
    )


def suspend(alert: int, **context) -> None:
    """Suspend an alert after the server has refused the last attempt of a mail to its address."""
    if instance := Alert.objects.filter(pk=alert).first():
        instance.suspend()


@mail_kind("alerts.new_offers", "alerte, nouvelles offres", rate_limit="ALERT_MAILS_PER_SECOND", on_refused=suspend)
def new_offers(alert: int, offers: list[int], more: bool) -> Mail | None:
    """List the published ones among `offers` (pks, newest first). `more`: whether the search has further results.

    Return None if the alert was paused or unsubscribed, or none of the offers is published any more.
    """
    instance = Alert.objects.filter(pk=alert, due_at__isnull=False).first()
    versions = dict(Offer.objects.published().filter(pk__in=offers).values_list("pk", "updated_at"))
    if instance is None or not versions:
        return None
    published = tuple((pk, versions[pk]) for pk in offers if pk in versions)
    text = _text(instance.query, instance.label, published, more, int(time.monotonic() // TEXT_TTL))
    stop_url = links.absolute_url(links.STOP, instance)
    headers = {
        "List-Unsubscribe": f"<{stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<alertes.{urlsplit(settings.SITE_URL).hostname}>",
    }
    return _mail(
        "new_offers",
        instance,
        headers,
        count=text.count,
        more=more,
        offers_text=text.text,
        manage_url=links.absolute_url(links.MANAGE, instance),
        stop_url=stop_url,
    )


@dataclass(frozen=True)
class SharedText:
    """The text shared by the mails of all alerts with the same search; it contains no personal data."""

    count: int
    text: str


@lru_cache(maxsize=64)
def _text(query: str, label: str, versions: tuple[tuple, ...], more: bool, time_slot: int) -> SharedText:
    """Render the list of offers, given as (pk, updated_at). Cached: alerts with the same search share it."""
    rows = Offer.objects.for_cards().in_bulk([pk for pk, _ in versions])
    return render_text(query, label, [rows[pk] for pk, _ in versions if pk in rows], more)


def render_text(query: str, label: str, offers: list[Offer], more: bool) -> SharedText:
    context = {
        "label": label,
        "offers": offers[:MAX_LISTED],
        "count": len(offers),
        "others": max(len(offers) - MAX_LISTED, 0),
        "more": more,
        "list_url": absolute_url(reverse("catalogue:list") + (f"?{query}" if query else "")),
        "site_url": settings.SITE_URL,
    }
    return SharedText(count=len(offers), text=render_to_string("alerts/mail/new_offers_list.txt", context))


def _mail(event: str, alert: Alert, headers: dict[str, str] | None = None, **context) -> Mail:
    return Mail(f"alerts/mail/{event}", {"alert": alert, **context}, to=[alert.email], headers=headers or {})
