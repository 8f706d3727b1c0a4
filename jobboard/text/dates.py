"""Dates in French. Datetimes are converted to the timezone of the site first."""

import datetime
from functools import lru_cache
from math import ceil

from django.utils import formats, timezone

from jobboard.text.numbers import NBSP, counted


def long_date(value: datetime.date | None) -> str:
    """Return a date or datetime as “24 novembre 2026” or “1er janvier 2026”."""
    return "" if value is None else _long_date(local_date(value))


def long_datetime(value: datetime.datetime | None) -> str:
    """Return a datetime as “1er janvier 2026 à 10:30”."""
    return "" if value is None else f"{long_date(value)} à {timezone.localtime(value):%H:%M}"


def iso_date(value: datetime.date | None) -> str:
    """Return the date of a date or datetime as “2026-11-24”, for the attribute `datetime` of <time>."""
    return "" if value is None else local_date(value).isoformat()


def waiting_time(seconds: float) -> str:
    """Return seconds as “30 secondes”, “1 minute” or “15 minutes”, rounded up."""
    count, unit = (ceil(seconds), "seconde") if seconds < 60 else (ceil(seconds / 60), "minute")
    return counted(count, unit)


def elapsed(since: datetime.datetime, at: datetime.datetime) -> str:
    """Return the time from `since` to `at`, rounded down: “moins d’une heure”, “5 heures”, “1 jour”."""
    hours = max(int((at - since).total_seconds() // 3600), 0)
    if not hours:
        return "moins d’une heure"
    count, unit = (hours, "heure") if hours < 24 else (hours // 24, "jour")
    return counted(count, unit)


def ago(value: datetime.date | None, today: datetime.date | None = None) -> str:
    """Return a past date or datetime relative to `today`: “hier”, “il y a 5 jours”, “le 6 janvier 2025”.

    Lists pass `today` to compute it once.
    """
    if value is None:
        return ""
    day = local_date(value)
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


@lru_cache(maxsize=1_000)
def _long_date(day: datetime.date) -> str:
    day_of_month = "1er" if day.day == 1 else str(day.day)
    return f"{day_of_month}{NBSP}{formats.date_format(day, 'F Y')}"


def end_of_day(day: datetime.date) -> datetime.datetime:
    """Return the last second of a day in the timezone of the site, for what is valid “until” that day."""
    return datetime.datetime.combine(day, datetime.time(23, 59, 59), timezone.get_default_timezone())


def local_date(value: datetime.date) -> datetime.date:
    """Return the date of a datetime in the timezone of the site; a date is returned unchanged."""
    if isinstance(value, datetime.datetime):
        # Not the current one, which is looked up for each call: the site has one timezone.
        return value.astimezone(timezone.get_default_timezone()).date()
    return value
