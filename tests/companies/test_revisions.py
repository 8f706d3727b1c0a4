"""Changes of a company with published offers, which wait for a moderator."""

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from jobboard.mail.tasks import send_outbox
from offers.companies.models import Company, CompanyRevision
from offers.enums import RevisionStatus
from tests.admin.pages import change_url, message_texts
from tests.admin.staff import make_group_member
from tests.companies.forms import post_company
from tests.companies.test_logo import picture
from tests.factories import make_member, make_offer

pytestmark = pytest.mark.django_db
LIST = reverse("admin:companies_companyrevision_changelist")
# Of the list of changes, and of the page that decides on some.
QUERIES = (8, 6)


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


def decide_url(*revisions):
    return reverse("admin:companies_companyrevision_decide", query={"changement": [each.pk for each in revisions]})


def outgoing_to(address) -> list:
    mail.outbox.clear()
    send_outbox()
    return [message for message in mail.outbox if message.to == [address]]


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
    page = client.get(reverse("posting:company", args=[live.slug]))
    assert page.context["form"]["name"].value() == "Banque de France"
    assert "attend une relecture" in page.content.decode()
    # Sent again unchanged, the form changes nothing; with the former values, it takes the change back.
    post_company(client, live, name="Banque de France", website="https://evil.test", sector="Banque", size="50-249")
    assert CompanyRevision.objects.get() == revision
    post_company(client, live, name=name)
    assert CompanyRevision.objects.get().status == RevisionStatus.DROPPED


def test_moderator_sees_findings_and_accepts(client, live, owner):
    text = {"description": "Écrire à rh@evil.test.", "justification": "C’est l’adresse de notre médiateur."}
    post_company(client, live, name="Banque de France", **text)
    revision = CompanyRevision.objects.get()
    client.force_login(make_group_member("Modération"))
    html = client.get(change_url(revision)).content.decode().replace("\u00a0", " ")
    for text in (live.name, "Banque de France", "Adresse e-mail : rh@evil.test", "l’adresse de notre médiateur"):
        assert text in html, text
    assert f'href="{decide_url(revision)}"' in html
    assert "None" not in html
    page = client.get(decide_url(revision)).content.decode()
    assert page.count("l’adresse de notre médiateur") == 1
    assert "Banque de France" in client.get(LIST).content.decode()
    assert any(line.url.startswith(LIST) for line in client.get(reverse("admin:index")).context["todo"])
    decide(client, "accept", revision)
    live.refresh_from_db()
    # A rename removes the permission to publish without moderation.
    assert (live.name, live.trusted) == ("Banque de France", False)
    assert "est en ligne" in outgoing_to(owner.email)[0].body
    assert "n’attend plus" in decide(client, "accept", revision).content.decode()


def test_moderator_declines_and_what_was_not_read_is_not_decided(client, live, owner):
    post_company(client, live, description="Un texte")
    read = CompanyRevision.objects.get()
    post_company(client, live, description="Un autre texte")
    client.force_login(make_group_member("Modération"))
    assert "n’attend plus" in decide(client, "accept", read).content.decode()
    revision = CompanyRevision.objects.waiting().get()
    page = decide(client, "decline", revision)
    # Nothing is declined without a reason.
    assert page.context["form"]["decision"].value() == "decline"
    assert "<ins>Un autre texte</ins>" in page.content.decode()
    page = client.post(decide_url(revision), {"decision": "decline", "reason": "  "})
    assert page.context["form"].errors == {"reason": ["Indiquez le motif\u00a0: l’entreprise le lira."]}
    page = client.post(decide_url(revision), {"reason": "Trop bref."})
    assert "Choisir une décision." in page.content.decode()
    assert "Trop bref.</textarea>" in page.content.decode()
    client.post(decide_url(revision), {"decision": "decline", "reason": "Trop bref & vague."})
    assert Company.objects.get().description == ""
    assert not CompanyRevision.objects.waiting().exists()
    # The company reads the reason in the mail and on its page, until it proposes another change.
    [message] = outgoing_to(owner.email)
    assert message.subject == "Fiche de l’entreprise Ateliers\u00a0: changement refusé"
    assert "Le motif\u00a0:\n\nTrop bref & vague.\n" in message.body
    client.force_login(owner)
    url = reverse("posting:company", args=[live.slug])
    html = client.get(url).content.decode()
    assert "Trop bref &amp; vague." in html
    assert "Un autre texte" in html
    post_company(client, live, description="Un texte plus long")
    assert "Trop bref" not in client.get(url).content.decode()


