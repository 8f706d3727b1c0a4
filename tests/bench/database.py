"""Load generated offers into a separate database: `python -m tests.bench.database SIZE SEED`, with DATABASE_URL.

Without the ORM (COPY on PostgreSQL, `executemany` on SQLite), one batch per transaction. The table `bench_load` records
the progress of a load: a stopped one is resumed, a complete one is reused. `check SIZE SEED` only checks this table.
"""

import hashlib
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

# `__mp_main__` is the name of this module in a process that generates batches.
if __name__ in ("__main__", "__mp_main__"):
    django.setup()

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models, transaction

from careers.enums import Level, Zone
from careers.models import FaqEntry, Role, RoleEntry, RoleTitle, SalaryBand
from jobboard.text.keys import search_key
from offers.changelog import triggers
from offers.companies.models import Company
from offers.models import Offer, Skill, SkillAlias
from offers.places.models import Place
from tests.bench import generator, market
from tests.bench.generator import LEVEL_PAY, ZONE_PAY, Market, Town
from tests.bench.progress import Progress

# The period in which a complete load is reused: later its offers are no longer fresh.
TTL = timedelta(days=2)


class UnknownOffers(Exception):
    """The database holds offers that were not written by a load."""


class Outdated(Exception):
    """The database holds another load, or offers that are no longer fresh, and can be dropped."""


def load(
    size: int, seed: int, now: datetime | None = None, progress=None, batches: int | None = None, processes: int = 0
) -> bool:
    """Migrate the database of `connection` and fill it with `size` offers; return whether the load is complete.

    Offers are dated relative to `now`, the current time by default. `batches` limits the number of batches written.
    With `processes`, this number of other processes generates the offers while this one writes them.
    """
    progress = progress or Progress(silent=True)
    expected = identity(size, seed)
    state = check(expected)
    if not state:
        _begin(expected, now or datetime.now(UTC).replace(microsecond=0))
        state = _state()
    if state["complete"]:
        return True
    towns = [
        Town(*row)
        for row in Place.objects.filter(population__gt=0).order_by("pk").values_list("pk", "name", "population", "zone")
    ]
    source = Market(size, seed, state["dated"], towns)
    if not Role.objects.exists():
        with transaction.atomic():
            _write_roles(source)
            _write_skills(source)
            _write_companies(source)
    write = _copy if connection.vendor == "postgresql" else _execute_many
    done = Offer.objects.aggregate(last=models.Max("pk"))["last"] or 0
    progress.start("offers", size, done)
    with generator.batches(source, done, processes) as generated:
        for index, batch in enumerate(generated):
            if batches is not None and index >= batches:
                return False
            with transaction.atomic(), connection.cursor() as cursor:
                write(cursor, batch)
            done += len(batch)
            progress.at(done)
    progress.step("statistics")
    _finish()
    return True


def identity(size: int, seed: int) -> dict:
    """Return the values that identify this load."""
    return {"seed": seed, "size": size, "format": generator.FORMAT, "tables": _tables()}


def check(expected: dict) -> dict | None:
    """Return the state of the load `wanted`, or None before it; raise NotOurs or Outdated."""
    state = _state()
    if state and ({name: state[name] for name in expected} != expected or datetime.now(UTC) - state["dated"] > TTL):
        raise Outdated("the database holds another load")
    return state


def _state() -> dict | None:
    tables = connection.introspection.table_names()
    if "bench_load" not in tables:
        if Offer._meta.db_table in tables and Offer.objects.exists():
            raise UnknownOffers("the database holds offers that were not generated: it is not touched")
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT seed, size, format, tables, dated, complete FROM bench_load")
        seed, size, format_, tables, dated, complete = cursor.fetchone()
    return {
        "seed": seed, "size": size, "format": format_, "tables": tables,
        "complete": bool(complete), "dated": datetime.fromisoformat(dated),
    }  # fmt: skip


def _tables() -> str:
    """Return a hash of the migrations: a database with other migrations cannot be reused."""
    folders = (Path(app.path) / "migrations" for app in apps.get_app_configs())
    files = (file for folder in folders if settings.BASE_DIR in folder.parents for file in sorted(folder.glob("0*.py")))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _begin(expected, now):
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    if not Place.objects.exists():
        call_command("load_places", verbosity=0)
    with transaction.atomic(), connection.cursor() as cursor:
        # Without change log entries for the offers. The triggers are created again at the end.
        _drop_triggers(cursor)
        cursor.execute("DROP TABLE IF EXISTS bench_load")
        cursor.execute(
            "CREATE TABLE bench_load"
            " (seed INTEGER, size INTEGER, format INTEGER, tables TEXT, dated TEXT, complete INTEGER)"
        )
        cursor.execute(
            "INSERT INTO bench_load VALUES (%s, %s, %s, %s, %s, 0)",
            [expected["seed"], expected["size"], expected["format"], expected["tables"], now.isoformat()],
        )


def _drop_triggers(cursor):
    if connection.vendor == "postgresql":
        cursor.execute("SELECT tgname || ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal")
    else:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for (trigger,) in cursor.fetchall():
        cursor.execute(f"DROP TRIGGER {trigger}")


