"""The database triggers that write the change log, on SQLite and PostgreSQL.

SQLite silently drops triggers when a migration rebuilds a table, so the process that follows the log calls
`create_triggers` too. Migrations call it, so this module imports no model and skips tables that do not exist yet. To
change the body of a trigger, rename the triggers (PREFIX) or drop the old ones in a migration.
"""

from dataclasses import dataclass

from django.db import connection, transaction

from offers import visibility

PREFIX = "changelog_"
LOG = "changelog_changelogentry"
EVENTS = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class EntryRule:
    """Write an entry of `kind` for the values of `column` before and after the change, unless they are NULL.

    With `public`, only if the row is or was published and, in an update, one of the columns `public` has changed.
    """

    kind: str
    column: str = "id"
    public: tuple[str, ...] = ()


_LIFETIME = visibility.Lifetime._fields
# By table, the entries to write for a change of a row.
WATCHED: dict[str, tuple[EntryRule, ...]] = {
    "offers_offer": (
        EntryRule("offer"),
        EntryRule("published", "id", _LIFETIME),
        EntryRule("role_offers", "role_id", (*_LIFETIME, "role_id", "contract", "pay_min", "pay_max")),
        EntryRule("company_offers", "company_id", (*_LIFETIME, "company_id", "confidential")),
    ),
    "offers_offer_skills": (EntryRule("offer", "offer_id"),),
    "companies_company": (EntryRule("company"),),
    "places_place": (EntryRule("place"),),
    "places_postalcode": (EntryRule("place", "place_id"),),
    "offers_skill": (EntryRule("skill"), EntryRule("name")),
    "offers_skillalias": (EntryRule("name"),),
    "search_synonymset": (EntryRule("name"),),
    "careers_role": (EntryRule("role"), EntryRule("roles")),
    "careers_roletitle": (EntryRule("role", "role_id"), EntryRule("name")),
    "careers_roleentry": (EntryRule("role", "role_id"),),
    "careers_salaryband": (EntryRule("role", "role_id"),),
    "careers_faqentry": (EntryRule("role", "role_id"),),
}


def create_triggers() -> list[str]:
    """Create the missing triggers of existing tables and return their names."""
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
                # In this schema only: another one may contain another site.
                " AND tgrelid IN (SELECT oid FROM pg_class WHERE pg_table_is_visible(oid))",
                [PREFIX],
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB %s", [f"{PREFIX}*"])
        return {name for (name,) in cursor.fetchall()}


def _triggers() -> list[tuple[str, str, str]]:
    """Return (name, table, event) of each trigger."""
    events = (*EVENTS, "TRUNCATE") if connection.vendor == "postgresql" else EVENTS
    return [(f"{PREFIX}{table}_{event.lower()}", table, event) for table in WATCHED for event in events]


# The names in these statements are the constants above.


def _sqlite(name: str, table: str, event: str) -> list[str]:
    rows = {"INSERT": ["NEW"], "UPDATE": ["NEW", "OLD"], "DELETE": ["OLD"]}[event]
    # The default of the column `at` would not have Django’s datetime format. UNION removes the duplicate if the rows
    # before and after the change result in the same entry.
    entries = " UNION ".join(
        f"SELECT '{rule.kind}', {row}.{rule.column}, 0, strftime('%Y-%m-%d %H:%M:%f', 'now')"
        f" WHERE {_condition(rule, rows, row, 'IS NOT')}"
        for rule in WATCHED[table]
        for row in rows
    )
    return [
        f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON {table} BEGIN"
        f" INSERT INTO {LOG} (kind, object_id, xid, at) {entries}; END"
    ]


def _postgresql(name: str, table: str, event: str) -> list[str]:
    """Return the statements that create a statement-level trigger, which runs once per statement."""
    rows = {
        "INSERT": {"new_rows": "NEW"},
        "UPDATE": {"new_rows": "NEW", "old_rows": "OLD"},
        "DELETE": {"old_rows": "OLD"},
        "TRUNCATE": {},
    }[event]
    source = " JOIN ".join(rows) + (" ON new_rows.id = old_rows.id" if len(rows) > 1 else "")
    # UNION removes duplicates: one entry per object.
    entries = " UNION ".join(
        f"SELECT '{rule.kind}' AS kind, {row}.{rule.column} AS object_id"  # noqa: S608  # nosec B608
        f" FROM {source if rule.public else row} WHERE {_condition(rule, list(rows), row, 'IS DISTINCT FROM')}"
        for rule in WATCHED[table]
        for row in rows
    )
    entries = entries or "SELECT 'all' AS kind, 0 AS object_id"
    tables = " ".join(f"{row} TABLE AS {name}" for name, row in rows.items())
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608  # nosec B608
        f" INSERT INTO {LOG} (kind, object_id, xid, at)"
        f" SELECT changed.kind, changed.object_id, pg_current_xact_id()::text::bigint, now()"
        f" FROM ({entries}) changed;"
        f" RETURN NULL; END $$",
        f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table}"
        f" {f'REFERENCING {tables}' if tables else ''} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]


def _condition(rule: EntryRule, rows: list[str], row: str, differs: str) -> str:
    condition = f"{row}.{rule.column} IS NOT NULL"
    if rule.public:
        was_public = " OR ".join(f"{each}.{visibility.STATUS_SQL}" for each in rows)
        condition += f" AND ({was_public})"
        if len(rows) > 1:
            new, old = rows
            changes = " OR ".join(f"{new}.{name} {differs} {old}.{name}" for name in rule.public)
            condition += f" AND ({changes})"
    return condition
