"""The application form: submission, errors, uploaded files, repeated applications and closed offers."""

import re

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.tasks import send_outbox
from offers.applications import intake, tasks
from offers.applications.models import Application, PendingUpload
from offers.models import Question
from tests.applications.form import PDF, cv_file, form_data, form_url, private_files
from tests.factories import make_company, make_offer, make_user

pytestmark = pytest.mark.django_db


def test_application_is_stored_and_both_sides_are_mailed(client, mailoutbox, django_capture_on_commit_callbacks):
    company = make_company()
    member = make_user(email="recruteuse@example.org")
    company.memberships.create(user=member)
    offer = make_offer(title="Développeuse Python", company=company)
    question = Question.objects.create(offer=offer, text="Depuis quand\u00a0?", required=True)
    assert form_url(offer) in client.get(offer.get_absolute_url()).content.decode()
    page = client.get(form_url(offer))
    assert "no-store" in page["Cache-Control"]
    assert "checked" not in page.content.decode()
    assert "2\u00a0ans après le dernier contact" in page.content.decode()
    answer = {f"question_{question.pk}": "2020"}
    response = client.post(form_url(offer), form_data(page, **answer, phone="06 12 34 56 78", cv=cv_file()))
    assert response.status_code == 302
    assert client.get(response.url).status_code == 200
    application = Application.objects.get()
    assert application.name == "Anne Lefèvre"
    assert application.message == "Bonjour\nà vous."
    assert application.answers == [{"question": "Depuis quand\u00a0?", "answer": "2020"}]
    assert application.keep_for_others is False
    assert application.cv_name == "CV Anne.pdf"
    assert re.fullmatch(r"cv/(\w\w)/\1\w{30}\.pdf", application.cv.name)
    # The response does not wait for the mail server.
    assert mailoutbox == []
    send_outbox()
    send_outbox()
    confirmation, arrival = mailoutbox
    assert (confirmation.to, arrival.to) == (["anne@example.org"], ["recruteuse@example.org"])
    assert application.get_absolute_url() in confirmation.body
    assert reverse("applications:inbox_application", args=[application.pk]) in arrival.body
    assert "Anne" not in arrival.body + arrival.subject
    assert "anne" not in application.get_absolute_url().lower()
    tasks.check_cv(application.pk)
    status = client.get(application.get_absolute_url())
    assert status.status_code == 200
    assert status["Referrer-Policy"] == "no-referrer"
    assert "noindex" in status["X-Robots-Tag"]
    assert "no-store" in status["Cache-Control"]
    assert "pas encore regardée" in status.content.decode()


def test_form_with_errors_keeps_the_values_and_the_file(client):
    offer = make_offer()
    page = client.post(form_url(offer), form_data(client.get(form_url(offer)), email="anne@", cv=cv_file()))
    html = page.content.decode()
    assert page.status_code == 200
    assert "CV Anne.pdf" in html
    assert "Anne Lefèvre" in html
    assert not Application.objects.exists()
    upload = PendingUpload.objects.get()
    # The upload is still there after a second error, and becomes the CV of the application.
    page = client.post(form_url(offer), form_data(page, email="anne@example"))
    assert "CV Anne.pdf" in page.content.decode()
    assert client.post(form_url(offer), form_data(page)).status_code == 302
    application = Application.objects.get()
    assert application.cv.name == upload.file.name
    assert application.cv_name == "CV Anne.pdf"
    assert not PendingUpload.objects.exists()
    assert len(private_files()) == 1


def test_new_file_replaces_the_pending_upload(client, django_capture_on_commit_callbacks):
    offer = make_offer()
    page = client.post(form_url(offer), form_data(client.get(form_url(offer)), email="anne@", cv=cv_file()))
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(form_url(offer), form_data(page, email="", cv=cv_file("Deux.pdf")))
    assert "Deux.pdf" in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(form_url(offer), form_data(page, cv=cv_file("Trois.pdf"))).status_code == 302
    assert Application.objects.get().cv_name == "Trois.pdf"
    assert len(private_files()) == 1
    assert not PendingUpload.objects.exists()


