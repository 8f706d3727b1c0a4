"""A company as the public sees it: its page, its logo, its badge; and how curators look after them."""

import io
import warnings
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image, PngImagePlugin

from offers.companies.models import Company, JoinRequest
from offers.enums import OfferStatus
from tests.factories import make_company, make_member, make_offer, make_user

pytestmark = pytest.mark.django_db


def picture(size=(600, 300), format="PNG", color=(200, 30, 30), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, format, **options)
    return out.getvalue()


@pytest.fixture
def anne(client):
    user = make_user(email="anne@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def company(anne):
    company = make_company(name="Ateliers")
    make_member(company, anne)
    return company


def send(client, company, content, **fields):
    data = {"name": company.name, "siret": "", "kind": "direct", "sector": "", "size": "", "website": "", **fields}
    if content is not None:
        data["logo"] = SimpleUploadedFile("logo.png", content)
    return client.post(reverse("companies:edit", args=[company.slug]), data)


def test_page_of_a_company(client):
    company = make_company(
        name="Ateliers",
        sector="santé",
        size="10-49",
        website="https://www.ateliers.example/",
        description="**Bonjour**",
    )
    make_offer(company=company, title="Ouverte")
    make_offer(company=company, title="Cachée", confidential=True)
    make_offer(company=company, title="Pourvue", status=OfferStatus.FILLED, closed_at=timezone.now())
    make_offer(title="Ailleurs")
    html = client.get(company.get_absolute_url()).content.decode()
    for shown in ("<strong>Bonjour</strong>", "Santé", "10 à 49 personnes", "ateliers.example", "Ouverte", "1 offre"):
        assert shown in html.replace("\u00a0", " "), shown
    for hidden in ("Cachée", "Pourvue", "Ailleurs", "vérifiée"):
        assert hidden not in html, hidden


def test_a_company_that_was_never_named_in_public_has_no_page(client):
    company = make_company()
    url = company.get_absolute_url()
    make_offer(company=company, confidential=True)
    make_offer(company=company, status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    assert client.get(url).status_code == 404
    company.verify(make_user(is_staff=True))
    html = client.get(url).content.decode()
    assert "Entreprise vérifiée" in html
    assert "Aucune offre n’est en ligne" in html


def test_a_company_without_open_offers_keeps_its_page(client):
    company = make_company()
    make_offer(company=company, status=OfferStatus.FILLED, closed_at=timezone.now())
    assert client.get(company.get_absolute_url()).status_code == 200


def test_a_confidential_offer_never_leads_to_its_company(client):
    company = make_company(name="Discrète", logo="logos/" + "a" * 32 + ".webp")
    company.verify(make_user(is_staff=True))
    offer = make_offer(company=company, confidential=True)
    for url in (offer.get_absolute_url(), reverse("catalogue:list"), reverse("home")):
        html = client.get(url).content.decode()
        for trace in ("Discrète", company.get_absolute_url(), company.logo.name):
            assert trace not in html, (url, trace)
    named = make_offer(company=company)
    html = client.get(named.get_absolute_url()).content.decode()
    assert company.get_absolute_url() in html
    assert company.logo.url in html
    assert company.logo.url in client.get(reverse("catalogue:list")).content.decode()


def test_queries_do_not_grow_with_the_offers(client, django_assert_num_queries):
    company = make_company()
    for _ in range(25):
        make_offer(company=company)
    with django_assert_num_queries(4):  # kept page's state, company, offers, count
        html = client.get(company.get_absolute_url()).content.decode()
    assert "Voir les 25 offres" in html
    assert f"{reverse('catalogue:list')}?entreprise={company.slug}" in html


def test_a_change_of_name_or_logo_shows_at_once(client):
    company = make_company(name="Avant")
    make_offer(company=company)
    urls = (company.get_absolute_url(), reverse("catalogue:list"))
    for url in urls:
        assert "Avant" in client.get(url).content.decode()
    Company.objects.update(name="Après", logo="logos/" + "b" * 32 + ".webp")
    for url in urls:
        html = client.get(url).content.decode()
        assert "Après" in html
        assert "b" * 32 in html


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_made_small_written_anew_and_served_for_ever(client, company, format):
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Secret")
    options = {"PNG": {"pnginfo": info}, "JPEG": {"comment": b"Secret"}, "WEBP": {"xmp": b"Secret"}}[format]
    assert send(client, company, picture(format=format, **options)).status_code == 302
    company.refresh_from_db()
    response = client.get(company.logo.url)
    content = b"".join(response.streaming_content)
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("WEBP", (288, 144))
    assert b"Secret" not in content
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "logo.png" not in company.logo.name


def test_a_replaced_logo_is_deleted_and_one_can_be_taken_away(client, company, django_capture_on_commit_callbacks):
    send(client, company, picture())
    company.refresh_from_db()
    first = company.logo
    with django_capture_on_commit_callbacks(execute=True):
        send(client, company, picture(color=(0, 0, 200)))
    company.refresh_from_db()
    assert company.logo.name != first.name
    assert not first.storage.exists(first.name)
    assert client.get(first.url).status_code == 404
    # Saved without a new one it stays.
    send(client, company, None, sector="Bois")
    second = company.logo.name
    company.refresh_from_db()
    assert (company.logo.name, company.sector) == (second, "Bois")
    with django_capture_on_commit_callbacks(execute=True):
        send(client, company, None, remove_logo="on")
    company.refresh_from_db()
    assert not company.logo
    assert not first.storage.exists(second)


def test_a_logo_goes_with_its_company(client, company, django_capture_on_commit_callbacks):
    send(client, company, picture())
    company.refresh_from_db()
    logo, name = company.logo, company.logo.name
    client.force_login(make_user(is_staff=True, is_superuser=True))
    data = {"action": "delete_selected", "_selected_action": [company.pk], "post": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:companies_company_changelist"), data)
    assert not Company.objects.exists()
    assert not logo.storage.exists(name)


def bomb() -> bytes:
    """A few kilobytes that would fill a gigabyte: a header is enough, it is not read further."""
    content = bytearray(picture((40, 40)))
    content[16:24] = (30_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    return bytes(content)


REFUSED = {
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "pas une image"),
    "HTML": (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "pas une image"),
    "GIF": (picture(format="GIF"), "pas une image"),
    "cut off": (picture((900, 900), format="JPEG", quality=95)[:-900], "abîmée"),
    "tiny": (picture((10, 400)), "trop petite"),
    "many pixels": (picture((4000, 2100)), "trop de pixels"),
    "bomb": (bomb(), "trop de pixels"),
    "heavy": (picture() + b"\0" * 1_000_000, "trop lourd"),
    "empty": (b"", "vide"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_logo_is_refused_and_what_was_typed_stays(client, company, content, message):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        response = send(client, company, content, sector="Bois")
    form = response.context["form"]
    assert message in " ".join(form.errors["logo"])
    assert form["sector"].value() == "Bois"
    company.refresh_from_db()
    assert not company.logo


def test_a_logo_behind_another_error_is_asked_for_again(client, company):
    response = send(client, company, picture(), name="", kind="mairie")
    assert "choisir à nouveau" in " ".join(response.context["form"].errors["logo"])


@pytest.mark.parametrize("name", ["..%2Fsecret_key", "x.webp", "a" * 32 + ".svg", "A" * 32 + ".webp"])
def test_nothing_but_logos_is_served(client, name):
    assert client.get(f"/media/logos/{name}").status_code == 404


def test_an_owner_who_saves_does_not_write_over_the_badge(client, company):
    client.get(reverse("companies:edit", args=[company.slug]))
    company.verify(make_user(is_staff=True))
    send(client, company, None, sector="Bois")
    company.refresh_from_db()
    assert company.verified_at
    response = send(client, company, None, name="Un autre nom")
    assert response.status_code == 302
    company.refresh_from_db()
    assert company.verified_at is None


def test_curators_give_the_badge_and_it_is_on_record(client):
    curator = make_user(is_staff=True, is_superuser=True)
    client.force_login(curator)
    company = make_company(siret="73282932000074")
    url = reverse("admin:companies_company_changelist")
    client.post(url, {"action": "verify", "_selected_action": [company.pk]})
    company.refresh_from_db()
    assert company.verified_by == curator
    history = client.get(reverse("admin:companies_company_history", args=[company.pk])).content.decode()
    assert "Badge donné." in history
    client.post(url, {"action": "unverify", "_selected_action": [company.pk]})
    company.refresh_from_db()
    assert company.verified_at is None


def test_the_admin_keeps_an_owner_and_shows_who_was_asked(client):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    owner = make_member()
    company = owner.company
    request = JoinRequest.objects.create(company=company, user=make_user(email="paul@example.org"))
    url = reverse("admin:companies_company_change", args=[company.pk])
    assert "paul@example.org" in client.get(url).content.decode()
    data = {
        "name": company.name, "slug": company.slug, "kind": "direct", "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1, "memberships-0-id": owner.pk, "memberships-0-company": company.pk,
        "memberships-0-user": owner.user_id, "memberships-0-role": "recruiter",
    }  # fmt: skip
    for prefix in ("invitations", "join_requests"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    assert "garde au moins une personne propriétaire" in client.post(url, data).content.decode()
    data["memberships-0-role"] = "owner"
    data["sector"] = "Bois"
    assert client.post(url, data).status_code == 302
    company.refresh_from_db()
    assert company.sector == "Bois"
    requests = reverse("admin:companies_joinrequest_changelist")
    client.post(requests, {"action": "accept", "_selected_action": [request.pk]})
    assert company.memberships.filter(user=request.user).exists()
