"""What a role's public page shows, gathered in at most nine queries, whatever the number of rows."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.utils import timezone

from careers import salary
from careers.enums import Level, Zone
from careers.models import Role
from careers.prose import PROSE
from jobboard.caching.values import CachedValues
from jobboard.text.keys import search_key

OFFERS_SHOWN = 6
# The pay of so many offers takes milliseconds to count: once an hour is enough.
PAY_CACHED_FROM = 500
_pay = CachedValues(size=2_000, seconds=3_600)
# Fewer salaries than these would tell more about one employer than about the role.
LIVE_PAY_FROM = 5


@dataclass(frozen=True)
class Section:
    """A part of the page that has something to say, and its line in the contents list."""

    anchor: str
    title: str
    text: str = ""
    entries: tuple = ()


@dataclass(frozen=True)
class Cell:
    """A cell of the salary table; `note` is the number of its source under the table."""

    zone: Zone
    band: object | None = None
    note: int = 0

    @property
    def amounts(self) -> str:
        return salary.amounts(self.band.minimum, self.band.maximum) if self.band else ""


@dataclass(frozen=True)
class Grid:
    """The salary table and its picture. `sources` are (source, year) in the order of their numbers."""

    zones: list[Zone]
    rows: list[tuple[Level, list[Cell]]]
    sources: list[tuple[str, int]]
    picture: salary.Picture


def grid(bands, median: int | None) -> Grid | None:
    bands = list(bands)
    if not bands:
        return None
    cells = {(band.level, band.zone): band for band in bands}
    zones = [zone for zone in Zone if any(band.zone == zone for band in bands)]
    notes, rows = {}, []
    for level in Level:
        if not any(band.level == level for band in bands):
            continue
        row = []
        for zone in zones:
            band = cells.get((level, zone))
            row.append(
                Cell(zone, band, notes.setdefault((band.source, band.year), len(notes) + 1)) if band else Cell(zone)
            )
        rows.append((level, row))
    return Grid(zones, rows, list(notes), salary.picture(bands, median))


def also_called(role: Role) -> list[str]:
    """The other titles, those left out that the heading of the page already says."""
    said = f" {search_key(role.long_name)} "
    found = {}
    for title in [role.full_name, *(other.title for other in role.titles.all())]:
        key = search_key(title)
        if key and f" {key} " not in said:
            found.setdefault(key, title)
    return list(found.values())


def context(role: Role) -> dict:
    """The context of careers/detail.html."""
    prefetch_related_objects([role], "titles", "entries", "bands", "faq")
    lists = defaultdict(list)
    for entry in role.entries.all():
        lists[entry.section].append(entry)

    published = role.offers.published()
    offers = list(published.for_cards().newest_first()[:OFFERS_SHOWN])
    count = len(offers) if len(offers) < OFFERS_SHOWN else published.count()
    live_pay, paid_on = _live_pay(role, published, count)
    neighbours = [] if offers else list(Role.offer_model().objects.published().for_cards().newest_first()[:4])

    the_grid = grid(role.bands.all(), role.median_salary)
    questions = [(entry, lists[entry.illustration] if entry.illustration else []) for entry in role.faq.all()]

    sections = []
    for prose in PROSE:
        text, entries = getattr(role, prose.field), lists[prose.entries] if prose.entries else []
        if text.strip() or entries or (prose.field == "salary" and (the_grid or live_pay)):
            sections.append(Section(prose.anchor, prose.heading, text, tuple(entries)))
    if offers or neighbours:
        sections.append(Section("offres", "Offres"))
    if questions:
        sections.append(Section("questions", "Questions fréquentes"))

    return {
        "role": role,
        "also_called": also_called(role),
        "sections": sections,
        "grid": the_grid,
        "zones": list(Zone),
        "live_pay": live_pay,
        "paid_on": paid_on,
        "offers": offers,
        "offer_count": count,
        "neighbours": neighbours,
        "questions": questions,
    }


def surrogate_keys(context: dict) -> set[str]:
    role, offers = context["role"], [*context["offers"], *context["neighbours"]]
    keys = {f"role:{role.pk}", f"role_offers:{role.pk}"}.union(*(offer.surrogate_keys for offer in offers))
    return keys if context["offers"] else keys | {"published"}


def _live_pay(role: Role, published, count: int):
    """Return what the role's `count` published offers pay, and the day it was computed on; (None, None) for too few."""
    if count < LIVE_PAY_FROM:
        return None, None

    def compute():
        return published.pay_quartiles(), timezone.localdate()

    pay, day = _pay.get_or_compute(role.pk, compute) if count >= PAY_CACHED_FROM else compute()
    return (pay, day) if pay and pay.count >= LIVE_PAY_FROM else (None, None)
