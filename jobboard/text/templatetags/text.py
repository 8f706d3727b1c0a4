"""Dates, numbers and prose as a French reader expects them in print."""

import datetime
from functools import lru_cache

from django import template
from django.template.defaultfilters import stringfilter
from django.utils import formats, timezone

from jobboard.text import lines
from jobboard.text import markdown as _markdown

register = template.Library()

NBSP = "\u00a0"
THIN = "\u202f"


@register.filter
def markdown(text):
    return _markdown.render(text or "")


@register.filter(is_safe=True)
@stringfilter
def in_one_line(text: str) -> str:
    """Return `text` on one line: for a mail's sentence or an attribute that a template writes on several."""
    return lines.in_one_line(text)


@register.filter
def thousands(number) -> str:
    """1234567 as “1 234 567”, with narrow no-break spaces."""
    return "" if number is None else f"{number:,}".replace(",", THIN)


@register.filter
def euros(amount) -> str:
    """45000 as “45 000 €”."""
    return "" if amount is None else f"{thousands(amount)}{NBSP}€"


@register.filter
def long_date(moment) -> str:
    """24 novembre 2026, 1er janvier 2026: the day stays with its month."""
    if moment is None:
        return ""
    return _in_words(local_day(moment))


@register.filter
def day_code(moment) -> str:
    """2026-11-24, for programs that read the page."""
    return "" if moment is None else local_day(moment).isoformat()


@lru_cache(maxsize=1_000)
def _in_words(day: datetime.date) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NBSP}{formats.date_format(day, 'F Y')}"


@register.filter
def local_day(moment) -> datetime.date:
    """Return the day of a datetime in the site's time zone; a date as it is."""
    return timezone.localtime(moment).date() if isinstance(moment, datetime.datetime) else moment


@register.filter
def ago(moment, today: datetime.date | None = None) -> str:
    """Return a past date in words: aujourd’hui, hier, il y a 5 jours, il y a 3 mois, le 6 janvier 2025.

    Lists pass `today`, to work it out once.
    """
    if moment is None:
        return ""
    day = local_day(moment)
    days = ((today or timezone.localdate()) - day).days
    if days <= 0:
        return "aujourd’hui"
    if days == 1:
        return "hier"
    if days < 31:
        return f"il y a {days}{NBSP}jours"
    if days < 365:
        return f"il y a {days * 12 // 365 or 1}{NBSP}mois"
    return f"le {long_date(day)}"
