"""A curator answers somebody who asks for their data, or for it to be erased."""

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
def staff(search_index):
    user = make_user(email="curatrice@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name="Curation"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def anne():
    name = private_storage().save("cv/aa/anne.pdf", ContentFile(b"%PDF-1.7 Anne"))
    make_lead(name="Anne Martin", email="anne@example.org", message="Je recrute.")
    make_application(name="Anne Martin", email="Anne@Example.org", cv=name)
    make_lead(name="Joanne", email="joanne@example.org")
    return name


def test_what_is_known_is_counted_and_the_address_stays_out_of_the_url(staff, anne):
    list_page = staff.get(reverse("admin:privacy_personaldatarequest_changelist")).content.decode()
    assert f'href="{URL}"' in list_page
    response = staff.post(URL, {"email": " anne@example.org "})
    page = response.content.decode()
    assert "Demandes de contact" in page
    assert "Candidatures" in page
    assert response.headers["Cache-Control"].startswith("max-age=0")
    assert "no-store" in response.headers["Cache-Control"]
    assert not PersonalDataRequest.objects.exists()


def test_an_address_that_is_unknown_or_wrong(staff):
    assert "ne sait rien" in staff.post(URL, {"email": "personne@example.org"}).content.decode()
    wrong = staff.post(URL, {"email": "anne@"}).content.decode()
    assert "n’est pas complète" in wrong
    assert 'value="anne@"' in wrong


def test_the_archive_holds_the_data_and_the_files(staff, anne):
    response = staff.post(URL, {"email": "anne@example.org", "export": "1"})
    assert response.headers["Content-Disposition"] == 'attachment; filename="donnees.zip"'
    assert "no-store" in response.headers["Cache-Control"]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    data = json.loads(archive.read("donnees.json"))
    assert data["Demandes de contact"][0]["message"] == "Je recrute."
    assert "Joanne" not in str(data)
    assert archive.read("Candidatures/1.pdf") == b"%PDF-1.7 Anne"
    answer = PersonalDataRequest.objects.get()
    assert (answer.kind, answer.counts) == ("export", {"Demandes de contact": 1, "Candidatures": 1})
    assert "anne" not in str(PersonalDataRequest.objects.values().get()).lower()


def test_an_archive_without_a_file_that_is_gone(staff, anne):
    private_storage().delete(anne)
    response = staff.post(URL, {"email": "anne@example.org", "export": "1"})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert "Candidatures/1.pdf.absent.txt" in archive.namelist()


def test_erasing_asks_for_the_address_again(staff, anne, django_capture_on_commit_callbacks):
    asked = {"email": "anne@example.org", "erase": "1"}
    for confirmation in ("", "joanne@example.org"):
        page = staff.post(URL, {**asked, "confirmation": confirmation}).content.decode()
        assert "errorlist" in page
        assert Lead.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        response = staff.post(URL, {**asked, "confirmation": "ANNE@example.org"})
    assert response.url == reverse("admin:privacy_personaldatarequest_changelist")
    assert list(Lead.objects.values_list("email", flat=True)) == ["joanne@example.org"]
    assert not Application.objects.exists()
    assert not private_storage().exists(anne)
    assert PersonalDataRequest.objects.get().counts == {"Demandes de contact": 1, "Candidatures": 1}
    page = staff.get(response.url).content.decode()
    assert "2\u00a0lignes effacées" in page
    assert "anne" not in page.lower()
    assert "ne sait rien" in staff.post(URL, {"email": "anne@example.org"}).content.decode()


def test_what_stands_in_the_way_is_said(staff):
    make_user(email="equipe@example.org", is_staff=True)
    page = staff.post(URL, {"email": "equipe@example.org"}).content.decode()
    assert "compte de l’équipe" in page
    assert 'name="erase"' not in page
    sent = {"email": "equipe@example.org", "confirmation": "equipe@example.org", "erase": "1"}
    assert "compte de l’équipe" in staff.post(URL, sent).content.decode()
    assert User.objects.filter(email="equipe@example.org").exists()


def test_only_whom_it_is_entrusted_to(staff, client):
    assert client.get(URL).status_code == 302
    other = make_user(is_staff=True)
    other.user_permissions.add(Permission.objects.get(codename="view_lead"))
    client.force_login(other)
    assert client.get(URL).status_code == client.post(URL, {"email": "a@example.org"}).status_code == 403
    assert client.get(reverse("admin:privacy_personaldatarequest_changelist")).status_code == 403


def test_records_are_only_read(staff, anne):
    b"".join(staff.post(URL, {"email": "anne@example.org", "export": "1"}).streaming_content)
    record = reverse("admin:privacy_personaldatarequest_change", args=[PersonalDataRequest.objects.get().pk])
    page = staff.get(record).content.decode()
    assert "Candidatures\u00a0: 1" in page
    assert 'name="_save"' not in page
    assert staff.get(reverse("admin:privacy_personaldatarequest_add")).status_code == 403
