"""The Markdown fields of a role profile, listed once: page, files, admin and validation follow this order."""

from typing import NamedTuple

from careers.enums import EntrySection


class Prose(NamedTuple):
    """A Markdown field of Role: its section on the page, and the list of entries that stands under it, if any."""

    field: str
    anchor: str
    heading: str
    entries: EntrySection | None


PROSE = (
    Prose("definition", "definition", "Définition", None),
    Prose("missions", "missions", "Missions", EntrySection.MISSION),
    Prose("skills", "competences", "Compétences", EntrySection.SKILL),
    Prose("soft_skills", "qualites", "Qualités", EntrySection.SOFT_SKILL),
    Prose("training", "formation", "Formation", EntrySection.TRAINING),
    Prose("evolution", "evolution", "Évolution", EntrySection.EVOLUTION),
    Prose("salary", "salaire", "Salaire", None),
    Prose("sectors", "secteurs", "Secteurs", EntrySection.SECTOR),
)
FIELDS = [prose.field for prose in PROSE]
