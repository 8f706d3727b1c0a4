"""Forms submitted with an expired session or an invalid CSRF token are shown again with their text and files."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobboard.privacy import purge
from jobboard.resubmission import saved
from jobboard.resubmission.models import SavedForm
from offers.applications.models import Application
from tests.applications.form import cv_file, form_data, form_url
from tests.factories import make_company, make_member, make_offer, make_user
from tests.posting.forms import make_draft, step_data, step_url

TEXT = "Texte précieux, <b>très</b> précieux.\n" * 20


@pytest.fixture(autouse=True)
def no_delay(settings):
    settings.CONTACT_MINIMUM_DELAY = 0


@pytest.fixture
def member(db):
    return make_member(make_company(name="Ateliers"), make_user(email="anne@example.org")).user


@pytest.fixture
def draft(member):
    return make_draft(member.memberships.get().company)


def hidden_fields(page) -> dict:
    """Return the data that a browser would submit with the form of the page."""
    form = re.search(r'<form method="post" action="[^"]+" data-resubmit>.*?</form>', page.content.decode(), re.DOTALL)[
        0
    ]
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form, re.DOTALL)
    }


def post_signed_out(client, member, draft):
    """Submit a step of the wizard after the session has ended, and return the data and the response."""
    client.force_login(member)
    data = step_data(client.get(step_url(draft, "annonce")), description=TEXT)
    client.logout()
    return data, client.post(step_url(draft, "annonce"), data)


def test_text_is_back_after_signing_in(client, member, draft):
    data, response = post_signed_out(client, member, draft)
    assert response.url.startswith(reverse("account_login"))
    client.force_login(member)
    page = client.get(step_url(draft, "annonce"))
    assert "Votre saisie est toujours là" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    again = hidden_fields(page)
    assert again["description"] == data["description"]
    assert "<b>" not in page.content.decode()
    draft.refresh_from_db()
    assert TEXT.strip() != draft.description, "a GET changes nothing"
    assert client.post(step_url(draft, "annonce"), again).status_code == 302
    draft.refresh_from_db()
    assert draft.description == TEXT.strip()
    assert not SavedForm.objects.exists()
    assert "Votre saisie" not in client.get(step_url(draft, "annonce")).content.decode()


def test_saved_form_can_be_discarded(client, member, draft):
    post_signed_out(client, member, draft)
    client.force_login(member)
    page = client.get(step_url(draft, "annonce"))
    response = client.post(step_url(draft, "annonce"), {**hidden_fields(page), "abandonner": "1"})
    assert response.url == step_url(draft, "annonce")
    assert not SavedForm.objects.exists()
    assert client.get(response.url).context["form"]["description"].value().strip() == draft.description.strip()


def test_form_posted_to_a_page_without_get_is_shown_too(client, member):
    url = reverse("posting:submit", args=[make_draft(member.memberships.get().company).pk])
    client.post(url, {"version": "x"})
    client.force_login(member)
    assert hidden_fields(client.get(url))["version"] == "x"


def test_copy_is_encrypted_and_only_for_its_browser(client, member, draft):
    post_signed_out(client, member, draft)
    assert b"Texte" not in bytes(SavedForm.objects.get().payload)
    other = Client()
    other.force_login(member)
    assert "Votre saisie" not in other.get(step_url(draft, "annonce")).content.decode()
    assert saved.load("autre") is None


def test_expired_copy_is_not_shown_and_purged(client, member, draft):
    post_signed_out(client, member, draft)
    SavedForm.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client.force_login(member)
    assert "Votre saisie" not in client.get(step_url(draft, "annonce")).content.decode()
    purge.run()
    assert not SavedForm.objects.exists()


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_form_of_another_site_is_not_kept(client, member, draft, headers):
    client.post(step_url(draft, "annonce"), {"description": TEXT}, headers=headers)
    assert not SavedForm.objects.exists()
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(form_url(make_offer()), {"message": TEXT}, headers=headers)
    assert response.status_code == 403
    assert "précieux" not in response.content.decode()


def test_form_with_a_stale_token_is_shown_with_its_text_and_file(db):
    offer = make_offer()
    data = form_data(Client().get(form_url(offer)), message=TEXT)
    browser = Client(enforce_csrf_checks=True)
    page = browser.post(form_url(offer), {**data, "csrfmiddlewaretoken": "x" * 64, "cv": cv_file()})
    assert page.status_code == 403
    assert "rien n’est perdu" in page.content.decode()
    assert "CV Anne.pdf" in page.content.decode()
    # The text is shown once, and the token of the hidden field is not.
    assert page.content.decode().count("<blockquote>") == 1
    again = hidden_fields(page)
    assert (again["message"], again["name"]) == (data["message"], "Anne Lefèvre")
    assert browser.post(form_url(offer), again).status_code == 302
    application = Application.objects.get()
    assert application.cv_name == "CV Anne.pdf"
    assert application.message.startswith("Texte précieux")
    assert not SavedForm.objects.exists()


def test_file_survives_two_stale_tokens(db):
    offer = make_offer()
    data = form_data(Client().get(form_url(offer)))
    browser = Client(enforce_csrf_checks=True)
    page = browser.post(form_url(offer), {**data, "cv": cv_file()})
    page = browser.post(form_url(offer), {**hidden_fields(page), "csrfmiddlewaretoken": "x" * 64})
    assert browser.post(form_url(offer), hidden_fields(page)).status_code == 302
    assert Application.objects.get().cv_name == "CV Anne.pdf"


def test_file_is_only_restored_for_its_own_form(db):
    offer, other = make_offer(), make_offer()
    browser = Client(enforce_csrf_checks=True)
    page = browser.post(form_url(offer), {**form_data(Client().get(form_url(offer))), "cv": cv_file()})
    response = browser.post(form_url(other), hidden_fields(page))
    assert "Joignez votre CV" in response.content.decode()


def test_passwords_are_neither_stored_nor_shown(db):
    data = {"login": "anne@example.org", "password": "un secret bien gardé"}
    page = Client(enforce_csrf_checks=True).post(reverse("account_login"), data)
    assert page.status_code == 403
    assert "anne@example.org" in page.content.decode()
    assert "un secret" not in page.content.decode()


PREVIEW = {"HX-Request": "true", "HX-Target": "apercu", "HX-Trigger-Name": "apercu"}


def test_preview_without_a_session_leads_to_signing_in_and_back(client, member, draft):
    data = {"description": TEXT, "apercu": "1"}
    response = client.post(step_url(draft, "annonce"), data, headers=PREVIEW)
    assert response["HX-Redirect"].startswith(reverse("account_login"))
    client.force_login(member)
    again = hidden_fields(client.get(step_url(draft, "annonce")))
    assert (again["description"], again["apercu"]) == (TEXT, "1")


def test_preview_with_a_stale_token_shows_the_form_with_its_text(member, draft):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member)
    response = browser.post(step_url(draft, "annonce"), {"description": TEXT, "apercu": "1"}, headers=PREVIEW)
    assert response["HX-Redirect"] == step_url(draft, "annonce")
    page = browser.get(response["HX-Redirect"])
    assert hidden_fields(page)["description"] == TEXT
    again = browser.post(step_url(draft, "annonce"), hidden_fields(page))
    assert again.context["form"]["description"].value() == TEXT
    assert again.context["preview"] == TEXT


def test_update_by_the_page_itself_without_a_session_changes_nothing(client, draft):
    """The comparison of the pay, for example, must not replace the page while its form is filled in."""
    headers = {"HX-Request": "true", "HX-Target": "reperes"}
    response = client.post(step_url(draft, "conditions"), {"pay_min": "45000"}, headers=headers)
    assert (response.status_code, response.content) == (204, b"")
    assert not SavedForm.objects.exists()


def test_preview_that_cannot_be_kept_stays_on_the_page(client, draft, monkeypatch):
    monkeypatch.setattr(saved, "MAX_ROWS", 0)
    data = {"description": TEXT, "apercu": "1"}
    response = client.post(step_url(draft, "annonce"), data, headers=PREVIEW)
    assert response.status_code == 204
    assert "HX-Redirect" not in response


def test_count_of_copies_is_bounded(client, member, draft, monkeypatch):
    monkeypatch.setattr(saved, "MAX_ROWS", 1)
    for _ in range(2):
        assert client.post(step_url(draft, "annonce"), {"description": TEXT}).status_code == 302
    assert SavedForm.objects.count() == 1