@pytest.mark.parametrize("token", ["1", "1:forged", signing.Signer(salt="other").sign("1"), "x" * 500])
def test_forged_token_of_a_pending_upload_is_refused(client, token):
    offer = make_offer()
    page = client.get(form_url(offer))
    client.post(form_url(offer), form_data(page, email="anne@", cv=cv_file()))
    response = client.post(form_url(offer), form_data(page, pending=token))
    assert response.status_code == 200
    assert "Choisissez-le à nouveau" in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("cv", "", "Joignez votre CV"),
        ("cv", cv_file("page.pdf", b"<!doctype html><script>alert(1)</script>%%EOF"), "pas un PDF"),
        ("cv", cv_file("coupe.pdf", PDF[:100]), "incomplet"),
        ("cv", cv_file("vide.pdf", b""), "vide"),
        ("name", "Anne\nBcc: x@example.org", "une seule ligne"),
        ("message", "x" * 5_001, "5000"),
        ("form_token", "forged", "ouvert trop longtemps"),
        ("phone", "12", "pas valable"),
    ],
)
def test_invalid_field_shows_an_error_and_stores_nothing(client, field, value, error):
    offer = make_offer()
    values = form_data(client.get(form_url(offer)), cv=cv_file()) | {field: value}
    response = client.post(form_url(offer), values)
    assert response.status_code == 200
    assert error in response.content.decode().replace("\u202f", "").replace("\u00a0", " ")
    assert not Application.objects.exists()


@pytest.mark.parametrize("name", ["../../evil.pdf", "..\\evil.pdf", "a/b/../../evil.pdf"])
def test_file_name_with_a_path_stays_in_the_private_directory(client, name, settings):
    offer = make_offer()
    client.post(form_url(offer), form_data(client.get(form_url(offer)), cv=cv_file(name)))
    application = Application.objects.get()
    assert application.cv_name == "evil.pdf"
    assert "evil" not in application.cv.path
    assert application.cv.path.startswith(str(settings.PRIVATE_DIR))


def test_both_spellings_of_a_domain_are_one_candidate(client):
    offer = make_offer()
    for email in ("jean@société.fr", "jean@xn--socit-esab.fr"):
        values = form_data(client.get(form_url(offer)), email=email, name="\u202eJean\u00a0Dupont", cv=cv_file())
        assert client.post(form_url(offer), values).status_code == 302
    application = Application.objects.get()
    assert (application.name, application.email) == ("Jean Dupont", "jean@xn--socit-esab.fr")


def test_telephone_of_reunion_is_accepted(client):
    offer = make_offer()
    values = form_data(client.get(form_url(offer)), phone="0692 12 34 56", cv=cv_file())
    assert client.post(form_url(offer), values).status_code == 302
    assert Application.objects.get().phone.as_e164 == "+262692123456"


def test_second_application_gets_the_same_response_and_a_mail(client, mailoutbox):
    offer = make_offer()
    first = client.post(form_url(offer), form_data(client.get(form_url(offer)), cv=cv_file()))
    for message in ("Un autre texte.", "Encore un."):
        values = form_data(client.get(form_url(offer)), email="ANNE@example.org", message=message, cv=cv_file())
        again = client.post(form_url(offer), values)
        assert (again.status_code, again.url) == (first.status_code, first.url)
        send_outbox()
    assert Application.objects.count() == 1
    assert len(private_files()) == 1
    to_candidate = [mail.subject.split(":")[0].strip() for mail in mailoutbox if mail.to == ["anne@example.org"]]
    assert sorted(to_candidate) == ["Déjà reçue", "Votre candidature"]


def test_double_click_is_one_application_and_one_mail(client, mailoutbox):
    """Without JavaScript, a browser submits the form twice; the mail about repeated applications is not due then."""
    offer = make_offer()
    page = client.get(form_url(offer))
    for _ in range(2):
        assert client.post(form_url(offer), form_data(page, cv=cv_file())).url == form_url(offer, "applied")
    send_outbox()
    assert [mail.subject.split(":")[0].strip() for mail in mailoutbox if mail.to == ["anne@example.org"]] == [
        "Votre candidature"
    ]
    assert len(private_files()) == 1
    Application.objects.update(created_at=timezone.now() - intake.RESUBMISSION_WINDOW)
    client.post(form_url(offer), form_data(page, cv=cv_file()))
    send_outbox()
    assert "est la seule qui compte" in mailoutbox[-1].body


