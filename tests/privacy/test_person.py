"""The admin page that exports and erases the personal data of an e-mail address."""

import io
import json
import zipfile

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from jobboard.accounts.models import User
from jobboard.contact.models import Lead
from jobboard.privacy.models import PersonalDataRequest
from jobboard.storage import private_storage
from offers.applications.models import Application
from tests.factories import make_application, make_lead, make_user

pytestmark = pytest.mark.django_db
URL = reverse("admin:privacy_person")


@pytest.fixture
def curator_client(search_index):
    user = make_user(email="curatrice@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name="Curation"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def anne_cv():
    """Store data of two people; return the file name of the CV of one of them."""
    name = private_storage().save("cv/aa/anne.pdf", ContentFile(b"%PDF-1.7 Anne"))
    make_lead(name="Anne Martin", email="anne@example.org", message="Je recrute.")
    make_application(name="Anne Martin", email="Anne@Example.org", cv=name)
    make_lead(name="Joanne", email="joanne@example.org")
    return name


def test_data_of_an_address_are_counted_by_post_and_not_cached(curator_client, anne_cv):
    list_page = curator_client.get(reverse("admin:privacy_personaldatarequest_changelist")).content.decode()
    assert f'href="{URL}"' in list_page
    response = curator_client.post(URL, {"email": " anne@example.org "})
    page = response.content.decode()
    assert "Demandes de contact" in page
    assert "Candidatures" in page
    assert response.headers["Cache-Control"].startswith("max-age=0")
    assert "no-store" in response.headers["Cache-Control"]
    assert not PersonalDataRequest.objects.exists()


def test_unknown_or_invalid_address_shows_a_message(curator_client):
    assert "ne sait rien" in curator_client.post(URL, {"email": "personne@example.org"}).content.decode()
    html = curator_client.post(URL, {"email": "anne@"}).content.decode()
    assert "n’est pas complète" in html
    assert 'value="anne@"' in html


def test_export_is_an_archive_of_data_and_files(curator_client, anne_cv):
    response = curator_client.post(URL, {"email": "anne@example.org", "export": "1"})
    assert response.headers["Content-Disposition"] == 'attachment; filename="donnees.zip"'
    assert "no-store" in response.headers["Cache-Control"]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    data = json.loads(archive.read("donnees.json"))
    assert data["Demandes de contact"][0]["message"] == "Je recrute."
    assert "Joanne" not in str(data)
    assert archive.read("Candidatures/1.pdf") == b"%PDF-1.7 Anne"
    record = PersonalDataRequest.objects.get()
    assert (record.kind, record.counts) == ("export", {"Demandes de contact": 1, "Candidatures": 1})
    assert "anne" not in str(PersonalDataRequest.objects.values().get()).lower()


def test_missing_file_is_named_in_the_archive(curator_client, anne_cv):
    private_storage().delete(anne_cv)
    response = curator_client.post(URL, {"email": "anne@example.org", "export": "1"})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert "Candidatures/1.pdf.absent.txt" in archive.namelist()


def test_erasure_needs_the_address_as_confirmation(curator_client, anne_cv, django_capture_on_commit_callbacks):
    data = {"email": "anne@example.org", "erase": "1"}
    for confirmation in ("", "joanne@example.org"):
        page = curator_client.post(URL, {**data, "confirmation": confirmation}).content.decode()
        assert "errorlist" in page
        assert Lead.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        response = curator_client.post(URL, {**data, "confirmation": "ANNE@example.org"})
    assert response.url == reverse("admin:privacy_personaldatarequest_changelist")
    assert list(Lead.objects.values_list("email", flat=True)) == ["joanne@example.org"]
    assert not Application.objects.exists()
    assert not private_storage().exists(anne_cv)
    assert PersonalDataRequest.objects.get().counts == {"Demandes de contact": 1, "Candidatures": 1}
    page = curator_client.get(response.url).content.decode()
    assert "2\u00a0lignes effacées" in page
    assert "anne" not in page.lower()
    assert "ne sait rien" in curator_client.post(URL, {"email": "anne@example.org"}).content.decode()


def test_erasure_of_a_staff_account_is_blocked(curator_client):
    make_user(email="equipe@example.org", is_staff=True)
    page = curator_client.post(URL, {"email": "equipe@example.org"}).content.decode()
    assert "compte de l’équipe" in page
    assert 'name="erase"' not in page
    data = {"email": "equipe@example.org", "confirmation": "equipe@example.org", "erase": "1"}
    assert "compte de l’équipe" in curator_client.post(URL, data).content.decode()
    assert User.objects.filter(email="equipe@example.org").exists()


def test_page_needs_its_permission(curator_client, client):
    assert client.get(URL).status_code == 302
    other = make_user(is_staff=True)
    other.user_permissions.add(Permission.objects.get(codename="view_lead"))
    client.force_login(other)
    assert client.get(URL).status_code == client.post(URL, {"email": "a@example.org"}).status_code == 403
    assert client.get(reverse("admin:privacy_personaldatarequest_changelist")).status_code == 403


def test_records_are_read_only(curator_client, anne_cv):
    b"".join(curator_client.post(URL, {"email": "anne@example.org", "export": "1"}).streaming_content)
    record = reverse("admin:privacy_personaldatarequest_change", args=[PersonalDataRequest.objects.get().pk])
    page = curator_client.get(record).content.decode()
    assert "Candidatures\u00a0: 1" in page
    assert 'name="_save"' not in page
    assert curator_client.get(reverse("admin:privacy_personaldatarequest_add")).status_code == 403
