"""Changes of a company with published offers, which wait for a moderator."""

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobboard.mail.tasks import send_outbox
from offers.companies.models import Company, CompanyRevision
from offers.enums import RevisionStatus
from tests.admin.pages import change_url
from tests.admin.staff import make_group_member
from tests.companies.forms import post_company
from tests.companies.test_logo import picture
from tests.factories import make_offer

pytestmark = pytest.mark.django_db
LIST = reverse("admin:companies_companyrevision_changelist")


@pytest.fixture
def live(client, company, owner):
    """Return a trusted company with a published offer, whose owner is logged in."""
    make_offer(company=company)
    Company.objects.filter(pk=company.pk).update(trusted=True)
    client.force_login(owner)
    company.refresh_from_db()
    return company


def decide(client, action, *revisions):
    return client.post(LIST, {"action": action, "_selected_action": [each.pk for each in revisions]}, follow=True)


def test_company_without_published_offers_changes_at_once(client, company, owner):
    client.force_login(owner)
    post_company(client, company, name="Ateliers Vauban")
    assert Company.objects.get().name == "Ateliers Vauban"
    assert not CompanyRevision.objects.exists()


def test_trusted_company_with_published_offers_cannot_rename_itself_at_once(client, live):
    name = live.name
    make_offer(company=live, confidential=True)
    post_company(client, live, name="Banque de France", website="https://evil.test", sector="Banque", size="10-49")
    live.refresh_from_db()
    assert (live.name, live.website, live.trusted) == (name, "", True)
    # Fields without free text are saved at once.
    assert live.size == "10-49"
    revision = CompanyRevision.objects.get()
    assert revision.changes == {"name": "Banque de France", "website": "https://evil.test", "sector": "Banque"}
    page = client.get(reverse("companies:edit", args=[live.slug]))
    assert page.context["form"]["name"].value() == "Banque de France"
    assert "attend une relecture" in page.content.decode()
    # Sent again unchanged, the form changes nothing; with the former values, it takes the change back.
    post_company(client, live, name="Banque de France", website="https://evil.test", sector="Banque", size="50-249")
    assert CompanyRevision.objects.get() == revision
    post_company(client, live, name=name)
    assert CompanyRevision.objects.get().status == RevisionStatus.DROPPED


def test_moderator_sees_findings_and_accepts(client, live, owner):
    post_company(client, live, name="Banque de France", description="Écrire à rh@evil.test.")
    revision = CompanyRevision.objects.get()
    client.force_login(make_group_member("Modération"))
    html = client.get(change_url(revision)).content.decode().replace("\u00a0", " ")
    for text in (live.name, "Banque de France", "Adresse e-mail : rh@evil.test"):
        assert text in html, text
    assert "Banque de France" in client.get(LIST).content.decode()
    assert any(line.url.startswith(LIST) for line in client.get(reverse("admin:index")).context["todo"])
    decide(client, "accept", revision)
    live.refresh_from_db()
    # A rename removes the permission to publish without moderation.
    assert (live.name, live.trusted) == ("Banque de France", False)
    mail.outbox.clear()
    send_outbox()
    assert [owner.email] in [message.to for message in mail.outbox]
    assert "n’attend plus" in decide(client, "accept", revision).content.decode()


def test_moderator_declines_and_what_was_not_read_is_not_decided(client, live, owner):
    post_company(client, live, description="Un texte")
    read = CompanyRevision.objects.get()
    post_company(client, live, description="Un autre texte")
    client.force_login(make_group_member("Modération"))
    assert "n’attend plus" in decide(client, "accept", read).content.decode()
    decide(client, "decline", CompanyRevision.objects.waiting().get())
    assert Company.objects.get().description == ""
    assert not CompanyRevision.objects.waiting().exists()


def test_user_without_permission_cannot_decide(client, live):
    post_company(client, live, description="Un texte")
    client.force_login(make_group_member("Commercial"))
    decide(client, "accept", CompanyRevision.objects.get())
    assert Company.objects.get().description == ""


def test_proposed_logo_is_hidden_until_it_is_accepted(client, live, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post_company(client, live, logo=SimpleUploadedFile("logo.png", picture()))
        first = CompanyRevision.objects.get()
        # Another change keeps the proposed logo; another logo replaces its file.
        post_company(client, live, description="Un texte")
        assert CompanyRevision.objects.waiting().get().changes["logo"] == first.changes["logo"]
        post_company(client, live, description="Un texte", logo=SimpleUploadedFile("b.png", picture(color=(0, 0, 9))))
    revision = CompanyRevision.objects.waiting().get()
    path = revision.changes["logo"]
    assert not default_storage.exists(first.changes["logo"])
    assert not Company.objects.get().logo
    client.logout()
    assert client.get(default_storage.url(path)).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert revision.accept()
    assert Company.objects.get().logo.name == path
    assert b"".join(client.get(default_storage.url(path)).streaming_content)
