"""The Markdown fields of a role profile, in the order of the page, the files and the admin."""

from typing import NamedTuple

from careers.enums import EntrySection


class Prose(NamedTuple):
    """A Markdown field of Role, its section of the page, and the list of entries below it, if any."""

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
