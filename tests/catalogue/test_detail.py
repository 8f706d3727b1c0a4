import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careers.models import SalaryBand
from offers.companies.models import Company
from offers.enums import Contract, OfferStatus
from offers.models import Offer
from tests.admin.staff import make_staff
from tests.catalogue.html import visible_text
from tests.factories import make_company, make_offer, make_role, make_skill, make_user


def get_page(client, offer):
    response = client.get(offer.get_absolute_url())
    assert response.status_code == 200
    return response


@pytest.fixture
def role(db):
    role = make_role(name="CTO", slug="cto")
    SalaryBand.objects.create(
        role=role, level="junior", zone="grandes-villes", minimum=40, maximum=50, source="Étude", year=2026
    )
    return role


@pytest.fixture
def full_offer(role):
    """Return an offer with a value in every field."""
    company = make_company(
        name="Acme", slug="acme", kind="esn", sector="Santé", size="50-249", website="https://www.example.org/jobs"
    )
    return make_offer(
        title="Architecte (H/F)",
        company=company,
        role=role,
        experience="junior",
        pay_min=45_000,
        pay_max=60_000,
        remote_days=2,
        skills=[make_skill("C++", slug="cpp")],
        highlights="équipe soudée\nproduit utile",
        description="## Missions\n\nDu **bon** code <script>alert(1)</script>.",
        apply_url="https://jobs.example.org/1",
        confirmed_at=timezone.now(),
        external_reference="REF-7",
    )


def test_every_field_with_a_value_is_shown(client, full_offer):
    make_offer(title="Autre chez Acme", company=full_offer.company)
    response = get_page(client, full_offer)
    page, html = visible_text(response), response.content.decode()
    for fragment in (
        "Architecte (H/F)",
        "Acme",
        "Lyon (69)",
        "45 – 60 K€ brut par an",
        "2 jours de télétravail",
        "Junior, 2 à 4 ans",
        "Équipe soudée",
        "ESN",
        "Santé",
        "50 à 249 personnes",
        "www.example.org",
        "REF-7",
        "Confirmée",
        "Autre chez Acme",
        "Cette offre commence dans la fourchette et la dépasse.",
        "Postuler sur jobs.example.org",
    ):
        assert fragment in page, fragment
    assert "<h3>Missions</h3>" in html
    assert "<script>alert" not in html
    assert 'href="/offres/?competence=cpp"' in html
    assert 'href="/offres/?entreprise=acme"' in html
    assert 'postuler/ailleurs/" rel="nofollow noopener noreferrer"' in html
    assert 'href="https://www.example.org/jobs" rel="noopener nofollow"' in html
    assert "noindex" not in html
    assert "data-share" in html
    assert "data-print" in html


def test_empty_fields_are_left_out(client, db):
    page = visible_text(get_page(client, make_offer(company=make_company(name="Acme"))))
    for fragment in ("None", "K€", "télétravail", "Points forts", "Compétences", "grille", "Confirmée", "Secteur"):
        assert fragment not in page, fragment
    assert "Un message et un CV" in page


@pytest.mark.parametrize(
    "values",
    [
        {"experience": ""},
        {"pay_min": None, "pay_max": None},
        {"role": None},
        {"contract": Contract.FREELANCE, "pay_min": 400, "pay_max": 500},
        {"fully_remote": True, "remote_days": 5, "place": None},
        {"experience": "expert"},
    ],
)
def test_salary_comparison_is_left_out_when_data_is_missing(client, full_offer, values):
    Offer.objects.filter(pk=full_offer.pk).update(**values)
    full_offer.refresh_from_db()
    assert "Dans la grille" not in visible_text(get_page(client, full_offer))


def test_unpublished_role_is_not_shown(client, full_offer):
    full_offer.role.status = "draft"
    full_offer.role.save()
    response = get_page(client, full_offer)
    assert b"/metiers/cto/" not in response.content
    assert "Dans la grille" not in visible_text(response)


def test_confidential_employer_does_not_appear_on_the_page(client, db):
    company = make_company(name="Secrète SA", slug="acme-cachee", website="https://cachee.example.org", sector="Rare")
    make_offer(title="Au grand jour", company=company)
    confidential_offer = make_offer(
        company=company, confidential=True, employer_descriptor="éditeur discret", external_reference="R9"
    )
    html = get_page(client, confidential_offer).content.decode()
    html = html.split('aria-labelledby="autres"')[0]
    for fragment in ("Secrète", "acme-cachee", "cachee.example.org", "Rare", "Au grand jour", "R9"):
        assert fragment not in html, fragment
    assert "Éditeur discret" in html


@pytest.mark.parametrize("count", [0, 1, 30])
def test_query_count_does_not_depend_on_the_number_of_rows(client, full_offer, count):
    for _ in range(count):
        make_offer(company=full_offer.company, role=full_offer.role, skills=full_offer.skills.all())
    with CaptureQueriesContext(connection) as queries:
        client.get(full_offer.get_absolute_url())
    assert len(queries) <= 6, [query["sql"] for query in queries]


