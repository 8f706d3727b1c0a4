"""Logos of companies: upload, conversion, replacement, deletion and URLs."""

import io
import re
import warnings
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, PngImagePlugin

from offers.companies.models import Company
from tests.admin.staff import make_superuser
from tests.companies.forms import post_company
from tests.factories import make_member, make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(client, owner, company):
    client.force_login(owner)
    return company


def picture(size=(600, 300), format="PNG", color=(200, 30, 30), **options) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, format, **options)
    return buffer.getvalue()


def upload(client, company, content, **fields):
    return post_company(client, company, logo=SimpleUploadedFile("logo.png", content), **fields)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_logo_is_resized_reencoded_without_metadata_and_immutable(client, company, format):
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Secret")
    options = {"PNG": {"pnginfo": info}, "JPEG": {"comment": b"Secret"}, "WEBP": {"xmp": b"Secret"}}[format]
    assert upload(client, company, picture(format=format, **options)).status_code == 302
    company.refresh_from_db()
    make_offer(company=company)
    response = client.get(company.logo.url)
    content = b"".join(response.streaming_content)
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("WEBP", (288, 144))
    assert b"Secret" not in content
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "logo.png" not in company.logo.name


def test_logo_of_a_hidden_company_is_served_to_its_members_and_the_team_only(client, company):
    upload(client, company, picture())
    make_offer(company=company, confidential=True)
    company.refresh_from_db()
    url = company.logo.url
    response = client.get(url)
    assert b"".join(response.streaming_content)
    assert "no-store" in response["Cache-Control"]
    client.logout()
    hidden, missing = client.get(url), client.get(f"/media/logos/{'0' * 32}.webp")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert dict(hidden.headers) == dict(missing.headers)
    client.force_login(make_member().user)
    assert client.get(url).status_code == 404
    client.force_login(make_superuser())
    assert b"".join(client.get(url).streaming_content)
    client.logout()
    make_offer(company=company)
    assert b"".join(client.get(url).streaming_content)


def test_file_name_does_not_tell_that_another_company_has_the_same_logo(client, company):
    """A digest of the content, with a suffix for the second file, would tell."""
    names = []
    for each in (company, company):
        upload(client, each, picture())
        each.refresh_from_db()
        names.append(each.logo.name)
    assert names[0] != names[1]
    assert all(re.fullmatch(r"logos/[0-9a-f]{32}\.webp", name) for name in names)


def test_replaced_or_removed_logo_is_deleted_from_storage(client, company, django_capture_on_commit_callbacks):
    upload(client, company, picture())
    company.refresh_from_db()
    first = company.logo
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, company, picture(color=(0, 0, 200)))
    company.refresh_from_db()
    assert company.logo.name != first.name
    assert not first.storage.exists(first.name)
    assert client.get(first.url).status_code == 404
    # Without a file in the request the logo is unchanged.
    post_company(client, company, sector="Bois")
    second = company.logo.name
    company.refresh_from_db()
    assert (company.logo.name, company.sector) == (second, "Bois")
    with django_capture_on_commit_callbacks(execute=True):
        post_company(client, company, remove_logo="on")
    company.refresh_from_db()
    assert not company.logo
    assert not first.storage.exists(second)


def test_logo_is_deleted_with_its_company(client, company, django_capture_on_commit_callbacks):
    upload(client, company, picture())
    company.refresh_from_db()
    logo, name = company.logo, company.logo.name
    client.force_login(make_superuser())
    data = {"action": "delete_selected", "_selected_action": [company.pk], "post": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:companies_company_changelist"), data)
    assert not Company.objects.exists()
    assert not logo.storage.exists(name)


def decompression_bomb() -> bytes:
    """Return a small PNG whose header declares 30,000 × 30,000 pixels."""
    content = bytearray(picture((40, 40)))
    content[16:24] = (30_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    return bytes(content)


REFUSED = {
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "pas une image"),
    "HTML": (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "pas une image"),
    "GIF": (picture(format="GIF"), "pas une image"),
    "truncated": (picture((900, 900), format="JPEG", quality=95)[:-900], "abîmée"),
    "tiny": (picture((10, 400)), "trop petite"),
    "many pixels": (picture((4000, 2100)), "trop de pixels"),
    "bomb": (decompression_bomb(), "trop de pixels"),
    "large file": (picture() + b"\0" * 1_000_000, "trop lourd"),
    "empty": (b"", "vide"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_invalid_logo_is_refused_and_other_values_are_redisplayed(client, company, content, message):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        response = upload(client, company, content, sector="Bois")
    form = response.context["form"]
    assert message in " ".join(form.errors["logo"])
    assert form["sector"].value() == "Bois"
    company.refresh_from_db()
    assert not company.logo


def test_logo_must_be_chosen_again_after_another_error(client, company):
    response = upload(client, company, picture(), name="", kind="mairie")
    assert "choisir à nouveau" in " ".join(response.context["form"].errors["logo"])


@pytest.mark.parametrize("name", ["..%2Fsecret_key", "x.webp", "a" * 32 + ".svg", "A" * 32 + ".webp"])
def test_other_file_names_are_not_found(client, name):
    assert client.get(f"/media/logos/{name}").status_code == 404
