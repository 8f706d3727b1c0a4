"""Columns of rows known by their numbers, as the database gives them.

For what is asked many times a second: Django makes a statement anew each time it is asked, which takes longer than the
database does to answer it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from django.db import connections, models


def rows_of(model: type[models.Model], columns: tuple, ids: Sequence[int]) -> list[tuple]:
    """`columns` of the rows `ids` that there are, in any order; one query.

    `columns` are names or expressions, as for `values_list`. Values come without Django's conversions: a moment must be
    cast to text, and read by `moment`.
    """
    if not ids:
        return []
    with connections[model.objects.db].cursor() as cursor:
        cursor.execute(_statement(model, columns, len(ids)), ids)
        return cursor.fetchall()


@lru_cache(maxsize=200)
def _statement(model: type[models.Model], columns: tuple, number: int) -> str:
    numbers = tuple(range(number))
    sql, parameters = model.objects.filter(pk__in=numbers).order_by().values_list(*columns).query.sql_with_params()
    # Nothing but the numbers may have to be filled in.
    if parameters != numbers:
        raise ValueError("the statement has parameters of its own")
    return sql


def moment(text: str) -> datetime:
    """A moment that the database has written as text."""
    # In UTC, which PostgreSQL says and SQLite does not; giving the moment a zone afterwards takes four times as long.
    return datetime.fromisoformat(text if text.endswith("+00") else f"{text}+00:00")
