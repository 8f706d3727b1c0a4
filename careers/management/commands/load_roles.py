from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from careers import files
from careers.models import Role


class Command(BaseCommand):
    help = (
        "Load role profiles from their files. A profile that was edited on the site since it was last loaded is left "
        "alone. Files with errors stop the whole run: then nothing at all has changed."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "paths", nargs="*", type=Path, help="files, or folders of files (default: those that come with the site)"
        )
        parser.add_argument("--overwrite", action="store_true", help="load over edits made on the site too")

    def handle(self, *, paths, overwrite, **options):
        documents, refused = {}, []
        for path in self.files(paths or [files.CONTENT]):
            try:
                slug, document = files.read(path)
                if slug in documents:
                    raise files.InvalidFile(path, [f"a second file for the role {slug}"])
                documents[slug] = document
            except files.InvalidFile as error:
                refused.append(str(error))
        if refused:
            raise CommandError("\n".join([*refused, "Nothing was loaded."]))
        if not documents:
            self.stdout.write("No role profile to load.")
            return
        with transaction.atomic():
            for slug, document in sorted(documents.items()):
                self.stdout.write(f"{slug}: {self.load(slug, document, overwrite)}")

    def files(self, paths) -> list[Path]:
        toml_files = []
        for path in paths:
            if path.is_dir():
                toml_files += sorted(path.glob("*.toml"))
            else:
                toml_files.append(path)
        return toml_files

    def load(self, slug, document, overwrite) -> str:
        role = Role.objects.select_for_update().filter(slug=slug).first()
        if role is None:
            files.store(document, slug)
            return "created"
        current, new = files.digest(files.document(role)), files.digest(document)
        if current == new:
            # The file now contains the curator's edit, so it needs no protection from the next load.
            Role.objects.filter(pk=role.pk).update(loaded_digest=new)
            return "unchanged"
        edited = current != role.loaded_digest
        if edited and not overwrite:
            return self.style.WARNING(
                "left alone: edited on the site since it was last loaded (--overwrite loads the file all the same)"
            )
        files.store(document, slug, role)
        return "overwritten, edits made on the site are gone" if edited else "updated"
