"""Flush the test database quickly after a test that commits: delete the rows of non-empty tables only.

Django's own flush truncates every table, then recreates all content types and permissions, which takes longer than most
tests.
"""

from django.db import connection

# Recreated by `post_migrate` after every flush, if they are missing.
PRESERVED_TABLES = {"django_content_type", "auth_permission"}
# Triggers insert rows into it while the other tables are flushed.
LAST_TABLE = "changelog_changelogentry"


def sql_flush(operations, style, tables, *, reset_sequences=False, allow_cascade=False) -> list[str]:
    """Replace `DatabaseOperations.sql_flush`. Sequences are not reset, as with Django's."""
    assert not reset_sequences
    quoted = {table: operations.quote_name(table) for table in tables if table not in PRESERVED_TABLES}
    probes = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})" for table, name in quoted.items())  # noqa: S608
    with operations.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(probes))
        not_empty = [table for (table,) in cursor.fetchall()]
    # In any order: foreign keys are checked when the transaction ends.
    return [f"DELETE FROM {quoted[table]}" for table in [*not_empty, LAST_TABLE] if table in quoted]  # noqa: S608


def install(monkeypatch) -> None:
    monkeypatch.setattr(type(connection.ops), "sql_flush", sql_flush)
