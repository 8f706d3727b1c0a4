"""A change invalidates the cached pages that show the changed data, and no other page."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from careers.models import FaqEntry, RoleEntry, RoleTitle, SalaryBand
from offers.changelog.triggers import WATCHED
from offers.models import Offer, Skill, SkillAlias
from offers.places.models import Place, PostalCode
from offers.search.models import SynonymSet
from tests.factories import GRENOBLE, make_company, make_offer, make_place, make_role, make_skill

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_triggers")]


@pytest.fixture
def site(client):
    """Two unrelated offers, each with a similar one, and six newer offers on the home page; every page is cached."""
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
    "offers_offer: a field of cards": (lambda site: offer_rows(site.a).update(title="Dompteuse de tigres"), OF_A),
    "offers_offer: a field of its page only": (
        lambda site: offer_rows(site.a).update(confirmed_at=timezone.now()),
        OF_A,
    ),
    "offers_offer: status": (lambda site: site.a.offer.fill(), {*OF_A, "home", "roles"}),
    "offers_offer: deleted": (lambda site: offer_rows(site.a).delete(), {*OF_A, "home", "roles"}),
    "offers_offer: pay": (lambda site: offer_rows(site.a).update(pay_min=40_000, pay_max=50_000), OF_A),
    "offers_offer: role": (lambda site: offer_rows(site.a).update(role=site.b.role), {*OF_A, "role b", "search b"}),
    "offers_offer: a draft": (lambda site: Offer.objects.filter(pk=site.draft.pk).update(title="Brouillons"), set()),
    "offers_offer: inserted": (
        lambda site: make_offer(title="Dompteuse", role=site.a.role, company=site.a.company, place=site.a.place),
        {"role a", "company a", "offer a", "list", "search a", "home", "roles"},
    ),
    "offers_offer_skills": (lambda site: site.a.offer.skills.clear(), OF_A),
    "companies_company": (lambda site: update_row(site.a.company, name="Cirque"), OF_A),
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
        {"offer a", "role a", "company a", *SEARCHES},
    ),
    "offers_skillalias": (lambda site: SkillAlias.objects.create(skill=site.a.skill, name="Fouets"), SEARCHES),
    "search_synonymset": (lambda site: SynonymSet.objects.create(words="lion, fauve"), SEARCHES),
    "careers_role": (
        lambda site: update_row(site.a.role, name="Dompteur"),
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


def offer_rows(side):
    return Offer.objects.filter(pk=side.offer.pk)


def update_row(instance, **values):
    type(instance).objects.filter(pk=instance.pk).update(**values)


def test_every_watched_table_is_among_the_changes():
    assert {name.partition(":")[0] for name in CHANGES} == set(WATCHED)


@pytest.mark.parametrize("name", CHANGES)
def test_change_invalidates_the_pages_that_show_it_and_no_others(client, site, name):
    change, pages = CHANGES[name]
    change(site)
    responses = {page: client.get(url, follow=True) for page, url in site.urls.items()}
    # A page that was rendered, and not served from the cache, has used templates.
    assert {page for page, response in responses.items() if response.templates} == pages


def test_publication_and_expiry_invalidate_the_pages_that_show_the_offer_and_no_others(client, site, monkeypatch):
    # Noon: relative dates change at midnight, which invalidates every page.
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    soon = noon + timedelta(minutes=5)

    def set_clock(now):
        monkeypatch.setattr("time.time", lambda: now.timestamp())
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    offer_rows(site.a).update(expires_at=soon)
    upcoming = make_offer(title="Boulangère", role=site.b.role, company=site.b.company, place=site.b.place)
    Offer.objects.filter(pk=upcoming.pk).update(published_at=soon + timedelta(minutes=5))
    set_clock(noon)
    for url in site.urls.values():
        client.get(url)

    def rendered_at(now, pages):
        set_clock(now)
        # Pages of offers cache similar offers for a minute.
        return {page for page in pages if client.get(site.urls[page]).templates}

    pages = {page for page in site.urls if not page.startswith("offer")}
    assert rendered_at(soon - timedelta(minutes=1), pages) == set()
    rendered = rendered_at(soon + timedelta(seconds=1), pages)
    assert rendered == {"home", "roles", "role a", "company a", "list", "search a"}
    rendered = rendered_at(soon + timedelta(minutes=5, seconds=1), pages)
    assert rendered == {"home", "roles", "role b", "company b", "list", "search b"}
