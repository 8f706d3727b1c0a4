from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader

# Apps of our own; those of libraries keep their history.
PACKAGES = ("jobboard", "careers", "offers")


class Command(migrate.Command):
    """Django’s `migrate`, which refuses a database with migrations that were replaced before version 1.0."""

    def handle(self, *args, **options):
        connection = connections[options["database"]]
        if unknown := replaced_migrations(MigrationLoader(connection)):
            settings_dict = connection.settings_dict
            raise CommandError(
                f"The database {settings_dict['NAME']} was created by a version before 1.0 and cannot be upgraded: "
                f"it has {len(unknown)} migrations that no longer exist, such as {'.'.join(unknown[0])}. Start over: "
                "delete it (SQLite: the file; PostgreSQL: dropdb and createdb), then run this command again. "
                "Role profiles can be saved before with the version that created it: manage.py export_roles."
            )
        return super().handle(*args, **options)


def replaced_migrations(loader: MigrationLoader) -> list[tuple[str, str]]:
    """Return the (app, name) of applied migrations of our own apps that are no longer on disk."""
    labels = {app for app, name in loader.disk_migrations if _is_ours(loader, app, name)}
    return sorted(key for key in loader.applied_migrations if key[0] in labels and key not in loader.disk_migrations)


def _is_ours(loader: MigrationLoader, app: str, name: str) -> bool:
    return loader.disk_migrations[app, name].__module__.partition(".")[0] in PACKAGES