@pytest.mark.parametrize("saved", ["directly", "proposed and taken back", "unchanged"])
def test_refusal_is_shown_until_the_form_is_saved_again(client, live, saved):
    post_company(client, live, description="Un texte")
    CompanyRevision.objects.get().decline("Trop bref.")
    page = reverse("posting:company", args=[live.slug])
    # It stays while it is read, and after a form with errors.
    for _ in range(2):
        assert "Trop bref." in client.get(page).content.decode()
    assert "Trop bref." in post_company(client, live, name="").content.decode()
    if saved == "directly":
        live.offers.get().fill()
        post_company(client, live, description="Un texte plus long")
        assert Company.objects.get().description == "Un texte plus long"
    if saved == "proposed and taken back":
        post_company(client, live, description="Un texte plus long")
    if saved != "directly":
        post_company(client, live)
    assert not CompanyRevision.objects.waiting().exists()
    assert "Trop bref." not in client.get(page).content.decode()


def test_decision_taken_meanwhile_is_told(client, live):
    post_company(client, live, description="Un texte")
    revision = CompanyRevision.objects.get()
    client.force_login(make_group_member("Modération"))
    assert client.get(decide_url(revision)).status_code == 200
    assert revision.accept()
    response = client.post(decide_url(revision), {"decision": "decline", "reason": "Non."}, follow=True)
    assert message_texts(response) == ["Ces changements n’attendent plus de décision."]
    assert "Ces changements n’attendent plus" in decide(client, "decline", revision).content.decode()
    revision.refresh_from_db()
    assert (revision.status, revision.reason) == (RevisionStatus.APPLIED, "")
    # A decision at the same time, after the page has read the change.
    assert not CompanyRevision.objects.get().decline("Non.")


def test_several_changes_are_decided_together(client, live, owner):
    other = make_member(user=owner).company
    make_offer(company=other)
    for company in (live, other):
        post_company(client, company, description=f"Texte de {company.name}")
    client.force_login(make_group_member("Modération"))
    revisions = CompanyRevision.objects.all()
    page = client.get(decide_url(*revisions))
    assert len(page.context["cases"]) == 2
    client.post(decide_url(*revisions), {"decision": "accept", "reason": ""})
    assert set(Company.objects.values_list("description", flat=True)) == {"Texte de Ateliers", f"Texte de {other.name}"}
    for query in ("", "?changement=x", "?changement=" + "9" * 30, "?changement=1&changement=1"):
        assert client.get(decide_url().partition("?")[0] + query).status_code == 302


def test_query_count_is_independent_of_the_count_of_changes(client, live, owner, django_assert_num_queries):
    client.force_login(make_group_member("Modération"))

    def pages(count):
        while CompanyRevision.objects.count() < count:
            company = make_member(user=owner).company
            CompanyRevision.objects.create(company=company, changes={"description": "Moins de 30 ans."}, by=owner)
        return LIST, decide_url(*CompanyRevision.objects.all())

    # Session, user, permissions twice, terms: with count and rows on the list (and the counts of its filter), with the
    # waiting changes on the page of the decision.
    for page, queries in zip(pages(2), QUERIES, strict=True):
        client.get(page)
        with django_assert_num_queries(queries):
            client.get(page)
    for page, queries in zip(pages(12), QUERIES, strict=True):
        with django_assert_num_queries(queries):
            assert client.get(page).status_code == 200


def test_declined_change_has_a_reason_in_the_database(client, live):
    revision = live.revisions.create(changes={"name": "X"})
    with pytest.raises(IntegrityError), transaction.atomic():
        revision.decline("")
    assert CompanyRevision.objects.waiting().exists()


def test_user_without_permission_cannot_decide(client, live):
    post_company(client, live, description="Un texte")
    client.force_login(make_group_member("Commercial"))
    revision = CompanyRevision.objects.get()
    for decision in ("accept", "decline"):
        decide(client, decision, revision)
        assert client.post(decide_url(revision), {"decision": decision, "reason": "Non."}).status_code == 403
    assert Company.objects.get().description == ""
    assert CompanyRevision.objects.waiting().exists()


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
