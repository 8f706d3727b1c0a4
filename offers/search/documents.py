"""Documents of the index, built from rows of offers: terms to search, values to filter, count and sort by.

Texts are not stored. Titles of roles and names of skills are not indexed: documents contain their pks, and `synonyms`
expands names in queries. A document changes with the row and skills of the offer, and the name and kind of its company.
"""

import json
import marshal
import math
import zlib
from array import array
from bisect import bisect_right
from collections import namedtuple
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter

import tantivy
from django.db.models import BooleanField, CharField, DateTimeField, IntegerField
from django.db.models.functions import Cast
from django.utils import timezone

from offers.enums import Contract
from offers.fields import CHOICE_FILTERS, INDEX_COLUMNS
from offers.models import Offer
from offers.ordering import day, newest_key
from offers.places.models import place_key
from offers.places.territories import Department, Region
from offers.search import ambiguous
from offers.search.analysis import analyse, bigrams
from offers.search.asides import asides, split_asides
from offers.search.common_words import COMMON_WORDS
from offers.search.rows import fetch_range, fetch_rows, parse_datetime
from offers.visibility import Lifetime, is_published

# Rows per query: SQLite limits the count of parameters of a statement.
CHUNK = 900
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# An offer scores 5 % more than one published 30 days earlier.
FRESHNESS = math.log(1.05) / 30

# Text fields with positions. `all` contains the terms of every field, so that one posting list is read per term.
TEXT_FIELDS = ("title", "company", "highlights", "all")
# Text fields without positions. `pairs` are adjacent words of the title: a phrase query would compare positions.
# `town` is for suggestions.
TOKEN_FIELDS = ("pairs", "town")
# Integer fields to filter and count by, 0 for none: pks (`employer` is 0 if it is confidential), positions in AREAS and
# REGIONS, the `week` of publication, the numbers of the choice filters (`offers/fields.py`). Aggregations of integers
# are faster than those of strings.
AREAS = ("", *Department.values)
REGIONS = ("", *Region.values)
AREA_POSITIONS = {code: position for position, code in enumerate(AREAS)}
REGION_POSITIONS = {code: position for position, code in enumerate(REGIONS)}
CHOICE_FIELDS = tuple(each.facet for each in CHOICE_FILTERS)
INTEGER_FIELDS = ("role", "skill", "place", "employer", "area", "region", "week", *CHOICE_FIELDS)
# Integer fields to sort, count and filter by ranges. `pay_step` is the pay bracket, `day` the ordinal of the day of
# publication, `published` its Unix time (to filter, never to sort: see `offers/ordering.py`), `digest` the checksum of
# the row. `choices` contains the numbers of all choice filters in one integer, to count several of them together.
RANGE_FIELDS = ("choices", "pay_year", "pay_day", "pay_step", "day", "published", "newest", "best_paid", "digest")
# The skills again, for the facet: the first eight (0 for none), and the others. Aggregations of single-valued columns
# are several times faster than that of a multi-valued one.
SKILL_COLUMNS = (*(f"skill_{position}" for position in range(8)), "skill_more")
# Lower bounds of pay brackets in € per year and per day, and the offset of the daily ones in `pay_step`.
SALARIES = (30_000, 35_000, 40_000, 45_000, 50_000, 60_000, 70_000, 80_000, 100_000)
DAILY_RATES = (300, 400, 500, 600, 700, 800)
DAILY = 100
# Increment with every change of the schema, of `analysis`, or of the content of a field. FORMAT also changes with the
# choices, AREAS, REGIONS, ambiguous names and common words.
_VERSION = 9
_CHOICES = [(each.facet, each.choices) for each in CHOICE_FILTERS]
_WORDS = [sorted(each) for each in (ambiguous.NAMES, ambiguous.BESIDE, COMMON_WORDS)]
FORMAT = _VERSION << 32 | zlib.crc32(repr((_CHOICES, AREAS, REGIONS, _WORDS)).encode())


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in TOKEN_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    # `label` is the original title, for suggestions.
    builder.add_text_field("label", tokenizer_name="raw", index_option="basic", fast=True)
    for name in INTEGER_FIELDS:
        builder.add_unsigned_field(name, indexed=True, fast=name != "week")
    for name in (*RANGE_FIELDS, *SKILL_COLUMNS):
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("fresh", fast=True)
    return builder.build()


SCHEMA = schema()


def register(index: tantivy.Index) -> None:
    """Register the tokenizer of the text fields, which splits at spaces: `analysis` has made the tokens."""
    index.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())


OfferRow = namedtuple("OfferRow", INDEX_COLUMNS)
OfferRow.__doc__ = "The columns from which a document is built (`offers/fields.py`), as returned by `fetch_rows`."


