"""An offer as the engine keeps it: words to search, values to filter, count and sort by. No text is stored.

What depends on a role's titles or a skill's names is not here but in `synonyms`: an offer carries their numbers.
An offer is to be indexed anew when its own row, its skills, or its company's name or kind change.
"""

import json
import marshal
import math
import zlib
from array import array
from bisect import bisect_right
from collections import namedtuple
from collections.abc import Iterator, Sequence
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
from offers.places.models import place_key
from offers.places.territories import Department, Region
from offers.search.analysis import analyse, pairs
from offers.search.rows import moment, rows_between, rows_of
from offers.visibility import Lifetime, is_published

# SQLite takes a limited number of values in a query.
CHUNK = 900
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# An offer counts for 5 % more than another that was published 30 days before it.
FRESHNESS = math.log(1.05) / 30
ID_BITS = 23

# Words and where they stand. `all` holds those of every other field too: one look decides whether an offer has a word.
TEXTS = ("title", "company", "highlights", "all")
# Words alone. `pairs` are those that stand side by side in a title: to know that two do, the engine would compare their
# places offer by offer. `town` is for suggestions.
WORDS = ("pairs", "town")
# Numbers to filter and count by, 0 where the offer says nothing. `role`, `skill` and `place` are primary keys, as is
# `employer`, which is 0 for a confidential one; `area` and `region` are places in AREAS and REGIONS; the choice filters
# number their choices. Tantivy counts numbers quicker than texts. `week` is that of the publication.
AREAS = ("", *Department.values)
REGIONS = ("", *Region.values)
NUMBER_OF_AREA = {code: number for number, code in enumerate(AREAS)}
NUMBER_OF_REGION = {code: number for number, code in enumerate(REGIONS)}
CHOICE_NUMBERS = tuple(each.facet for each in CHOICE_FILTERS)
NUMBERS = ("role", "skill", "place", "employer", "area", "region", "week", *CHOICE_NUMBERS)
# Amounts and moments to sort, count and cut by.
# `pay_step` stands for the steps of pay that an offer reaches, `day` is that of the publication, `digest` tells whether
# the row has changed since.
MEASURES = ("pay_year", "pay_day", "pay_step", "day", "newest", "best_paid", "digest")
# The skills of an offer once more, to count those of many: the first, 0 for none, and those beyond. The engine counts
# columns that have one number for every offer several times faster than one that has many.
SKILL_COLUMNS = (*(f"skill_{number}" for number in range(8)), "skill_more")
# Steps of pay that a search counts by, in € a year and a day; and what is added to the number of a daily one.
SALARIES = (30_000, 35_000, 40_000, 45_000, 50_000, 60_000, 70_000, 80_000, 100_000)
DAILY_RATES = (300, 400, 500, 600, 700, 800)
DAILY = 100
# Raise it with every change of the schema, of `analysis`, or of what a field holds; the meaning of numbers is part of
# FORMAT by itself.
_VERSION = 6
_CHOICES = [(each.facet, each.choices) for each in CHOICE_FILTERS]
FORMAT = _VERSION << 32 | zlib.crc32(repr((_CHOICES, AREAS, REGIONS)).encode())


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in WORDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    # Titles as written, for suggestions.
    builder.add_text_field("label", tokenizer_name="raw", index_option="basic", fast=True)
    for name in NUMBERS:
        builder.add_unsigned_field(name, indexed=True, fast=name != "week")
    for name in (*MEASURES, *SKILL_COLUMNS):
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("fresh", fast=True)
    return builder.build()


SCHEMA = schema()


def register(index: tantivy.Index) -> None:
    """Make known to `index` how its texts are cut: at spaces and nowhere else, see `analysis`."""
    index.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())


OfferRow = namedtuple("OfferRow", INDEX_COLUMNS)
OfferRow.__doc__ = "The database columns that a document is made of (`offers/fields.py`), as `rows_of` returns them."


def _expression(column: str):
    """Return a column as `rows_of` needs it: datetimes as text, booleans as numbers."""
    field = None if "__" in column else Offer._meta.get_field(column)
    if isinstance(field, DateTimeField):
        return Cast(column, CharField())
    return Cast(column, IntegerField()) if isinstance(field, BooleanField) else column


_COLUMNS = tuple(map(_expression, OfferRow._fields))
_LINK = ("offer_id", "skill_id")
_quoted = json.JSONEncoder().encode
_EPOCH_SECONDS = EPOCH.timestamp()
_FREELANCE = Contract.FREELANCE.value


