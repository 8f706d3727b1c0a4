import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careers.models import SalaryBand
from offers.enums import Contract, OfferStatus
from offers.models import Offer
from tests.catalogue.test_list import text
from tests.factories import make_company, make_offer, make_role, make_skill, make_user


def detail_context(client, offer):
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
def full(role):
    """An offer that says everything."""
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


def test_everything_known_is_shown(client, full):
    make_offer(title="Autre chez Acme", company=full.company)
    response = detail_context(client, full)
    page, html = text(response), response.content.decode()
    for piece in (
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
        assert piece in page, piece
    assert "<h3>Missions</h3>" in html
    assert "<script>alert" not in html
    assert 'href="/offres/?competence=cpp"' in html
    assert 'href="/offres/?entreprise=acme"' in html
    assert 'postuler/ailleurs/" rel="nofollow noopener noreferrer"' in html
    assert 'href="https://www.example.org/jobs" rel="noopener nofollow"' in html
    assert "noindex" not in html
    assert "data-share" in html
    assert "data-print" in html


def test_what_is_unknown_is_left_out(client, db):
    page = text(detail_context(client, make_offer(company=make_company(name="Acme"))))
    for piece in ("None", "K€", "télétravail", "Points forts", "Compétences", "grille", "Confirmée", "Secteur"):
        assert piece not in page, piece
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
def test_no_picture_without_what_it_takes(client, full, values):
    Offer.objects.filter(pk=full.pk).update(**values)
    full.refresh_from_db()
    assert "Dans la grille" not in text(detail_context(client, full))


def test_unpublished_role_is_not_shown(client, full):
    full.role.status = "draft"
    full.role.save()
    response = detail_context(client, full)
    assert b"/metiers/cto/" not in response.content
    assert "Dans la grille" not in text(response)


def test_confidential_employer_is_nowhere_on_the_page(client, db):
    company = make_company(name="Secrète SA", slug="acme-cachee", website="https://cachee.example.org", sector="Rare")
    make_offer(title="Au grand jour", company=company)
    hidden = make_offer(
        company=company, confidential=True, employer_descriptor="éditeur discret", external_reference="R9"
    )
    html = detail_context(client, hidden).content.decode()
    html = html.split('aria-labelledby="autres"')[0]
    for piece in ("Secrète", "acme-cachee", "cachee.example.org", "Rare", "Au grand jour", "R9"):
        assert piece not in html, piece
    assert "Éditeur discret" in html


@pytest.mark.parametrize("number", [0, 1, 30])
def test_few_queries_whatever_the_rows(client, full, number):
    for _ in range(number):
        make_offer(company=full.company, role=full.role, skills=full.skills.all())
    with CaptureQueriesContext(connection) as queries:
        client.get(full.get_absolute_url())
    assert len(queries) <= 6, [query["sql"] for query in queries]


def test_similar_offers_are_shown_and_others_where_there_are_none(client, full):
    other = make_offer(title="Sans rapport")
    page = text(detail_context(client, full))
    assert "Autres offres récentes" in page
    assert "Sans rapport" in page
    other.skills.set(full.skills.all())
    assert "Offres proches" in text(detail_context(client, full))


@pytest.mark.parametrize("path", ["{pk}-faux/", "{pk}/", "{pk}-ARCHITECTE/"])
def test_wrong_slug_leads_to_the_right_one(client, full, path):
    response = client.get(f"/offres/{path.format(pk=full.pk)}?a=1&b=%C3%A9")
    assert response.status_code == 301
    assert response.url == f"/offres/{full.pk}-architecte/?a=1&b=%C3%A9"


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
def test_unknown_offer(client, db, pk):
    assert client.get(f"/offres/{pk}-x/").status_code == 404


@pytest.mark.parametrize(
    ("close", "words"),
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
def test_closed_offer_says_so_and_offers_others(client, full, close, words):
    close(full)
    make_offer(title="Encore ouverte", skills=full.skills.all())
    response = detail_context(client, full)
    page, html = text(response), response.content.decode()
    assert words in page
    assert "On ne peut plus y postuler" in page
    assert "Encore ouverte" in page
    assert "Postuler sur" not in page
    assert "Comment postuler" not in page
    assert "jobs.example.org" not in html
    assert '<meta name="robots" content="noindex">' in html


def test_closed_offer_is_gone_after_a_while(client, full, settings):
    settings.OFFER_GONE_AFTER_DAYS = 30
    full.fill(at=timezone.now() - timedelta(days=31))
    response = client.get(full.get_absolute_url())
    assert response.status_code == 410
    assert "n’est plus en ligne" in text(response)
    assert client.get(f"/offres/{full.pk}-faux/").status_code == 410


@pytest.mark.parametrize(
    "values",
    [
        {"status": OfferStatus.DRAFT},
        {"status": OfferStatus.DRAFT, "published_at": None, "expires_at": None},
        {"published_at": timezone.now() + timedelta(days=1), "expires_at": timezone.now() + timedelta(days=5)},
        {"status": OfferStatus.WITHDRAWN, "published_at": None, "expires_at": None, "closed_at": timezone.now()},
    ],
)
def test_what_was_never_public_is_only_for_staff(client, db, values):
    offer = make_offer(title="En secret", **values)
    # No redirect either, which would tell the title.
    assert client.get(f"/offres/{offer.pk}-x/").status_code == 404
    client.force_login(make_user())
    assert client.get(offer.get_absolute_url()).status_code == 404
    curator = make_user(is_staff=True)
    curator.user_permissions.add(Permission.objects.get(codename="view_offer"))
    client.force_login(curator)
    response = client.get(offer.get_absolute_url())
    assert response.status_code == 200
    assert re.search("Brouillon|Publication à venir|retirée", text(response))
    assert b"noindex" in response.content
