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
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import tantivy
from django.db.models import CharField, IntegerField
from django.db.models.functions import Cast
from django.utils import timezone

from careers.enums import Level
from offers.enums import Contract, EmployerKind
from offers.models import Offer
from offers.models.place import place_key
from offers.search.analysis import analyse, pairs
from offers.search.rows import fetch_range, fetch_rows, parse_datetime
from offers.territory import Department, Region

# SQLite takes a limited number of values in a query.
CHUNK = 900
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# An offer counts for 5 % more than another that was published 30 days before it.
FRESHNESS = math.log(1.05) / 30
ID_BITS = 23
UNKNOWN = "-"

# Words and where they stand. `all` holds those of every other field too: one look decides whether an offer has a word.
TEXTS = ("title", "company", "highlights", "all")
# Words alone. `pairs` are those that stand side by side in a title: to know that two do, the engine would compare their
# places offer by offer. `town` is for suggestions.
WORDS = ("pairs", "town")
# All that the conditions of work can be.
_REMOTE_WORDS = {"100": "télétravail remote 100", "3-5": "télétravail", "1-2": "télétravail", "0": "", UNKNOWN: ""}
CONDITIONS = {
    "contract": tuple(Contract.values),
    "remote": tuple(_REMOTE_WORDS),
    "experience": (*Level.values, UNKNOWN),
    "kind": (*EmployerKind.values, UNKNOWN),
}
# Codes, as the database has them, to filter by.
CODES = (*CONDITIONS, "region")
# All conditions in one, and all departments, as places in these: where several conditions are asked for, the engine
# walks through one list of offers and not through one for each, and it counts numbers quicker than texts.
COMBINATIONS = tuple(product(*CONDITIONS.values()))
AREAS = (UNKNOWN, *Department.values)
# Numbers to filter by: of rows, 0 for none, where `employer` is 0 for a confidential one; `combination` and `area`, of
# COMBINATIONS and AREAS; `week`, that of the publication.
NUMBERS = ("role", "skill", "place", "employer", "combination", "area", "week")
NUMBER_OF_COMBINATION = {way: number for number, way in enumerate(COMBINATIONS)}
NUMBER_OF_AREA = {code: number for number, code in enumerate(AREAS)}
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
# To be raised with every change of the schema, of `analysis`, or of what a field holds;
# what numbers stand for is in FORMAT by itself.
_VERSION = 5
FORMAT = _VERSION << 32 | zlib.crc32(repr((COMBINATIONS, AREAS)).encode())


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in WORDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    # Titles as written, for suggestions.
    for name in (*CODES, "label"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name == "label")
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


_COLUMNS = (
    # Datetimes as text and booleans as integers, as `fetch_rows` needs them.
    *("pk", "status", Cast("published_at", CharField()), Cast("expires_at", CharField())),
    *("title", "company_id", Cast("confidential", IntegerField()), "employer_descriptor", "role_id", "place_id"),
    *("contract", "remote_days", Cast("fully_remote", IntegerField()), "experience", "pay_max"),
    *("highlights", "description", "company__name", "company__kind"),
    *("place__name", "place__department", "place__region"),
)
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


def remote_code(days: int | None, fully: bool | int) -> str:
    if fully:
        return "100"
    if days is None:
        return UNKNOWN
    return "3-5" if days >= 3 else "1-2" if days else "0"


# What many offers have alike is worked out once: its words, and its fields as JSON.


@lru_cache(maxsize=5_000)
def _terms(contract: str, remote: str, experience: str, kind: str | None) -> tuple[str, str]:
    level = Level(experience).short_label if experience else ""
    words = analyse(f"{Contract(contract).label} {_REMOTE_WORDS[remote]} {level}")
    conditions = (contract, remote, experience or UNKNOWN, kind or UNKNOWN)
    fields = dict(zip(CONDITIONS, conditions, strict=True))
    return words, _members(fields | {"combination": NUMBER_OF_COMBINATION[conditions]})


@lru_cache(maxsize=40_000)
def _where(place: int | None, town: str | None, department: str | None, region: str | None) -> tuple[str, str]:
    fields = {"place": place or 0, "town": "", "region": region or UNKNOWN}
    fields["area"] = NUMBER_OF_AREA[department or UNKNOWN]
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
        yield from [(row[0], _document(row, published_at, skills)) for row, published_at, skills in rows]