def _finish():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('offers_offer', 'id'), (SELECT max(id) FROM offers_offer))"
            )
            if not connection.in_atomic_block:
                cursor.execute("VACUUM (ANALYZE)")
        else:
            cursor.execute("ANALYZE")
    triggers.create_triggers()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bench_load SET complete = 1")


# Rows -----------------------------------------------------------------------------------------------------------------


def _columns() -> tuple[list[str], list]:
    """Return the columns of an offer, those that the generator fills first, and the default values of the others."""
    fields = {field.column: field for field in Offer._meta.concrete_fields}
    others = [column for column in fields if column not in generator.COLUMNS]
    return [*generator.COLUMNS, *others], [fields[column].get_default() for column in others]


def _copy(cursor, batch):
    columns, defaults = _columns()
    with cursor.copy(f"COPY offers_offer ({', '.join(columns)}) FROM STDIN") as copy:
        for row, _ in batch:
            copy.write_row((*row, *defaults))
    with cursor.copy("COPY offers_offer_skills (offer_id, skill_id) FROM STDIN") as copy:
        for row, skills in batch:
            for skill in skills:
                copy.write_row((row[0], skill))


def _execute_many(cursor, batch):
    columns, defaults = _columns()
    placeholders = ", ".join(["?"] * len(columns))
    # The cursor of the driver: Django's would convert the statement for each row.
    raw = cursor.connection.cursor()
    raw.executemany(
        f"INSERT INTO offers_offer ({', '.join(columns)}) VALUES ({placeholders})",  # noqa: S608 - names of our own model
        ([_sqlite_value(value) for value in (*row, *defaults)] for row, _ in batch),
    )
    raw.executemany(
        "INSERT INTO offers_offer_skills (offer_id, skill_id) VALUES (?, ?)",
        ((row[0], skill) for row, skills in batch for skill in skills),
    )


def _sqlite_value(value):
    """Return a datetime as Django writes it to SQLite, and any other value unchanged."""
    return str(value.replace(tzinfo=None)) if isinstance(value, datetime) else value


def _write_skills(source: Market):
    Skill.objects.bulk_create(
        Skill(pk=pk, name=name, key=search_key(name), slug=f"competence-{pk}")
        for pk, name in enumerate(source.skills, 1)
    )
    ids = {name: pk for pk, name in enumerate(source.skills, 1)}
    SkillAlias.objects.bulk_create(
        SkillAlias(skill_id=ids[name], name=alias, key=search_key(alias))
        for name, aliases in market.ALIASES.items()
        for alias in aliases
    )


def _write_companies(source: Market):
    Company.objects.bulk_create(
        (Company(pk=pk, name=name, slug=slug, kind=kind) for pk, (name, slug, kind) in enumerate(source.companies, 1)),
        batch_size=500,
    )


def _write_roles(source: Market):
    """Write published profiles of realistic length: prose, lists, a salary grid and questions."""
    prose = ("definition", "missions", "skills", "soft_skills", "training", "evolution", "salary", "sectors")
    for pk, job in enumerate(market.JOBS, 1):
        role = Role.objects.create(
            pk=pk,
            slug=job.slug,
            name=job.name,
            summary=source.prose(job.slug, job.skills, 1, "summary")[:300],
            status=Role.Status.PUBLISHED,
            median_salary=job.pay,
            salary_source="Banc d’essai",
            salary_year=2026,
            experience_from=2,
            experience_to=8,
            **{name: source.prose(job.slug, job.skills, 6, name) for name in prose},
        )
        RoleTitle.objects.bulk_create(
            RoleTitle(role=role, position=position, title=title, key=search_key(title))
            for position, title in enumerate(job.titles)
        )
        RoleEntry.objects.bulk_create(
            RoleEntry(
                role=role,
                section=section,
                position=position,
                label=f"Étape {position}",
                text=source.prose(job.slug, job.skills, 1, f"{section} {position}"),
            )
            for section in RoleEntry.Section.values
            for position in range(6)
        )
        SalaryBand.objects.bulk_create(
            SalaryBand(
                role=role,
                level=level,
                zone=zone,
                minimum=round(job.pay * LEVEL_PAY[level] * ZONE_PAY[zone] * 0.9),
                maximum=round(job.pay * LEVEL_PAY[level] * ZONE_PAY[zone] * 1.15),
                source="Banc d’essai",
                year=2026,
            )
            for level in Level.values
            for zone in Zone.values
        )
        FaqEntry.objects.bulk_create(
            FaqEntry(
                role=role,
                position=position,
                question=f"Question {position} sur le métier de {job.name} ?",
                answer=source.prose(job.slug, job.skills, 3, f"faq {position}"),
            )
            for position in range(6)
        )


def main(arguments: list[str]):
    start = time.monotonic()
    size, seed = map(int, arguments[-2:])
    try:
        if arguments[0] == "check":
            check(identity(size, seed))
            return
        load(size, seed, progress=Progress(), processes=min(os.cpu_count() or 1, 4))
    except Outdated:
        sys.exit(3)
    print(f"  database: {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
