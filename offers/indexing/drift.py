"""Compare an index with the database by the digests of documents and rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from tantivy import FieldType, Query, Searcher

from offers.search import documents

BATCH = 20_000
MAX_ID = 2**63


@dataclass
class Drift:
    """Pks of offers with a missing, an extra, and an outdated or duplicate document."""

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


def compare(searcher: Searcher, after_batch: Callable[[], None] = lambda: None) -> Drift:
    """Compare rows and documents in batches, ordered by pk; call `after_batch` after each batch."""
    drift, after = Drift(), 0
    for rows in _batches(documents.row_digests()):
        last = rows[-1][0]
        _compare_batch(drift, dict(rows), _indexed_digests(searcher, _pk_range(after + 1, last)))
        after = last
        after_batch()
    _compare_batch(drift, {}, _indexed_digests(searcher, _pk_range(after + 1, MAX_ID)))
    return drift


def find_outdated(searcher: Searcher, ids: set[int]) -> set[int]:
    """Return the pks among `ids` whose document differs from its row."""
    drift = Drift()
    query = Query.term_set_query(documents.SCHEMA, "id", [*ids])
    _compare_batch(drift, dict(documents.row_digests(ids)), _indexed_digests(searcher, query))
    return drift.ids


def _pk_range(first: int, last: int) -> Query:
    return Query.range_query(documents.SCHEMA, "id", FieldType.Unsigned, first, last)


def _batches(rows: Iterable) -> Iterator[list]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _indexed_digests(searcher: Searcher, query: Query) -> list[tuple[int, int]]:
    """Return (pk, digest) of the documents that match `query`."""
    count = searcher.search(query, 1).count
    hits = [doc_address for _, doc_address in searcher.search(query, count, count=False).hits] if count else []
    columns = (searcher.fast_field_values(name, hits) for name in ("id", "digest"))
    return list(zip(*columns, strict=True))


def _compare_batch(drift: Drift, rows: dict[int, int], indexed: list[tuple[int, int]]):
    """Add the differences between `rows` (digests by pk) and `indexed` ((pk, digest) of documents) to `drift`."""
    seen = set()
    for pk, digest in indexed:
        if pk not in rows:
            drift.extra.add(pk)
        elif rows[pk] != digest or pk in seen:
            drift.changed.add(pk)
        seen.add(pk)
    drift.missing.update(rows.keys() - seen)
