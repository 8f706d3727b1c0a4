"""A change invalidates the cached pages that show it, at the next request, and no other page."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from careers.models import FaqEntry, RoleEntry, RoleTitle, SalaryBand
from offers.changelog import triggers
from offers.changelog.models import ChangeLogEntry
from offers.changelog.triggers import WATCHED
from offers.models import Offer, Skill, SkillAlias
from offers.places.models import Place, PostalCode
from offers.search.models import SynonymSet
from tests.factories import GRENOBLE, make_company, make_offer, make_place, make_role, make_skill

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def log(db):
    triggers.create_triggers()


@pytest.fixture
def site(client):
    """Two offers that have nothing in common, each with another like it, and six newer ones on the home page."""
    site = SimpleNamespace()
    for name, title, place in (("a", "Dompteuse de lions", None), ("b", "Boulangère de nuit", GRENOBLE)):
        role, company, skill = make_role(name=title), make_company(name=title.split()[0]), make_skill(title.split()[2])
        town = make_place(**place) if place else make_place()
        offers = [
            make_offer([skill], title=title, role=role, company=company, place=town, age=timedelta(days=2))
            for _ in range(2)
        ]
        setattr(site, name, SimpleNamespace(role=role, company=company, skill=skill, offer=offers[0], place=town))
    for _ in range(6):
        make_offer(title="Veilleuse", confidential=True, company=None, employer_descriptor="Phare", fully_remote=True)
    site.draft = make_offer(title="Brouillon", status="draft", company=site.a.company, role=site.a.role)
    site.urls = {
        "home": "/",
        "roles": "/metiers/",
        "list": "/offres/",
        **{f"offer {name}": getattr(site, name).offer.get_absolute_url() for name in "ab"},
        **{f"role {name}": getattr(site, name).role.get_absolute_url() for name in "ab"},
        **{f"company {name}": getattr(site, name).company.get_absolute_url() for name in "ab"},
        "search a": "/offres/?q=dompteuse",
        "search b": "/offres/?q=boulangère",
    }
    for url in site.urls.values():
        client.get(url)
        assert not client.get(url).templates, url
    return site


OF_A = {"offer a", "role a", "company a", "list", "search a"}
SEARCHES = {"list", "search a", "search b"}
CHANGES = {
    "offers_offer: what cards show": (lambda site: _offers(site.a).update(title="Dompteuse de tigres"), OF_A),
    "offers_offer: what only its page shows": (lambda site: _offers(site.a).update(confirmed_at=timezone.now()), OF_A),
    "offers_offer: status": (lambda site: site.a.offer.fill(), {*OF_A, "home", "roles"}),
    "offers_offer: deleted": (lambda site: _offers(site.a).delete(), {*OF_A, "home", "roles"}),
    "offers_offer: pay": (lambda site: _offers(site.a).update(pay_min=40_000, pay_max=50_000), OF_A),
    "offers_offer: role": (lambda site: _offers(site.a).update(role=site.b.role), {*OF_A, "role b", "search b"}),
    "offers_offer: a draft": (lambda site: Offer.objects.filter(pk=site.draft.pk).update(title="Brouillons"), set()),
    "offers_offer: inserted": (
        lambda site: make_offer(title="Dompteuse", role=site.a.role, company=site.a.company, place=site.a.place),
        {"role a", "company a", "offer a", "list", "search a", "home", "roles"},
    ),
    "offers_offer_skills": (lambda site: site.a.offer.skills.clear(), OF_A),
    "companies_company": (lambda site: _save(site.a.company, name="Cirque"), OF_A),
    "places_place": (
        lambda site: Place.objects.filter(pk=site.a.place.pk).update(name="Lugdunum"),
        {*OF_A, *SEARCHES, "offer b", "role b", "company b", "home"},
    ),
    "places_postalcode": (
        lambda site: PostalCode.objects.create(place=site.a.place, code="69003"),
        {*OF_A, *SEARCHES, "offer b", "role b", "company b", "home"},
    ),
    "offers_skill": (
        lambda site: Skill.objects.filter(pk=site.a.skill.pk).update(name="Fouet"),
        {"offer a", *SEARCHES},
    ),
    "offers_skillalias": (lambda site: SkillAlias.objects.create(skill=site.a.skill, name="Fouets"), SEARCHES),
    "search_synonymset": (lambda site: SynonymSet.objects.create(words="lion, fauve"), SEARCHES),
    "careers_role": (
        lambda site: _save(site.a.role, name="Dompteur"),
        {"role a", "offer a", "roles", "home", *SEARCHES},
    ),
    "careers_roletitle": (
        lambda site: RoleTitle.objects.create(role=site.a.role, title="Belluaire"),
        {"role a", "offer a", *SEARCHES},
    ),
    "careers_roleentry": (
        lambda site: RoleEntry.objects.create(role=site.a.role, section="mission", text="Dresser"),
        {"role a", "offer a"},
    ),
    "careers_salaryband": (
        lambda site: SalaryBand.objects.create(
            role=site.a.role, level="junior", zone="paris", minimum=40, maximum=50, source="Étude", year=2026
        ),
        {"role a", "offer a"},
    ),
    "careers_faqentry": (
        lambda site: FaqEntry.objects.create(role=site.a.role, question="Et les lions ?", answer="Ils dorment."),
        {"role a", "offer a"},
    ),
}


def _offers(side):
    return Offer.objects.filter(pk=side.offer.pk)


def _save(instance, **values):
    type(instance).objects.filter(pk=instance.pk).update(**values)


def test_every_watched_table_is_among_the_changes():
    assert {name.partition(":")[0] for name in CHANGES} == set(WATCHED)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_invalidates_the_pages_that_show_it_and_no_other(client, site, name):
    change, pages = CHANGES[name]
    change(site)
    responses = {page: client.get(url, follow=True) for page, url in site.urls.items()}
    # A page that was rendered, and not taken from the cache, has used templates.
    assert {page for page, response in responses.items() if response.templates} == pages


def test_the_clock_invalidates_the_pages_that_show_it_and_no_other(client, site, monkeypatch):
    # Noon: dates in words change at midnight, which outdates every page.
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    soon = noon + timedelta(minutes=5)

    def set_clock(moment):
        monkeypatch.setattr("time.time", lambda: moment.timestamp())
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    _offers(site.a).update(expires_at=soon)
    coming = make_offer(title="Boulangère", role=site.b.role, company=site.b.company, place=site.b.place)
    Offer.objects.filter(pk=coming.pk).update(published_at=soon + timedelta(minutes=5))
    set_clock(noon)
    for url in site.urls.values():
        client.get(url)

    def rendered_at(moment, pages):
        set_clock(moment)
        # Pages of offers show similar ones for a minute.
        return {page for page in pages if client.get(site.urls[page]).templates}

    pages = {page for page in site.urls if not page.startswith("offer")}
    assert rendered_at(soon - timedelta(minutes=1), pages) == set()
    after = rendered_at(soon + timedelta(seconds=1), pages)
    assert after == {"home", "roles", "role a", "company a", "list", "search a"}
    after = rendered_at(soon + timedelta(minutes=5, seconds=1), pages)
    assert after == {"home", "roles", "role b", "company b", "list", "search b"}


# Entries of the log, by table and column


def kinds_of(statement, *values) -> set[str]:
    ChangeLogEntry.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    return set(ChangeLogEntry.objects.values_list("kind", flat=True))


PUBLIC_COLUMNS = sorted({column for line in WATCHED["offers_offer"] for column in line.public})


@pytest.mark.parametrize("column", PUBLIC_COLUMNS)
@pytest.mark.parametrize("status", ["draft", "published"])
def test_columns_that_decide_where_an_offer_is_listed(column, status):
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
def test_every_column_of_the_other_tables_writes_their_entries(table):
    role, skill = make_role(), make_skill("Zig", aliases=["zigue"])
    make_offer([skill])
    RoleTitle.objects.create(role=role, title="Belluaire")
    RoleEntry.objects.create(role=role, section="mission", text="Dresser")
    FaqEntry.objects.create(role=role, question="Et les lions ?", answer="Ils dorment.")
    SalaryBand.objects.create(
        role=role, level="junior", zone="paris", minimum=40, maximum=50, source="Étude", year=2026
    )
    SynonymSet.objects.create(words="lion, fauve")
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    for column in columns:
        # Whatever the value: a trigger looks at the statement.
        kinds = kinds_of(f"UPDATE {table} SET {column} = {column}")  # noqa: S608
        assert kinds == {line.kind for line in WATCHED[table]}, column


def test_no_migration_leaves_a_table_without_its_triggers():
    call_command("migrate", verbosity=0)
    assert triggers.create_triggers() == []
