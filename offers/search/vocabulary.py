"""The roles and skills that filters offer as choices, loaded with one query."""

from dataclasses import dataclass

from django.db.models import CharField, F, Value

from careers.models import Role
from offers.models.skill import Skill


@dataclass(frozen=True)
class Term:
    """A role or a skill, by its canonical name."""

    kind: str  # "role" or "skill"
    pk: int
    slug: str
    label: str


class Vocabulary:
    """The published roles and all skills; offers.search.snapshot caches the newest instance."""

    def __init__(self):
        self.roles: dict[str, Term] = {}
        self.skills: dict[str, Term] = {}
        for kind, pk, slug, label in self._rows():
            terms = self.roles if kind == "role" else self.skills
            terms[slug] = Term(kind, pk, slug, label)
        self.skills_by_pk = {term.pk: term for term in self.skills.values()}

    @staticmethod
    def _rows():
        def rows(queryset, kind):
            values = {
                "kind": Value(kind, CharField()),
                "term_pk": F("id"),
                "term_slug": F("slug"),
                "label": F("name"),
            }
            return queryset.order_by().annotate(**values).values_list(*values)

        return (
            rows(Role.objects.published(), "role").union(rows(Skill.objects.all(), "skill"), all=True).order_by("label")
        )
