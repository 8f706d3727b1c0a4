from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import transaction

from offers.search import synonyms
from offers.search.models import SynonymSet
from offers.search.synonyms import SynonymGroup

Kind = SynonymSet.Kind


class Command(BaseCommand):
    help = (
        "Charge les synonymes livrés avec le site\u00a0: les lignes nouvelles sont ajoutées, celles que plus rien ne "
        "livre retirées\u00a0; ce que les curateurs ont modifié, désactivé ou ajouté reste tel quel."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, default=synonyms.DEFAULT_FILE)

    @transaction.atomic
    def handle(self, *, file, verbosity, **options):
        shipped = {synonyms.format_line(group): group for group in synonyms.read_file(file)}
        deleted = 0
        known = set()
        for row in SynonymSet.objects.exclude(shipped_as=""):
            if row.shipped_as in shipped:
                known.add(row.shipped_as)
            elif self.is_unchanged(row):
                row.delete()
                deleted += 1
        active_groups = [
            SynonymGroup(row.expressions) for row in SynonymSet.objects.filter(active=True, kind=Kind.SAME)
        ]
        new, disabled = [], 0
        for text, group in shipped.items():
            if text in known:
                continue
            # A group of a curator with the same words takes precedence: add the line disabled, for review.
            active = group.kind != Kind.SAME or not synonyms.find_conflict(group, active_groups)
            disabled += not active
            new.append(
                SynonymSet(
                    words=", ".join(group.expressions),
                    kind=group.kind,
                    active=active,
                    shipped_as=text,
                )
            )
        SynonymSet.objects.bulk_create(new)
        if verbosity:
            off = f" (dont {disabled} désactivés, d’autres lignes ayant déjà leurs mots)" if disabled else ""
            self.stdout.write(
                f"Synonymes\u00a0: {len(new)} ajoutés{off}, {deleted} retirés, {SynonymSet.objects.count()} en tout."
            )

    @staticmethod
    def is_unchanged(row: SynonymSet) -> bool:
        group = SynonymGroup(row.expressions, Kind(row.kind))
        return row.active and synonyms.format_line(group) == row.shipped_as