def _expression(column: str):
    """Return the expression of a column for `fetch_rows`: datetimes cast to text, booleans to integers."""
    field = None if "__" in column else Offer._meta.get_field(column)
    if isinstance(field, DateTimeField):
        return Cast(column, CharField())
    return Cast(column, IntegerField()) if isinstance(field, BooleanField) else column


_COLUMNS = tuple(map(_expression, OfferRow._fields))
_SKILL_COLUMNS = ("offer_id", "skill_id")
_quoted = json.JSONEncoder().encode
_EPOCH_DAY = EPOCH.toordinal()
_FREELANCE = Contract.FREELANCE.value


def _freshness(published_at: datetime) -> float:
    """Return the value for which the score factor log2(2 + value) is e^(FRESHNESS × days since EPOCH).

    It is exponential, so that the ratio between two offers is constant and documents need no update as they age.
    """
    days = day(published_at) - _EPOCH_DAY
    return max(2.0 ** min(math.exp(min(FRESHNESS * days, 7)), 1_000) - 2, 0.0)


def week(published_at: datetime) -> int:
    """Return the count of weeks since 1970-01-01."""
    return int(published_at.timestamp() // (7 * 86_400))


def pay_step(pay: int, daily: bool) -> int:
    """Return the pay bracket: the count of SALARIES up to `pay`, or DAILY plus that of DAILY_RATES."""
    return DAILY + bisect_right(DAILY_RATES, pay) if daily else bisect_right(SALARIES, pay)


# The following terms and JSON members are cached, since many offers share them.

_CHOICE_COLUMNS = tuple(dict.fromkeys(column for each in CHOICE_FILTERS for column in each.columns))
_choice_columns = attrgetter(*_CHOICE_COLUMNS)


# Count of bits of each choice filter in the field `choices`, from the lowest.
_BITS = tuple(len(each.choices).bit_length() for each in CHOICE_FILTERS)


def pack_choices(numbers: Iterable[int]) -> int:
    """Return the numbers of all choice filters, in their order, as one integer."""
    packed = shift = 0
    for number, bits in zip(numbers, _BITS, strict=True):
        packed |= number << shift
        shift += bits
    return packed


@lru_cache(maxsize=20_000)
def unpack_choices(packed: int) -> tuple[int, ...]:
    """Return the argument of `pack_choices` from its result."""
    numbers = []
    for bits in _BITS:
        numbers.append(packed & (1 << bits) - 1)
        packed >>= bits
    return tuple(numbers)


@lru_cache(maxsize=20_000)
def _choice_fields(columns: tuple) -> tuple[str, str]:
    """Return terms and JSON members of the choices of an offer, from its _CHOICE_COLUMNS."""
    values = dict(zip(_CHOICE_COLUMNS, columns, strict=True))
    words, numbers = [], {}
    for choice_filter in CHOICE_FILTERS:
        code = choice_filter.code(*(values[column] for column in choice_filter.columns))
        numbers[choice_filter.facet] = choice_filter.numbers[code]
        words.append(choice_filter.by_value[code].words if code else "")
    return analyse(" ".join(words)), _json_members(numbers | {"choices": pack_choices(numbers.values())})


@lru_cache(maxsize=40_000)
def _place_fields(place: int | None, town: str | None, department: str | None, region: str | None) -> tuple[str, str]:
    fields = {"place": place or 0, "town": "", "area": AREA_POSITIONS[department or ""]}
    fields["region"] = REGION_POSITIONS[region or ""]
    if not town:
        return "", _json_members(fields)
    names = (town, Department(department).label, Region(region).label)
    return " | ".join(map(analyse, names)), _json_members(fields | {"town": place_key(town)})


def _skill_fields(ids: list[int]) -> str:
    *columns, more = SKILL_COLUMNS
    others = ids[len(columns) :]
    first = _first_skills_template(len(ids) - len(others)) % (*ids[: len(columns)],)
    return f'"skill":{ids},{first},"{more}":{others}'


@lru_cache
def _first_skills_template(count: int) -> str:
    """Return a %-template of the JSON members of the first skills, with `count` placeholders."""
    names = SKILL_COLUMNS[:-1]
    return ",".join(f'"{name}":{"%d" if position < count else 0}' for position, name in enumerate(names))


def _json_members(fields: dict) -> str:
    return json.dumps(fields)[1:-1]


def build_documents(ids: Iterable[int] | None = None) -> Iterator[tuple[int, str]]:
    """Yield (pk, JSON for Tantivy's `add_json`) of the published offers, all or among `ids`, ordered by pk."""
    for rows in _chunks(published_ids() if ids is None else sorted(ids)):
        # A list: with single documents, the thread of Tantivy would sleep and wake for each.
        yield from [(row.id, _document(row, published_at, skills)) for row, published_at, skills in rows]


def row_digests(ids: Iterable[int] | None = None) -> Iterator[tuple[int, int]]:
    """Yield (pk, expected digest of the document) of the published offers, all or among `ids`, ordered by pk."""
    for rows in _chunks(published_ids() if ids is None else sorted(ids)):
        for row, _published_at, skills in rows:
            yield row.id, _digest(row, skills)


def published_ids(after: int = 0) -> Sequence[int]:
    """Return the pks above `after` of the published offers, in order."""
    offers = Offer.objects.published().filter(pk__gt=after).order_by("pk")
    # 8 bytes per pk; a list takes 36, and there may be a million.
    return array("q", offers.values_list("pk", flat=True).iterator(chunk_size=10_000))


def _parse(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def _chunks(ids: Sequence[int]) -> Iterator[Iterator[tuple[OfferRow, datetime, list[int]]]]:
    """Yield an iterator of `_rows` for each CHUNK of `ids`."""
    now = timezone.now()
    for start in range(0, len(ids), CHUNK):
        yield _rows(ids[start : start + CHUNK], now)


def _rows(chunk: Sequence[int], now: datetime) -> Iterator[tuple[OfferRow, datetime, list[int]]]:
    """Yield (columns, published_at, pks of skills) of the published offers of `chunk`, ordered by pk.

    Publication is checked in Python: a database without statistics may consider that condition the more selective one
    and read all published offers.
    """
    first, last = chunk[0], chunk[-1]
    if last - first < 2 * len(chunk):
        # For dense pks, reading the range and skipping rows is several times faster than a list of pks.
        rows = fetch_range(Offer, _COLUMNS, first, last)
        links = fetch_range(Offer.skills.through, _SKILL_COLUMNS, first, last, by="offer_id")
    else:
        rows = fetch_rows(Offer, _COLUMNS, chunk)
        links = fetch_rows(Offer.skills.through, _SKILL_COLUMNS, chunk, by="offer_id")
    requested, skills = set(chunk), {}
    for pk, skill in links:
        skills.setdefault(pk, []).append(skill)
    for row in sorted(map(OfferRow._make, rows)):
        if row.id in requested:
            lifetime = Lifetime(row.status, _parse(row.published_at), _parse(row.expires_at))
            if is_published(lifetime, now):
                yield row, lifetime.published_at, sorted(skills.get(row.id, ()))


def _digest(row: OfferRow, skills: list[int]) -> int:
    """Return a checksum of all values from which the document is built."""
    # The fastest serialization. Version 2 has no references, so equal values have equal bytes.
    return zlib.crc32(marshal.dumps((FORMAT, tuple(row), skills), 2))


def _document(row: OfferRow, published_at: datetime, skills: list[int]) -> str:
    company, company_id = ("", 0) if row.confidential else (row.company__name, row.company_id)
    choice_words, choices = _choice_fields(_choice_columns(row))
    place_words, place = _place_fields(row.place_id, row.place__name, row.place__department, row.place__region)
    title_words, company_words, highlight_words = analyse(row.title), analyse(company), analyse(row.highlights)
    descriptor_words = analyse(row.employer_descriptor) if row.confidential else ""
    description_words, title_tokens = analyse(row.description), title_words.split()
    text_tokens = f"{highlight_words} | {description_words}".split()
    in_text = set(text_tokens)
    marks = ambiguous.marks(title_tokens, text_tokens, in_text)
    own_text, clauses = split_asides(row.description, in_text)
    if clauses:
        others = (title_words, company_words, choice_words, place_words, highlight_words, descriptor_words)
        marks += asides(clauses, " ".join((*others, analyse(own_text))).split())
    # The separator prevents phrase matches across two fields.
    words = " | ".join(
        (
            title_words,
            company_words,
            choice_words,
            place_words,
            highlight_words,
            descriptor_words,
            description_words,
            *marks,
        )
    )
    pay = row.pay_max or 0
    daily = row.contract == _FREELANCE
    newest = newest_key(published_at, row.id)
    best_paid = min(pay, (1 << 20) - 1) << 43 | newest
    # An f-string takes a third of the time of a Tantivy document filled value by value. Terms need no JSON escapes: see
    # `analysis`.
    return (
        f'{{"id":{row.id},"title":"{title_words}","company":"{company_words}","highlights":"{highlight_words}",'
        f'"all":"{words}","pairs":"{" ".join(bigrams(title_tokens))}",'
        f'"label":{_quoted(row.title)},{choices},{place},"role":{row.role_id or 0},{_skill_fields(skills)},'
        f'"employer":{company_id or 0},"week":{week(published_at)},"pay_year":{0 if daily else pay},'
        f'"pay_day":{pay if daily else 0},"pay_step":{pay_step(pay, daily)},"day":{day(published_at)},'
        f'"published":{int(published_at.timestamp())},'
        f'"newest":{newest},"best_paid":{best_paid},"digest":{_digest(row, skills)},'
        f'"fresh":{_freshness(published_at)}}}'
    )
