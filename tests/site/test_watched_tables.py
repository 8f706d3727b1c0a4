"""What the triggers of every watched table write into the change log, by statement: a table written out here."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from careers.models import FaqEntry, RoleEntry, RoleTitle, SalaryBand
from offers.changelog import log, triggers
from offers.changelog.models import ChangeLogEntry
from offers.models import Offer, SkillAlias
from offers.places.models import Place, PostalCode
from offers.search.models import SynonymSet
from tests.factories import make_company, make_offer, make_place, make_role, make_skill

pytestmark = pytest.mark.django_db
LIFE = {"status", "published_at", "expires_at"}
# The entries of each table: kind, the column that names the object, and of published offers the columns that count.
TABLES = {
    "offers_offer": [
        ("offer", "id", set()),
        ("published", "id", LIFE),
        ("role_offers", "role_id", LIFE | {"role_id", "contract", "pay_min", "pay_max"}),
        ("company_offers", "company_id", LIFE | {"company_id", "confidential"}),
    ],
    "offers_offer_skills": [("offer", "offer_id", set())],
    "companies_company": [("company", "id", set())],
    "places_place": [("place", "id", set())],
    "places_postalcode": [("place", "place_id", set())],
    "offers_skill": [("skill", "id", set()), ("name", "id", set())],
    "offers_skillalias": [("name", "id", set())],
    "search_synonymset": [("name", "id", set())],
    "careers_role": [("role", "id", set()), ("roles", "id", set())],
    "careers_roletitle": [("role", "role_id", set()), ("name", "id", set())],
    "careers_roleentry": [("role", "role_id", set())],
    "careers_salaryband": [("role", "role_id", set())],
    "careers_faqentry": [("role", "role_id", set())],
}


@pytest.fixture(autouse=True)
def with_triggers():
    triggers.create_triggers()


def make_row(table):
    role, place = make_role(), make_place()
    return {
        "offers_offer": lambda: make_offer(role=role, place=place),
        "offers_offer_skills": lambda: Offer.skills.through.objects.create(offer=make_offer(), skill=make_skill()),
        "companies_company": make_company,
        "places_place": lambda: Place.objects.create(
            insee_code="01001", name="X", department="01", region="84", latitude=46, longitude=5
        ),
        "places_postalcode": lambda: PostalCode.objects.create(place=place, code="99999"),
        "offers_skill": make_skill,
        "offers_skillalias": lambda: SkillAlias.objects.create(skill=make_skill(), name="Zigue"),
        "search_synonymset": lambda: SynonymSet.objects.create(words="lion, fauve"),
        "careers_role": make_role,
        "careers_roletitle": lambda: RoleTitle.objects.create(role=role, title="Belluaire"),
        "careers_roleentry": lambda: RoleEntry.objects.create(role=role, section="mission", text="Dresser"),
        "careers_salaryband": lambda: SalaryBand.objects.create(
            role=role, level="junior", zone="paris", minimum=40, maximum=50, source="Étude", year=2026
        ),
        "careers_faqentry": lambda: FaqEntry.objects.create(
            role=role, question="Et les lions ?", answer="Ils dorment."
        ),
    }[table]()


def entries() -> list[tuple[str, int]]:
    found = sorted(ChangeLogEntry.objects.values_list("kind", "object_id"))
    ChangeLogEntry.objects.all().delete()
    return found


def execute(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def columns_of(table):
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def test_the_tables_that_are_watched():
    watched = {
        table: [(line.kind, line.column, set(line.public)) for line in lines]
        for table, lines in triggers.WATCHED.items()
    }
    assert watched == TABLES
    assert {kind for lines in TABLES.values() for kind, *_ in lines} | {"all"} == set(ChangeLogEntry.Kind.values)


@pytest.mark.parametrize("table", TABLES)
def test_every_statement_writes_its_entries(table):
    row = make_row(table)
    objects = {column: getattr(row, {"id": "pk"}.get(column, column)) for _, column, _ in TABLES[table]}
    every = sorted((kind, objects[column]) for kind, column, _ in TABLES[table])
    inserted = entries()
    assert set(every) <= set(inserted)
    # An update of any column, whatever its value; the rows of offers that pages list only where a value differs.
    always = sorted((kind, objects[column]) for kind, column, public in TABLES[table] if not public)
    for column in columns_of(table):
        execute(f"UPDATE {table} SET {column} = {column} WHERE id = %s", row.pk)  # noqa: S608
        assert entries() == always, column
    # A value that refers to another object writes both.
    if table in {"careers_faqentry", "careers_roletitle", "careers_roleentry", "careers_salaryband"}:
        other = make_role()
        entries()
        type(row).objects.filter(pk=row.pk).update(role=other)
        assert ("role", row.role_id) in (found := entries())
        assert ("role", other.pk) in found
        objects["role_id"] = other.pk
    every = {(kind, objects[column]) for kind, column, _ in TABLES[table]}
    type(row).objects.filter(pk=row.pk)._raw_delete("default")
    assert every <= set(entries())


VALUES = {
    "status": "filled",
    "published_at": timezone.now() - timedelta(days=9),
    "expires_at": timezone.now() + timedelta(days=9),
    "contract": "cdd",
    "pay_min": 41_000,
    "pay_max": 51_000,
    "confidential": True,
}


@pytest.mark.parametrize("status", ["draft", "published", "filled"])
def test_every_column_of_an_offer(status):
    closed = {"closed_at": timezone.now()} if status == "filled" else {}
    role, other_role, other = make_role(), make_role(), make_company()
    offer = make_offer(role=role, status=status, pay_min=40_000, pay_max=50_000, **closed)
    values = {**VALUES, "role_id": other_role.pk, "company_id": other.pk}
    if status == "filled":
        values["status"] = "published"
    wrong = []
    for column in columns_of("offers_offer"):
        if column in {"id", "place_id"}:
            continue
        before = Offer.objects.filter(pk=offer.pk).values().get()
        value = values.get(column, before[column])
        change = {column: value}
        if column == "status" and status != "draft":
            change["closed_at"] = None if value == "published" else timezone.now()
        elif column == "status":
            change["status"] = "submitted"
            change["waiting_since"] = timezone.now()
        entries()
        Offer.objects.filter(pk=offer.pk).update(**change)
        expected = {("offer", offer.pk)}
        if status == "published" or (status == "filled" and column == "status"):
            for kind, name, public in TABLES["offers_offer"]:
                if column in public:
                    expected |= {(kind, before[name]), (kind, change.get(name, before[name]))}
        if (found := entries()) != sorted(expected):
            wrong.append(f"{column}: {found}, not {sorted(expected)}")
        Offer.objects.filter(pk=offer.pk).update(**{name: before[name] for name in before if name != "id"})
    assert not wrong, "\n".join(wrong)


def test_which_offers_each_entry_has_indexed_again():
    company, place, role = make_company(), make_place(), make_role()
    of_both = make_offer(company=company, place=place, role=role)
    of_company, of_place = make_offer(company=company, fully_remote=True), make_offer(place=place)
    make_offer(fully_remote=True)
    expected = {
        "offer": {77},
        "company": {of_both.pk, of_company.pk},
        "place": {of_both.pk, of_place.pk},
    }
    pks = {"offer": 77, "company": company.pk, "place": place.pk, "role": role.pk}
    for kind in ChangeLogEntry.Kind.values:
        assert log.affected_offers([(kind, pks.get(kind, of_both.pk))]) == expected.get(kind, set()), kind
    assert log.affected_offers([("company", company.pk), ("place", place.pk), ("offer", 77)]) == {
        *(77, of_both.pk, of_company.pk, of_place.pk)
    }


def test_by_the_clock():
    now = timezone.now()
    stamp = now.timestamp()

    def at(seconds):
        return now + timedelta(seconds=seconds)

    start, end = stamp, stamp + 60
    offers = {
        name: make_offer(published_at=at(published), expires_at=at(expires), **fields).pk
        for name, published, expires, fields in [
            ("published before", -6, 900, {}),
            ("published within the margin", -4, 900, {}),
            ("published within", 30, 900, {}),
            ("published after", 61, 900, {}),
            ("expires before", -900, -6, {}),
            ("expires within the margin", -900, -4, {}),
            ("expires within", -900, 30, {}),
            ("expires after", -900, 61, {}),
            ("a draft", 30, 900, {"status": "draft"}),
            ("filled", -900, 30, {"status": "filled", "closed_at": now}),
        ]
    }
    found = log.due_between(start, end)
    assert {name for name, pk in offers.items() if pk in found} == {
        *("published within the margin", "published within", "expires within the margin", "expires within")
    }


def test_old_entries_go_and_the_newest_stays():
    def make(age):
        return ChangeLogEntry.objects.create(kind="offer", object_id=1, at=timezone.now() - age).pk

    ChangeLogEntry.objects.all().delete()
    _, young = make(timedelta(days=2, seconds=5)), make(timedelta(days=2) - timedelta(seconds=5))
    newest = make(timedelta(days=9))
    assert log.prune() == 1
    assert set(ChangeLogEntry.objects.values_list("pk", flat=True)) == {young, newest}
