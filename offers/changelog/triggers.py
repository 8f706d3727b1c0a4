"""The database triggers that write the change log, on SQLite and PostgreSQL.

SQLite drops triggers without an error whenever a migration rebuilds a table, so `create_triggers` is called by the
process that follows the log too, and returns the triggers that were missing. Migrations call it, so this module imports
no model and skips tables that do not exist yet. To change what a trigger does, rename the triggers (PREFIX) or drop the
old ones in a migration.
"""

from dataclasses import dataclass

from django.db import connection, transaction

from offers import visibility

PREFIX = "changelog_"
LOG = "changelog_changelogentry"
EVENTS = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Line:
    """An entry of `kind` for the value of `column`, before and after the change; none for NULL.

    With `public`, only where the row is or was published, and an update changes one of the columns `public`.
    """

    kind: str
    column: str = "id"
    public: tuple[str, ...] = ()


_LIFE = visibility.Lifetime._fields
# The entries that a change of each table writes.
WATCHED: dict[str, tuple[Line, ...]] = {
    "offers_offer": (
        Line("offer"),
        Line("published", "id", _LIFE),
        Line("role_offers", "role_id", (*_LIFE, "role_id", "contract", "pay_min", "pay_max")),
        Line("company_offers", "company_id", (*_LIFE, "company_id", "confidential")),
    ),
    "offers_offer_skills": (Line("offer", "offer_id"),),
    "companies_company": (Line("company"),),
    "places_place": (Line("place"),),
    "places_postalcode": (Line("place", "place_id"),),
    "offers_skill": (Line("skill"), Line("name")),
    "offers_skillalias": (Line("name"),),
    "search_synonymset": (Line("name"),),
    "careers_role": (Line("role"), Line("roles")),
    "careers_roletitle": (Line("role", "role_id"), Line("name")),
    "careers_roleentry": (Line("role", "role_id"),),
    "careers_salaryband": (Line("role", "role_id"),),
    "careers_faqentry": (Line("role", "role_id"),),
}


def create_triggers() -> list[str]:
    """Create the missing triggers of the tables that exist; return their names."""
    existing = existing_triggers()
    missing = [trigger for trigger in _triggers() if trigger[0] not in existing]
    if missing:
        tables = set(connection.introspection.table_names())
        missing = [trigger for trigger in missing if trigger[1] in tables and LOG in tables]
    if missing:
        statements = _postgresql if connection.vendor == "postgresql" else _sqlite
        with transaction.atomic(), connection.cursor() as cursor:
            for trigger in missing:
                for statement in statements(*trigger):
                    cursor.execute(statement)
    return [name for name, _, _ in missing]


def drop_triggers() -> None:
    existing = existing_triggers()
    with transaction.atomic(), connection.cursor() as cursor:
        for name, table, _ in _triggers():
            if name not in existing:
                continue
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER {name} ON {table}")
                cursor.execute(f"DROP FUNCTION {name}()")
            else:
                cursor.execute(f"DROP TRIGGER {name}")


def existing_triggers() -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND starts_with(tgname, %s)"
                # Of this schema only: another one may hold another site.
                " AND tgrelid IN (SELECT oid FROM pg_class WHERE pg_table_is_visible(oid))",
                [PREFIX],
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB %s", [f"{PREFIX}*"])
        return {name for (name,) in cursor.fetchall()}


def _triggers() -> list[tuple[str, str, str]]:
    """(name, table, event) of each."""
    events = (*EVENTS, "TRUNCATE") if connection.vendor == "postgresql" else EVENTS
    return [(f"{PREFIX}{table}_{event.lower()}", table, event) for table in WATCHED for event in events]


# The names in these statements are the constants above.


def _sqlite(name: str, table: str, event: str) -> list[str]:
    rows = {"INSERT": ["NEW"], "UPDATE": ["NEW", "OLD"], "DELETE": ["OLD"]}[event]
    # Spelled out, since a datetime by default would not have Django's format. UNION writes one entry where the rows
    # before and after give the same one.
    entries = " UNION ".join(
        f"SELECT '{line.kind}', {row}.{line.column}, 0, strftime('%Y-%m-%d %H:%M:%f', 'now')"
        f" WHERE {_condition(line, rows, row, 'IS NOT')}"
        for line in WATCHED[table]
        for row in rows
    )
    return [
        f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON {table} BEGIN"
        f" INSERT INTO {LOG} (kind, object_id, xid, at) {entries}; END"
    ]


def _postgresql(name: str, table: str, event: str) -> list[str]:
    """One statement trigger, which runs once however many rows a statement changes."""
    rows = {
        "INSERT": {"new_rows": "NEW"},
        "UPDATE": {"new_rows": "NEW", "old_rows": "OLD"},
        "DELETE": {"old_rows": "OLD"},
        "TRUNCATE": {},
    }[event]
    source = " JOIN ".join(rows) + (" ON new_rows.id = old_rows.id" if len(rows) > 1 else "")
    # UNION writes one entry for each object.
    entries = " UNION ".join(
        f"SELECT '{line.kind}' AS kind, {row}.{line.column} AS object_id"  # noqa: S608
        f" FROM {source if line.public else row} WHERE {_condition(line, list(rows), row, 'IS DISTINCT FROM')}"
        for line in WATCHED[table]
        for row in rows
    )
    entries = entries or "SELECT 'all' AS kind, 0 AS object_id"
    tables = " ".join(f"{row} TABLE AS {name}" for name, row in rows.items())
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608
        f" INSERT INTO {LOG} (kind, object_id, xid, at)"
        f" SELECT changed.kind, changed.object_id, pg_current_xact_id()::text::bigint, now()"
        f" FROM ({entries}) changed;"
        f" RETURN NULL; END $$",
        f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table}"
        f" {f'REFERENCING {tables}' if tables else ''} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]


def _condition(line: Line, rows: list[str], row: str, differs: str) -> str:
    condition = f"{row}.{line.column} IS NOT NULL"
    if line.public:
        was_public = " OR ".join(f"{each}.{visibility.STATUS_SQL}" for each in rows)
        condition += f" AND ({was_public})"
        if len(rows) > 1:
            new, old = rows
            changes = " OR ".join(f"{new}.{name} {differs} {old}.{name}" for name in line.public)
            condition += f" AND ({changes})"
    return condition
