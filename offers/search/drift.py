"""How far an index is from what the database says: every document is compared with its row, by digest."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from tantivy import FieldType, Query

from offers.search import documents

BATCH = 20_000
HIGHEST = 2**63


@dataclass
class Drift:
    """The numbers of the offers that an index lacks, has without reason, and has in an old state or twice."""

    missing: set[int] = field(default_factory=set)
    extra: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)

    def __bool__(self):
        return bool(self.missing or self.extra or self.changed)

    @property
    def ids(self) -> set[int]:
        return self.missing | self.extra | self.changed

    @property
    def counts(self) -> tuple[int, int, int]:
        return len(self.missing), len(self.extra), len(self.changed)

    def without(self, ids: set[int]) -> "Drift":
        return Drift(self.missing - ids, self.extra - ids, self.changed - ids)


def compare(searcher, meanwhile: Callable[[], None] = lambda: None) -> Drift:
    """Both are read in the order of their numbers, a batch at a time; `meanwhile` is called between two."""
    drift, after = Drift(), 0
    for rows in _batches(documents.digests()):
        last = rows[-1][0]
        _compare(drift, dict(rows), _indexed(searcher, after + 1, last))
        after = last
        meanwhile()
    _compare(drift, {}, _indexed(searcher, after + 1, HIGHEST))
    return drift


def _batches(rows: Iterable) -> Iterator[list]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _indexed(searcher, low: int, high: int) -> list[tuple[int, int]]:
    query = Query.range_query(documents.SCHEMA, "id", FieldType.Unsigned, low, high)
    count = searcher.search(query, 1).count
    hits = [address for _, address in searcher.search(query, count, count=False).hits] if count else []
    columns = (searcher.fast_field_values(name, hits) for name in ("id", "digest"))
    return list(zip(*columns, strict=True))


def _compare(drift: Drift, rows: dict[int, int], indexed: list[tuple[int, int]]):
    seen = set()
    for pk, digest in indexed:
        if pk not in rows:
            drift.extra.add(pk)
        elif rows[pk] != digest or pk in seen:
            drift.changed.add(pk)
        seen.add(pk)
    drift.missing.update(rows.keys() - seen)
