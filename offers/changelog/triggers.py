"""The database triggers that write the change log, for both databases.

They belong to the schema but outlive no table: SQLite drops them without a word whenever a migration rebuilds a
table, which is why `ensure` looks for them and says whether it had to make any. A migration calls it too, so this
module imports no model, and passes over tables that are not there yet. Whoever changes what a trigger does gives
the triggers another name, or drops the old ones in a migration.
"""

from django.db import connection, transaction

# table: (column of the object, kind)
_WATCHED: dict[str, tuple[str, str]] = {
    "offers_offer": ("id", "offer"),
    "offers_offer_skills": ("offer_id", "offer"),
    "companies_company": ("id", "company"),
    "places_place": ("id", "place"),
    "places_postalcode": ("place_id", "place"),
    "offers_skill": ("id", "words"),
    "offers_skillalias": ("id", "words"),
    "search_synonymset": ("id", "words"),
    "careers_role": ("id", "words"),
    "careers_roletitle": ("id", "words"),
    "careers_roleentry": ("id", "page"),
    "careers_salaryband": ("id", "page"),
    "careers_faqentry": ("id", "page"),
}
_EVENTS = ("INSERT", "UPDATE", "DELETE")


def _names() -> list[tuple[str, str, str]]:
    return [
        (f"change_{table}_{event.lower()}", table, event)
        for table in _WATCHED
        for event in (*_EVENTS, *(["TRUNCATE"] if connection.vendor == "postgresql" else []))
    ]


# The names in these statements are the constants above.


def _sqlite(trigger: str, table: str, event: str) -> list[str]:
    column, kind = _WATCHED[table]
    rows = {"INSERT": ["NEW"], "UPDATE": ["NEW", "OLD"], "DELETE": ["OLD"]}[event]
    # Spelled out, not left to the defaults: a time by default would not be in Django's form. UNION writes one line
    # where the row before and after is of the same object.
    lines = " UNION ".join(f"SELECT '{kind}', {row}.{column}, 0, strftime('%Y-%m-%d %H:%M:%f', 'now')" for row in rows)
    return [
        f"CREATE TRIGGER IF NOT EXISTS {trigger} AFTER {event} ON {table} BEGIN"
        f" INSERT INTO changelog_change (kind, object_id, xid, at) {lines}; END"
    ]


def _postgresql(trigger: str, table: str, event: str) -> list[str]:
    column, kind = _WATCHED[table]
    rows = {
        "INSERT": {"after": "NEW"},
        "UPDATE": {"after": "NEW", "before": "OLD"},
        "DELETE": {"before": "OLD"},
        "TRUNCATE": {},
    }[event]
    changed = " UNION ".join(f"SELECT '{kind}' AS kind, {column} AS object_id FROM {name}" for name in rows)  # noqa: S608
    changed = changed or "SELECT 'all' AS kind, 0 AS object_id"
    tables = " ".join(f"{row} TABLE AS {name}" for name, row in rows.items())
    # Once a statement, however many rows it changes.
    return [
        f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608
        f" INSERT INTO changelog_change (kind, object_id, xid, at)"
        f" SELECT changed.kind, changed.object_id, pg_current_xact_id()::text::bigint, now()"
        f" FROM ({changed}) changed;"
        f" RETURN NULL; END $$",
        f"CREATE OR REPLACE TRIGGER {trigger} AFTER {event} ON {table}"
        f" {f'REFERENCING {tables}' if tables else ''} FOR EACH STATEMENT EXECUTE FUNCTION {trigger}()",
    ]


def present() -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'change\\_%' AND NOT tgisinternal"
                # Those of this schema: another one may hold another site.
                " AND tgrelid IN (SELECT oid FROM pg_class WHERE pg_table_is_visible(oid))"
            )
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'change\\_%' ESCAPE '\\'"
            )
        return {row[0] for row in cursor.fetchall()}


def ensure() -> list[str]:
    """Make the triggers that are missing, and return their names."""
    there = present()
    missing = [entry for entry in _names() if entry[0] not in there]
    if missing:
        tables = set(connection.introspection.table_names())
        missing = [entry for entry in missing if entry[1] in tables]
    if missing:
        make = _postgresql if connection.vendor == "postgresql" else _sqlite
        with transaction.atomic(), connection.cursor() as cursor:
            for entry in missing:
                for statement in make(*entry):
                    cursor.execute(statement)
    return [entry[0] for entry in missing]


def drop() -> None:
    """Remove all of them."""
    there = present()
    with transaction.atomic(), connection.cursor() as cursor:
        for trigger, table, _ in _names():
            if trigger not in there:
                continue
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER {trigger} ON {table}")
                cursor.execute(f"DROP FUNCTION {trigger}()")
            else:
                cursor.execute(f"DROP TRIGGER {trigger}")
