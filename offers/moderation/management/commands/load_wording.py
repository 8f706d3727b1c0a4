from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from offers.moderation.models import WordingTerm
from offers.moderation.wording.terms import DEFAULT_FILE, TermDefinition, read_terms


class Command(BaseCommand):
    help = (
        "Charge les tournures à relire livrées avec le site\u00a0: les lignes nouvelles sont ajoutées, celles que plus "
        "rien ne livre retirées\u00a0; ce que les curateurs ont modifié, désactivé ou ajouté reste tel quel."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT_FILE)

    @transaction.atomic
    def handle(self, *, file, verbosity, **options):
        try:
            shipped = {term.line: term for term in read_terms(file)}
        except ValueError as error:
            raise CommandError(f"{file.name} est refusé en entier\u00a0: {error}") from None
        removed, known, taken = [], set(), set()
        for row in WordingTerm.objects.all():
            if row.shipped_as and row.shipped_as not in shipped and self.is_unchanged(row):
                removed.append(row.pk)
                continue
            known.add(row.shipped_as)
            taken.add((row.category, row.phrase, row.title_only))
        WordingTerm.objects.filter(pk__in=removed).delete()
        new = [
            WordingTerm(**term._asdict(), shipped_as=line)
            for line, term in shipped.items()
            # A row of a curator for the same phrase takes precedence.
            if line not in known and (term.category, term.phrase, term.title_only) not in taken
        ]
        WordingTerm.objects.bulk_create(new)
        if verbosity:
            self.stdout.write(
                f"Tournures à relire\u00a0: {len(new)} ajoutées, {len(removed)} retirées, "
                f"{WordingTerm.objects.count()} en tout."
            )

    @staticmethod
    def is_unchanged(row: WordingTerm) -> bool:
        term = TermDefinition(row.category, row.effect, row.phrase, row.title_only, row.advice)
        return row.active and term.line == row.shipped_as