def test_application_after_a_withdrawal_is_refused_by_mail(client, mailoutbox):
    offer = make_offer()
    client.post(form_url(offer), form_data(client.get(form_url(offer)), cv=cv_file()))
    Application.objects.get().withdraw()
    client.post(form_url(offer), form_data(client.get(form_url(offer)), cv=cv_file()))
    send_outbox()
    (again,) = [mail for mail in mailoutbox if "Déjà reçue" in mail.subject]
    assert "Vous aviez retiré la première" in again.body
    assert "la seule qui compte" not in again.body


def test_honeypot_redirects_and_stores_nothing(client):
    offer = make_offer()
    response = client.post(form_url(offer), form_data(client.get(form_url(offer)), cv=cv_file(), detail="x"))
    assert response.url == form_url(offer, "applied")
    assert not Application.objects.exists()
    assert private_files() == []


def test_rate_limit_returns_429_and_keeps_the_values_and_the_file(client, settings):
    settings.APPLICATION_LIMIT_PER_HOUR = 1
    offers = [make_offer(), make_offer()]
    assert client.post(form_url(offers[0]), form_data(client.get(form_url(offers[0])), cv=cv_file())).status_code == 302
    response = client.post(form_url(offers[1]), form_data(client.get(form_url(offers[1])), cv=cv_file()))
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 3000
    assert "CV Anne.pdf" in response.content.decode()
    # The rate limit also covers uploads: the next file is not stored.
    response = client.post(form_url(offers[1]), form_data(response, email="", cv=cv_file()))
    assert PendingUpload.objects.count() == 1
    assert "Ce fichier n’a pas pu être conservé" in response.content.decode()


def test_closed_offer_accepts_no_application(client):
    offer = make_offer()
    values = form_data(client.get(form_url(offer)), cv=cv_file())
    offer.fill()
    response = client.post(form_url(offer), values, follow=True)
    assert "n’en reçoit plus" in response.content.decode()
    assert client.get(form_url(offer)).url == offer.get_absolute_url()
    assert not Application.objects.exists()
    assert form_url(offer) not in client.get(offer.get_absolute_url()).content.decode()


def test_draft_is_404_and_wrong_slug_redirects(client):
    draft = make_offer(status="draft", published_at=None, expires_at=None)
    assert client.get(form_url(draft)).status_code == 404
    offer = make_offer()
    assert client.get(reverse("applications:apply", args=[offer.pk, "autre"])).url == form_url(offer)
    assert client.get(reverse("applications:apply", args=[99999999, "autre"])).status_code == 404


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://xn--socit-esab.fr/1", "société.fr"),
        # Stored without validation, by SQL: shown as what it is.
        ("https://evil.example\\@www.linkedin.com/", "https://evil.example\\@www.linkedin.com/"),
    ],
)
def test_page_names_the_host_that_the_link_opens(client, url, host):
    offer = make_offer(apply_url=url)
    assert f"Postuler sur {host}</a>" in client.get(offer.get_absolute_url()).content.decode()


def test_external_application_redirects_to_the_url_of_the_employer(client):
    offer = make_offer(apply_url="https://emploi.example.org/1")
    page = client.get(offer.get_absolute_url()).content.decode()
    assert f'href="{form_url(offer, "apply_elsewhere")}" rel="nofollow noopener noreferrer"' in page
    response = client.get(form_url(offer, "apply_elsewhere"))
    assert response.url == "https://emploi.example.org/1"
    assert "noindex" in response["X-Robots-Tag"]
    assert client.get(form_url(offer)).url == offer.get_absolute_url()
    offer.withdraw()
    assert client.get(form_url(offer, "apply_elsewhere")).url == offer.get_absolute_url()