def test_similar_offers_are_shown_or_recent_ones_if_there_are_none(client, full_offer):
    other = make_offer(title="Sans rapport")
    page = visible_text(get_page(client, full_offer))
    assert "Autres offres récentes" in page
    assert "Sans rapport" in page
    other.skills.set(full_offer.skills.all())
    assert "Offres proches" in visible_text(get_page(client, full_offer))


@pytest.mark.parametrize("path", ["{pk}-faux/", "{pk}/", "{pk}-ARCHITECTE/"])
def test_wrong_slug_redirects_to_the_canonical_url(client, full_offer, path):
    response = client.get(f"/offres/{path.format(pk=full_offer.pk)}?a=1&b=%C3%A9")
    assert response.status_code == 301
    assert response.url == f"/offres/{full_offer.pk}-architecte/?a=1&b=%C3%A9"


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
def test_unknown_offer_gives_404(client, db, pk):
    assert client.get(f"/offres/{pk}-x/").status_code == 404


@pytest.mark.parametrize(
    ("close", "message"),
    [
        (lambda offer: offer.fill(), "Cette offre est pourvue"),
        (lambda offer: offer.withdraw(), "Cette offre est retirée"),
        (
            lambda offer: Offer.objects.update(
                published_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() - timedelta(days=1)
            ),
            "Cette offre a expiré",
        ),
    ],
)
def test_closed_offer_shows_its_status_and_similar_offers(client, full_offer, close, message):
    close(full_offer)
    make_offer(title="Encore ouverte", skills=full_offer.skills.all())
    response = get_page(client, full_offer)
    page, html = visible_text(response), response.content.decode()
    assert message in page
    assert "On ne peut plus y postuler" in page
    assert "Encore ouverte" in page
    assert "Postuler sur" not in page
    assert "Comment postuler" not in page
    assert "jobs.example.org" not in html
    assert '<meta name="robots" content="noindex">' in html


@pytest.mark.parametrize("closing", ["withdraw", "remove"])
@pytest.mark.parametrize("verbs", [["fill", "reopen", "submit"], ["return_"], ["expire", "reopen", "submit"]])
def test_closed_offer_has_no_page_if_its_text_was_no_longer_public(client, verbs, closing):
    """The text may have been edited without a moderator since the offer was published."""
    moderator = make_staff("moderate_offer")
    company = make_company()
    offer = make_offer(title="Relue", company=company, confidential=True, employer_descriptor="Éditeur")
    steps = {
        "fill": lambda: offer.fill(moderator),
        "expire": lambda: offer.expire(at=offer.expires_at),
        "return_": lambda: offer.return_(moderator, "Motif"),
        "reopen": lambda: offer.reopen(moderator),
        "submit": lambda: offer.submit(moderator),
    }
    for verb in verbs:
        steps[verb]()
    Offer.objects.filter(pk=offer.pk).update(title="Jamais relue", confidential=False)
    offer.refresh_from_db()
    getattr(offer, closing)(moderator, "Motif")
    response = client.get(offer.get_absolute_url())
    assert response.status_code == 404
    assert "Jamais relue" not in response.content.decode()
    assert not Company.objects.public().exists()


def test_closed_offer_gives_410_after_its_period(client, full_offer, settings):
    settings.OFFER_GONE_AFTER_DAYS = 30
    full_offer.fill(at=timezone.now() - timedelta(days=31))
    response = client.get(full_offer.get_absolute_url())
    assert response.status_code == 410
    assert "n’est plus en ligne" in visible_text(response)
    assert client.get(f"/offres/{full_offer.pk}-faux/").status_code == 410


@pytest.mark.parametrize(
    "values",
    [
        {"status": OfferStatus.DRAFT},
        {"status": OfferStatus.DRAFT, "published_at": None, "expires_at": None},
        {"published_at": timezone.now() + timedelta(days=1), "expires_at": timezone.now() + timedelta(days=5)},
        {"status": OfferStatus.WITHDRAWN, "published_at": None, "expires_at": None, "closed_at": timezone.now()},
    ],
)
def test_offer_that_was_never_published_is_visible_to_staff_only(client, db, values):
    offer = make_offer(title="En secret", **values)
    # No redirect either, as its URL would contain the title.
    assert client.get(f"/offres/{offer.pk}-x/").status_code == 404
    client.force_login(make_user())
    assert client.get(offer.get_absolute_url()).status_code == 404
    curator = make_user(is_staff=True)
    curator.user_permissions.add(Permission.objects.get(codename="view_offer"))
    client.force_login(curator)
    response = client.get(offer.get_absolute_url())
    assert response.status_code == 200
    assert re.search("Brouillon|Publication à venir|retirée", visible_text(response))
    assert b"noindex" in response.content
