from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import transaction

from offers.search import synonyms
from offers.search.models import SynonymSet
from offers.search.synonyms import SynonymGroup

Kind = SynonymSet.Kind


def line(found: SynonymGroup) -> str:
    """Return the group as a line of the file, in canonical form."""
    first, *others = found.expressions
    return f"{first} => {', '.join(others)}" if found.one_way else ", ".join(found.expressions)


class Command(BaseCommand):
    help = (
        "Charge les synonymes livrés avec le site\u00a0: les lignes nouvelles sont ajoutées, celles que plus rien ne "
        "livre retirées\u00a0; ce que les curateurs ont modifié, désactivé ou ajouté reste tel quel."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, default=synonyms.SHIPPED)

    @transaction.atomic
    def handle(self, *, file, verbosity, **options):
        shipped = {line(found): found for found in synonyms.read_file(file)}
        gone = 0
        known = set()
        for row in SynonymSet.objects.exclude(shipped_as=""):
            if row.shipped_as in shipped:
                known.add(row.shipped_as)
            elif self.untouched(row):
                row.delete()
                gone += 1
        used = [SynonymGroup(row.expressions) for row in SynonymSet.objects.filter(active=True, kind=Kind.SAME)]
        new, idle = [], 0
        for text, found in shipped.items():
            if text in known:
                continue
            # A curator's group of the same words takes precedence: the line is added disabled, for them to review.
            active = found.one_way or not synonyms.find_conflict(found, used)
            idle += not active
            new.append(
                SynonymSet(
                    words=", ".join(found.expressions),
                    kind=Kind.ALSO if found.one_way else Kind.SAME,
                    active=active,
                    shipped_as=text,
                )
            )
        SynonymSet.objects.bulk_create(new)
        if verbosity:
            off = f" (dont {idle} désactivés, d’autres lignes ayant déjà leurs mots)" if idle else ""
            self.stdout.write(
                f"Synonymes\u00a0: {len(new)} ajoutés{off}, {gone} retirés, {SynonymSet.objects.count()} en tout."
            )

    @staticmethod
    def untouched(row: SynonymSet) -> bool:
        found = SynonymGroup(row.expressions, row.kind == Kind.ALSO)
        return row.active and line(found) == row.shipped_as
