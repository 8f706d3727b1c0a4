"""Entries that the triggers of each watched table write to the change log, by statement and column."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from careers.models import FaqEntry, RoleEntry, RoleTitle, SalaryBand
from offers.changelog import log, triggers
from offers.changelog.models import ChangeLogEntry
from offers.changelog.triggers import WATCHED
from offers.models import Offer, SkillAlias
from offers.places.models import Place, PostalCode
from offers.search.models import SynonymSet
from tests.factories import make_company, make_offer, make_place, make_role, make_skill

pytestmark = pytest.mark.django_db
LIFECYCLE_COLUMNS = {"status", "published_at", "expires_at"}
# The entries of each table: kind, column of the object id, and columns of a published offer that write the entry
# (empty: every column does).
TABLES = {
    "offers_offer": [
        ("offer", "id", set()),
        ("published", "id", LIFECYCLE_COLUMNS),
        ("role_offers", "role_id", LIFECYCLE_COLUMNS | {"role_id", "contract", "pay_min", "pay_max"}),
        ("company_offers", "company_id", LIFECYCLE_COLUMNS | {"company_id", "confidential"}),
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
def create_triggers():
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


def pop_entries() -> list[tuple[str, int]]:
    entries = sorted(ChangeLogEntry.objects.values_list("kind", "object_id"))
    ChangeLogEntry.objects.all().delete()
    return entries


def execute(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def column_names(table) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def test_watched_tables_and_their_entries():
    watched = {
        table: [(line.kind, line.column, set(line.public)) for line in lines] for table, lines in WATCHED.items()
    }
    assert watched == TABLES
    assert {kind for lines in TABLES.values() for kind, *_ in lines} | {"all"} == set(ChangeLogEntry.Kind.values)


@pytest.mark.parametrize("table", TABLES)
def test_insert_update_and_delete_write_the_entries_of_the_table(table):
    row = make_row(table)
    objects = {column: getattr(row, {"id": "pk"}.get(column, column)) for _, column, _ in TABLES[table]}
    every = sorted((kind, objects[column]) for kind, column, _ in TABLES[table])
    inserted = pop_entries()
    assert set(every) <= set(inserted)
    # An UPDATE of any column writes them, even without a change; entries of public columns require a different value.
    always = sorted((kind, objects[column]) for kind, column, public in TABLES[table] if not public)
    for column in column_names(table):
        execute(f"UPDATE {table} SET {column} = {column} WHERE id = %s", row.pk)  # noqa: S608
        assert pop_entries() == always, column
    # A new foreign key writes an entry for the old object and for the new one.
    if table in {"careers_faqentry", "careers_roletitle", "careers_roleentry", "careers_salaryband"}:
        other = make_role()
        pop_entries()
        type(row).objects.filter(pk=row.pk).update(role=other)
        assert ("role", row.role_id) in (entries := pop_entries())
        assert ("role", other.pk) in entries
        objects["role_id"] = other.pk
    every = {(kind, objects[column]) for kind, column, _ in TABLES[table]}
    type(row).objects.filter(pk=row.pk)._raw_delete("default")
    assert every <= set(pop_entries())


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
def test_update_of_each_offer_column_writes_its_entries(status):
    closed = {"closed_at": timezone.now()} if status == "filled" else {}
    role, other_role, other = make_role(), make_role(), make_company()
    offer = make_offer(role=role, status=status, pay_min=40_000, pay_max=50_000, **closed)
    values = {**VALUES, "role_id": other_role.pk, "company_id": other.pk}
    if status == "filled":
        values["status"] = "published"
    errors = []
    for column in column_names("offers_offer"):
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
        pop_entries()
        Offer.objects.filter(pk=offer.pk).update(**change)
        expected = {("offer", offer.pk)}
        if status == "published" or (status == "filled" and column == "status"):
            for kind, name, public in TABLES["offers_offer"]:
                if column in public:
                    expected |= {(kind, before[name]), (kind, change.get(name, before[name]))}
        if (entries := pop_entries()) != sorted(expected):
            errors.append(f"{column}: {entries}, not {sorted(expected)}")
        Offer.objects.filter(pk=offer.pk).update(**{name: before[name] for name in before if name != "id"})
    assert not errors, "\n".join(errors)


def test_affected_offers_of_each_kind_of_entry():
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


def test_offers_published_or_expired_within_an_interval_are_due():
    now = timezone.now()
    timestamp = now.timestamp()

    def at(seconds):
        return now + timedelta(seconds=seconds)

    start, end = timestamp, timestamp + 60
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
    due = log.due_between(start, end)
    assert {name for name, pk in offers.items() if pk in due} == {
        *("published within the margin", "published within", "expires within the margin", "expires within")
    }


def test_prune_deletes_old_entries_except_the_newest():
    def make_entry(age):
        return ChangeLogEntry.objects.create(kind="offer", object_id=1, at=timezone.now() - age).pk

    ChangeLogEntry.objects.all().delete()
    _, young = make_entry(timedelta(days=2, seconds=5)), make_entry(timedelta(days=2) - timedelta(seconds=5))
    newest = make_entry(timedelta(days=9))
    assert log.prune() == 1
    assert set(ChangeLogEntry.objects.values_list("pk", flat=True)) == {young, newest}


def kinds_written_by(statement, *values) -> set[str]:
    ChangeLogEntry.objects.all().delete()
    execute(statement, *values)
    return set(ChangeLogEntry.objects.values_list("kind", flat=True))


PUBLIC_COLUMNS = sorted({column for line in WATCHED["offers_offer"] for column in line.public})


@pytest.mark.parametrize("column", PUBLIC_COLUMNS)
@pytest.mark.parametrize("status", ["draft", "published"])
def test_public_columns_of_an_offer_write_entries_for_old_and_new_objects(column, status):
    offer = make_offer(role=make_role(), status=status, pay_min=40_000, pay_max=50_000)
    value = {
        "status": "withdrawn",
        "published_at": timezone.now() - timedelta(days=3),
        "expires_at": timezone.now() + timedelta(days=3),
        "role_id": make_role().pk,
        "company_id": make_company().pk,
        "confidential": True,
        "contract": "cdd",
        "pay_min": 41_000,
        "pay_max": 51_000,
    }[column]
    values = {column: value} | ({"closed_at": timezone.now()} if column == "status" else {})
    ChangeLogEntry.objects.all().delete()
    Offer.objects.filter(pk=offer.pk).update(**values)
    entries = set(ChangeLogEntry.objects.values_list("kind", "object_id"))
    expected = {("offer", offer.pk)}
    if status == "published":
        after = Offer.objects.get(pk=offer.pk)
        for line in WATCHED["offers_offer"]:
            if column in line.public:
                expected |= {(line.kind, getattr(each, {"id": "pk"}.get(line.column, line.column)))
                             for each in (offer, after)}  # fmt: skip
    assert entries == expected


@pytest.mark.parametrize("table", sorted(set(WATCHED) - {"offers_offer"}))
def test_update_of_each_column_of_other_tables_writes_their_entries(table):
    role, skill = make_role(), make_skill("Zig", aliases=["zigue"])
    make_offer([skill])
    RoleTitle.objects.create(role=role, title="Belluaire")
    RoleEntry.objects.create(role=role, section="mission", text="Dresser")
    FaqEntry.objects.create(role=role, question="Et les lions ?", answer="Ils dorment.")
    SalaryBand.objects.create(
        role=role, level="junior", zone="paris", minimum=40, maximum=50, source="Étude", year=2026
    )
    SynonymSet.objects.create(words="lion, fauve")
    for column in column_names(table):
        # Even without a change of the value: these triggers depend on the statement only.
        kinds = kinds_written_by(f"UPDATE {table} SET {column} = {column}")  # noqa: S608
        assert kinds == {line.kind for line in WATCHED[table]}, column


def test_migrations_create_all_triggers():
    call_command("migrate", verbosity=0)
    assert triggers.create_triggers() == []
