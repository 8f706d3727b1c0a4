"""Columns of rows known by their numbers, as the database gives them.

For what is asked many times a second: Django makes a statement anew each time it is asked, which takes longer than the
database does to answer it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from django.db import connections, models


def rows_of(model: type[models.Model], columns: tuple, ids: Sequence[int], by: str = "pk") -> list[tuple]:
    """`columns` of the rows `ids` that there are, in any order; one query. `by` names another column of those numbers.

    `columns` are names or expressions, as for `values_list`. Values come without Django's conversions: a moment must be
    cast to text, and read by `moment`, and a truth to a number.
    """
    return _fetched(model, _statement(model, columns, by, len(ids)), ids) if ids else []


def rows_between(model: type[models.Model], columns: tuple, first: int, last: int, by: str = "pk") -> list[tuple]:
    """The same of all rows from the number `first` to the number `last`."""
    return _fetched(model, _statement(model, columns, by), (first, last))


def _fetched(model: type[models.Model], statement: str, numbers: Sequence[int]) -> list[tuple]:
    with connections[model.objects.db].cursor() as cursor:
        cursor.execute(statement, tuple(numbers))
        return cursor.fetchall()


@lru_cache(maxsize=200)
def _statement(model: type[models.Model], columns: tuple, by: str, number: int | None = None) -> str:
    """For so many numbers or, without, for all between two."""
    numbers = (0, 1) if number is None else tuple(range(number))
    asked = {f"{by}__gte": 0, f"{by}__lte": 1} if number is None else {f"{by}__in": numbers}
    sql, parameters = model.objects.filter(**asked).order_by().values_list(*columns).query.sql_with_params()
    # Nothing but the numbers may have to be filled in.
    if parameters != numbers:
        raise ValueError("the statement has parameters of its own")
    return sql


def moment(text: str) -> datetime:
    """A moment that the database has written as text."""
    # In UTC, which PostgreSQL says and SQLite does not; giving the moment a zone afterwards takes four times as long.
    return datetime.fromisoformat(text if text.endswith("+00") else f"{text}+00:00")