def digests() -> Iterator[tuple[int, int]]:
    """The number of every offer that belongs into the index, with the digest that its document should have."""
    for rows in _chunks(published_ids()):
        for row, _published_at, skills in rows:
            yield row[0], _digest(row, skills)


def published_ids(start_after: int = 0, until: int | None = None) -> Sequence[int]:
    """The numbers of the offers that the public may see now, in their order."""
    offers = Offer.objects.published().filter(pk__gt=start_after).order_by("pk")
    if until is not None:
        offers = offers.filter(pk__lte=until)
    # Eight bytes each, a million of them.
    return array("q", offers.values_list("pk", flat=True).iterator(chunk_size=10_000))


class _Life(NamedTuple):
    """What Offer.is_published looks at."""

    status: str
    published_at: datetime | None
    expires_at: datetime | None


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def _chunks(ids: Sequence[int]) -> Iterator[Iterator[tuple[tuple, datetime, list[int]]]]:
    """What the documents of the offers `ids` are made of, as far as these are published, a chunk at a time."""
    now = timezone.now()
    for start in range(0, len(ids), CHUNK):
        yield _rows(ids[start : start + CHUNK], now)


def _rows(chunk: Sequence[int], now: datetime) -> Iterator[tuple[tuple, datetime, list[int]]]:
    """Columns, moment of publication and skills of each offer that is published.

    Whether they are is asked of each row and not of the database, which without statistics takes the condition for
    the narrower one and reads all published offers to find these.
    """
    first, last = chunk[0], chunk[-1]
    if last - first < 2 * len(chunk):
        # Most of a range: several times faster to ask for, also with what is then left out.
        rows = fetch_range(Offer, _COLUMNS, first, last)
        links = fetch_range(Offer.skills.through, _LINK, first, last, by="offer_id")
    else:
        rows = fetch_rows(Offer, _COLUMNS, chunk)
        links = fetch_rows(Offer.skills.through, _LINK, chunk, by="offer_id")
    wanted, skills = set(chunk), {}
    for pk, skill in links:
        skills.setdefault(pk, []).append(skill)
    for row in sorted(rows):
        if row[0] in wanted:
            life = _Life(row[1], _moment(row[2]), _moment(row[3]))
            if Offer.is_published(life, now):
                yield row, life.published_at, sorted(skills.get(row[0], ()))


def _digest(row: tuple, skills: list[int]) -> int:
    """Changes with everything that a document is made of."""
    # The fastest way to bytes, in a version of its format that depends on nothing but the values.
    return zlib.crc32(marshal.dumps((FORMAT, row, skills), 2))


def _document(row: tuple, published_at: datetime, skills: list[int]) -> str:
    pk, _status, _from, _until, title, company_id, confidential, descriptor, role_id, place_id = row[:10]
    contract, remote_days, fully_remote, experience, pay, highlights, description = row[10:17]
    company, kind, town, department, region = row[17:]
    if confidential:
        company_id, company = None, ""
    terms_words, terms = _terms(contract, remote_code(remote_days, fully_remote), experience, kind)
    place_words, place = _where(place_id, town, department, region)
    title_words, company_words, highlight_words = analyse(title), analyse(company), analyse(highlights)
    hidden = analyse(descriptor) if confidential else ""
    # A sign of its own between the parts, for no phrase to reach from one into the next.
    words = " | ".join(
        (title_words, company_words, terms_words, place_words, highlight_words, hidden, analyse(description))
    )
    pay = pay or 0
    daily = contract == _FREELANCE
    newest = newest_key(published_at, pk)
    # By pay, then by date to the minute.
    best_paid = min(pay, (1 << 20) - 1) << 43 | (newest >> ID_BITS) // 60_000
    # Put together by hand, for which the time is a third of what a document takes that is made of single values. Words
    # have no sign in them that JSON would have escaped: see `analysis`.
    return (
        f'{{"id":{pk},"title":"{title_words}","company":"{company_words}","highlights":"{highlight_words}",'
        f'"all":"{words}","pairs":"{" ".join(pairs(title_words.split()))}",'
        f'"label":{_quoted(title)},{terms},{place},"role":{role_id or 0},{_skills(skills)},'
        f'"employer":{company_id or 0},"week":{week(published_at)},"pay_year":{0 if daily else pay},'
        f'"pay_day":{pay if daily else 0},"pay_step":{pay_step(pay, daily)},"day":{day(published_at)},'
        f'"newest":{newest},"best_paid":{best_paid},"digest":{_digest(row, skills)},'
        f'"fresh":{_freshness(published_at)}}}'
    )
