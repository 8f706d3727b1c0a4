"""The context of the public page of a role."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from careers import salary
from careers.enums import Level, Zone
from careers.models import Role
from careers.prose import PROSE
from jobboard.text.keys import search_key


@dataclass(frozen=True)
class PageSection:
    """A section of the page; it is rendered, and listed in the table of contents, if it has content.

    The template tag `role_offers` can add content to an empty section.
    """

    anchor: str
    title: str
    has_content: bool = False
    text: str = ""
    entries: tuple = ()


@dataclass(frozen=True)
class Cell:
    """A cell of the salary table; `note` is the footnote number of its source."""

    zone: Zone
    band: object | None = None
    note: int = 0

    @property
    def amounts(self) -> str:
        return salary.amounts(self.band.minimum, self.band.maximum) if self.band else ""


@dataclass(frozen=True)
class Grid:
    """The salary table and its chart. `sources` are (source, year) in the order of their footnotes."""

    zones: list[Zone]
    rows: list[tuple[Level, list[Cell]]]
    sources: list[tuple[str, int]]
    chart: salary.SalaryChart


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
    return Grid(zones, rows, list(notes), salary.salary_chart(bands, median))


def other_titles(role: Role) -> list[str]:
    """Return the other titles of the role, except those in the heading of the page."""
    heading = f" {search_key(role.long_name)} "
    titles = {}
    for title in [role.full_name, *(other.title for other in role.titles.all())]:
        key = search_key(title)
        if key and f" {key} " not in heading:
            titles.setdefault(key, title)
    return list(titles.values())


def context(role: Role) -> dict:
    """Return the context of careers/detail.html."""
    prefetch_related_objects([role], "titles", "entries", "bands", "faq")
    lists = defaultdict(list)
    for entry in role.entries.all():
        lists[entry.section].append(entry)

    salary_grid = grid(role.bands.all(), role.median_salary)
    questions = [(entry, lists[entry.illustration] if entry.illustration else []) for entry in role.faq.all()]

    sections = []
    for prose in PROSE:
        text, entries = getattr(role, prose.field), lists[prose.entries] if prose.entries else []
        has_content = bool(text.strip() or entries or (prose.field == "salary" and salary_grid))
        sections.append(PageSection(prose.anchor, prose.heading, has_content, text, tuple(entries)))
    sections.append(PageSection("offres", "Offres"))
    sections.append(PageSection("questions", "Questions fréquentes", has_content=bool(questions)))

    return {
        "role": role,
        "other_titles": other_titles(role),
        "sections": sections,
        "grid": salary_grid,
        "zones": list(Zone),
        "questions": questions,
    }