def newest_key(published_at: datetime, pk: int = 0) -> int:
    """Milliseconds since the epoch, then the number of the offer: one number that sorts as the database does."""
    return (
        max(int((published_at.timestamp() - _EPOCH_SECONDS) * 1000) + (1 << 38), 0) << ID_BITS | pk & (1 << ID_BITS) - 1
    )


def _freshness(published_at: datetime) -> float:
    """What the engine, which multiplies a score by log2(2 + this), turns into e^(FRESHNESS × days).

    Exponential, so that two offers keep their proportion for ever and none has to be indexed anew as it ages.
    """
    days = (published_at.timestamp() - _EPOCH_SECONDS) / 86_400
    return max(2.0 ** min(math.exp(min(FRESHNESS * days, 7)), 1_000) - 2, 0.0)


def day(moment: datetime) -> int:
    """The number of the day that it is here at that moment."""
    return _day(int(moment.timestamp() // _QUARTER))


# In seconds: no zone’s days begin within one.
_QUARTER = 900


@lru_cache(maxsize=20_000)
def _day(quarter: int) -> int:
    # What a zone takes for each offer otherwise is a fiftieth of what indexing takes.
    return timezone.localdate(datetime.fromtimestamp(quarter * _QUARTER, UTC)).toordinal()


def week(published_at: datetime) -> int:
    """Weeks since long before any offer."""
    return int(published_at.timestamp() // (7 * 86_400))


def pay_step(pay: int, daily: bool) -> int:
    """How many of SALARIES are at most `pay`; or of DAILY_RATES, and DAILY more."""
    return DAILY + bisect_right(DAILY_RATES, pay) if daily else bisect_right(SALARIES, pay)


# What many offers have alike is worked out once: its words, and its fields as JSON.
_CHOICE_COLUMNS = tuple(dict.fromkeys(column for each in CHOICE_FILTERS for column in each.columns))
_choice_columns = attrgetter(*_CHOICE_COLUMNS)


@lru_cache(maxsize=20_000)
def _choices(columns: tuple) -> tuple[str, str]:
    """Return the words and the numbers of the choices of an offer, from its columns in the order of _CHOICE_COLUMNS."""
    values = dict(zip(_CHOICE_COLUMNS, columns, strict=True))
    words, numbers = [], {}
    for choice_filter in CHOICE_FILTERS:
        code = choice_filter.code(*(values[column] for column in choice_filter.columns))
        numbers[choice_filter.facet] = choice_filter.numbers[code]
        words.append(choice_filter.by_value[code].words if code else "")
    return analyse(" ".join(words)), _members(numbers)


@lru_cache(maxsize=40_000)
def _where(place: int | None, town: str | None, department: str | None, region: str | None) -> tuple[str, str]:
    fields = {"place": place or 0, "town": "", "area": NUMBER_OF_AREA[department or ""]}
    fields["region"] = NUMBER_OF_REGION[region or ""]
    if not town:
        return "", _members(fields)
    names = (town, Department(department).label, Region(region).label)
    return " | ".join(map(analyse, names)), _members(fields | {"town": place_key(town)})


def _skills(numbers: list[int]) -> str:
    *first, more = SKILL_COLUMNS
    beyond = numbers[len(first) :]
    counted = _first_skills(len(numbers) - len(beyond)) % (*numbers[: len(first)],)
    return f'"skill":{numbers},{counted},"{more}":{beyond}'


@lru_cache
def _first_skills(number: int) -> str:
    """The columns of so many skills, each of which is to be filled in."""
    return ",".join(f'"{name}":{"%d" if at < number else 0}' for at, name in enumerate(SKILL_COLUMNS[:-1]))


def _members(fields: dict) -> str:
    return json.dumps(fields)[1:-1]


def documents(ids=None, *, start_after: int = 0, until: int | None = None) -> Iterator[tuple[int, str]]:
    """The offers that the public may see now, in the order of their numbers: all, or those among `ids`.

    Each as JSON, for the engine's `add_json`.
    """
    for rows in _chunks(published_ids(start_after, until) if ids is None else sorted(ids)):
        # All of them before the first is handed out, or the engine's thread is sent to sleep and woken for each.
        yield from [(row.id, _document(row, published_at, skills)) for row, published_at, skills in rows]


def digests() -> Iterator[tuple[int, int]]:
    """The number of every offer that belongs into the index, with the digest that its document should have."""
    for rows in _chunks(published_ids()):
        for row, _published_at, skills in rows:
            yield row.id, _digest(row, skills)


def published_ids(start_after: int = 0, until: int | None = None) -> Sequence[int]:
    """The numbers of the offers that the public may see now, in their order."""
    offers = Offer.objects.published().filter(pk__gt=start_after).order_by("pk")
    if until is not None:
        offers = offers.filter(pk__lte=until)
    # Eight bytes each, a million of them.
    return array("q", offers.values_list("pk", flat=True).iterator(chunk_size=10_000))


def _moment(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _chunks(ids: Sequence[int]) -> Iterator[Iterator[tuple[OfferRow, datetime, list[int]]]]:
    """What the documents of the offers `ids` are made of, as far as these are published, a chunk at a time."""
    now = timezone.now()
    for start in range(0, len(ids), CHUNK):
        yield _rows(ids[start : start + CHUNK], now)


def _rows(chunk: Sequence[int], now: datetime) -> Iterator[tuple[OfferRow, datetime, list[int]]]:
    """Columns, moment of publication and skills of each offer that is published.

    Whether they are is asked of each row and not of the database, which without statistics takes the condition for
    the narrower one and reads all published offers to find these.
    """
    first, last = chunk[0], chunk[-1]
    if last - first < 2 * len(chunk):
        # Most of a range: several times faster to ask for, also with what is then left out.
        rows = rows_between(Offer, _COLUMNS, first, last)
        links = rows_between(Offer.skills.through, _LINK, first, last, by="offer_id")
    else:
        rows = rows_of(Offer, _COLUMNS, chunk)
        links = rows_of(Offer.skills.through, _LINK, chunk, by="offer_id")
    wanted, skills = set(chunk), {}
    for pk, skill in links:
        skills.setdefault(pk, []).append(skill)
    for row in sorted(map(OfferRow._make, rows)):
        if row.id in wanted:
            lifetime = Lifetime(row.status, _moment(row.published_at), _moment(row.expires_at))
            if is_published(lifetime, now):
                yield row, lifetime.published_at, sorted(skills.get(row.id, ()))


def _digest(row: OfferRow, skills: list[int]) -> int:
    """Changes with everything that a document is made of."""
    # The fastest way to bytes, in a version of its format that depends on nothing but the values.
    return zlib.crc32(marshal.dumps((FORMAT, tuple(row), skills), 2))


def _document(row: OfferRow, published_at: datetime, skills: list[int]) -> str:
    company, company_id = ("", 0) if row.confidential else (row.company__name, row.company_id)
    choice_words, choices = _choices(_choice_columns(row))
    place_words, place = _where(row.place_id, row.place__name, row.place__department, row.place__region)
    title_words, company_words, highlight_words = analyse(row.title), analyse(company), analyse(row.highlights)
    hidden = analyse(row.employer_descriptor) if row.confidential else ""
    # A sign of its own between the parts, for no phrase to reach from one into the next.
    words = " | ".join(
        (title_words, company_words, choice_words, place_words, highlight_words, hidden, analyse(row.description))
    )
    pay = row.pay_max or 0
    daily = row.contract == _FREELANCE
    newest = newest_key(published_at, row.id)
    # By pay, then by date to the minute.
    best_paid = min(pay, (1 << 20) - 1) << 43 | (newest >> ID_BITS) // 60_000
    # Put together by hand, for which the time is a third of what a document takes that is made of single values. Words
    # have no sign in them that JSON would have escaped: see `analysis`.
    return (
        f'{{"id":{row.id},"title":"{title_words}","company":"{company_words}","highlights":"{highlight_words}",'
        f'"all":"{words}","pairs":"{" ".join(pairs(title_words.split()))}",'
        f'"label":{_quoted(row.title)},{choices},{place},"role":{row.role_id or 0},{_skills(skills)},'
        f'"employer":{company_id or 0},"week":{week(published_at)},"pay_year":{0 if daily else pay},'
        f'"pay_day":{pay if daily else 0},"pay_step":{pay_step(pay, daily)},"day":{day(published_at)},'
        f'"newest":{newest},"best_paid":{best_paid},"digest":{_digest(row, skills)},'
        f'"fresh":{_freshness(published_at)}}}'
    )
