import csv
from pathlib import Path

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from jobboard.text.keys import search_key
from offers.models import Skill, SkillAlias

FILE = Path(apps.get_app_config("offers").path) / "data" / "skills.csv"


class Command(BaseCommand):
    help = (
        "Charge les premières compétences dans un site qui n’en a aucune\u00a0: ce que les curateurs en ont fait "
        "ensuite reste tel quel."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, default=FILE)
        parser.add_argument(
            "--add-missing",
            action="store_true",
            help="ajoute aussi à un site qui en a déjà celles qui lui manquent, et rien d’autre",
        )

    def handle(self, *, file, add_missing, verbosity, **options):
        rows = self.read(file)
        with transaction.atomic():
            added = 0 if Skill.objects.exists() and not add_missing else self.add(rows)
        if verbosity:
            self.stdout.write(f"Compétences\u00a0: {added} ajoutées, {Skill.objects.count()} en tout.")

    def read(self, file: Path) -> list[tuple[str, str, list[str]]]:
        """Return (name, slug, aliases) of each row. Raises CommandError if a name occurs twice in the file."""
        rows, taken, errors = [], {}, []
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                names = [row["name"], *filter(None, row["aliases"].split("|"))]
                for name in names:
                    key = search_key(name)
                    if not key or key in taken:
                        errors.append(f"«\u00a0{name}\u00a0» est vide ou figure deux fois")
                    taken[key] = name
                rows.append((row["name"], row["slug"], names[1:]))
        if errors:
            raise CommandError(f"{file.name} est refusé en entier\u00a0:\n" + "\n".join(errors))
        return rows

    def add(self, rows) -> int:
        taken = set(Skill.objects.values_list("key", flat=True)) | set(SkillAlias.objects.values_list("key", flat=True))
        slugs = set(Skill.objects.values_list("slug", flat=True))
        added = 0
        for name, slug, aliases in rows:
            if search_key(name) in taken or slug in slugs:
                continue
            skill = Skill.objects.create(name=name, slug=slug)
            for alias in aliases:
                if search_key(alias) not in taken:
                    SkillAlias.objects.create(skill=skill, name=alias)
            added += 1
        return added
