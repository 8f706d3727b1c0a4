from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from careers import files
from careers.models import Role


class Command(BaseCommand):
    help = "Write role profiles to their files, as they are in the database."

    def add_arguments(self, parser):
        parser.add_argument("slugs", nargs="*", help="which profiles (default: all)")
        parser.add_argument("--check", action="store_true", help="write nothing, fail when a file is not up to date")
        parser.add_argument("--to", type=Path, default=files.CONTENT, metavar="FOLDER", help="another folder")

    def handle(self, *, slugs, check, to, **options):
        roles = Role.objects.with_page_content().order_by("slug")
        if slugs:
            roles = roles.filter(slug__in=slugs)
            unknown = set(slugs) - {role.slug for role in roles}
            if unknown:
                raise CommandError(f"No such role: {', '.join(sorted(unknown))}. Nothing was written.")
        stale = []
        for role in roles:
            path = to / f"{role.slug}.toml"
            text = files.dump(files.document(role)).encode()
            same = path.exists() and path.read_bytes() == text
            if same:
                self.stdout.write(f"{role.slug}: up to date")
            elif check:
                stale.append(role.slug)
                self.stdout.write(f"{role.slug}: {'differs' if path.exists() else 'has no file'}")
            else:
                to.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text)
                self.stdout.write(f"{role.slug}: written to {path}")
        if stale:
            raise CommandError(f"Files not up to date: {', '.join(stale)}. Write them with export_roles.")
