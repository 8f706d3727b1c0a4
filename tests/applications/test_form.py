"""Applying: what a candidate meets, whatever happens on the way."""

import errno
import re
import threading

import pytest
from django.core import signing
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.models import OutboxMessage
from jobboard.mail.tasks import send_outbox
from offers.applications import intake, tasks
from offers.applications.models import Application, PendingUpload
from offers.models import Question
from tests.applications.pdfs import make_pdf
from tests.factories import make_company, make_offer, make_user
from tests.search_client import IndexingClient

pytestmark = pytest.mark.django_db
PDF = make_pdf()


@pytest.fixture(autouse=True)
def no_delay(settings):
    settings.CONTACT_MINIMUM_DELAY = 0


def address(offer, name="apply"):
    return reverse(f"applications:{name}", args=[offer.pk, offer.slug])


def pdf(name="CV Anne.pdf", data=PDF):
    return SimpleUploadedFile(name, data, content_type="application/pdf")


def filled(page, **values):
    """The fields of the form as it was served, filled in."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    hidden.pop("csrfmiddlewaretoken")
    values = {"name": "Anne Lefèvre", "email": "anne@example.org", "message": "Bonjour\r\nà vous.", **values}
    return {**hidden, **values}


def files():
    """The names of all private files."""
    storage, found = storages["private"], []
    try:
        for folder in storage.listdir("cv")[0]:
            found += storage.listdir(f"cv/{folder}")[1]
    except FileNotFoundError:
        pass
    return found


def test_from_the_offer_to_the_status_page(client, mailoutbox, django_capture_on_commit_callbacks):
    company = make_company()
    member = make_user(email="recruteuse@example.org")
    company.memberships.create(user=member)
    offer = make_offer(title="Développeuse Python", company=company)
    question = Question.objects.create(offer=offer, text="Depuis quand\u00a0?", required=True)
    assert address(offer) in client.get(offer.get_absolute_url()).content.decode()
    page = client.get(address(offer))
    assert "no-store" in page["Cache-Control"]
    assert "checked" not in page.content.decode()
    assert "2\u00a0ans après le dernier contact" in page.content.decode()
    response = client.post(
        address(offer), filled(page, **{f"question_{question.pk}": "2020", "phone": "06 12 34 56 78", "cv": pdf()})
    )
    assert response.status_code == 302
    assert client.get(response.url).status_code == 200
    application = Application.objects.get()
    assert application.name == "Anne Lefèvre"
    assert application.message == "Bonjour\nà vous."
    assert application.answers == [{"question": "Depuis quand\u00a0?", "answer": "2020"}]
    assert application.keep_for_others is False
    assert application.cv_name == "CV Anne.pdf"
    assert re.fullmatch(r"cv/(\w\w)/\1\w{30}\.pdf", application.cv.name)
    # Nothing waits for the mail server; the queue knows numbers only.
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


def test_an_error_loses_nothing_not_even_the_file(client):
    offer = make_offer()
    page = client.post(address(offer), filled(client.get(address(offer)), email="anne@", cv=pdf()))
    html = page.content.decode()
    assert page.status_code == 200
    assert "CV Anne.pdf" in html
    assert "Anne Lefèvre" in html
    assert not Application.objects.exists()
    kept = PendingUpload.objects.get()
    # It stays over a second error, and its form brings it to the application.
    page = client.post(address(offer), filled(page, email="anne@example"))
    assert "CV Anne.pdf" in page.content.decode()
    assert client.post(address(offer), filled(page)).status_code == 302
    application = Application.objects.get()
    assert application.cv.name == kept.file.name
    assert application.cv_name == "CV Anne.pdf"
    assert not PendingUpload.objects.exists()
    assert len(files()) == 1


def test_another_file_takes_the_place_of_the_one_that_was_kept(client, django_capture_on_commit_callbacks):
    offer = make_offer()
    page = client.post(address(offer), filled(client.get(address(offer)), email="anne@", cv=pdf()))
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(address(offer), filled(page, email="", cv=pdf("Deux.pdf")))
    assert "Deux.pdf" in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address(offer), filled(page, cv=pdf("Trois.pdf"))).status_code == 302
    assert Application.objects.get().cv_name == "Trois.pdf"
    assert len(files()) == 1
    assert not PendingUpload.objects.exists()


@pytest.mark.parametrize("token", ["1", "1:forged", signing.Signer(salt="other").sign("1"), "x" * 500])
def test_only_the_page_that_was_answered_has_the_file(client, token):
    offer = make_offer()
    page = client.get(address(offer))
    client.post(address(offer), filled(page, email="anne@", cv=pdf()))
    response = client.post(address(offer), filled(page, pending=token))
    assert response.status_code == 200
    assert "Choisissez-le à nouveau" in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("cv", "", "Joignez votre CV"),
        ("cv", pdf("page.pdf", b"<!doctype html><script>alert(1)</script>%%EOF"), "pas un PDF"),
        ("cv", pdf("coupe.pdf", PDF[:100]), "incomplet"),
        ("cv", pdf("vide.pdf", b""), "vide"),
        ("name", "Anne\nBcc: x@example.org", "une seule ligne"),
        ("message", "x" * 5_001, "5000"),
        ("form_token", "forged", "ouvert trop longtemps"),
        ("phone", "12", "pas valable"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(client, field, value, said):
    offer = make_offer()
    values = filled(client.get(address(offer)), cv=pdf()) | {field: value}
    response = client.post(address(offer), values)
    assert response.status_code == 200
    assert said in response.content.decode().replace("\u202f", "").replace("\u00a0", " ")
    assert not Application.objects.exists()


@pytest.mark.parametrize("name", ["../../evil.pdf", "..\\evil.pdf", "a/b/../../evil.pdf"])
def test_a_name_leads_out_of_no_folder(client, name, settings):
    offer = make_offer()
    client.post(address(offer), filled(client.get(address(offer)), cv=pdf(name)))
    application = Application.objects.get()
    assert application.cv_name == "evil.pdf"
    assert "evil" not in application.cv.path
    assert application.cv.path.startswith(str(settings.PRIVATE_DIR))


def test_who_applies_again_is_told_by_mail_only(client, mailoutbox):
    offer = make_offer()
    first = client.post(address(offer), filled(client.get(address(offer)), cv=pdf()))
    for words in ("Un autre texte.", "Encore un."):
        values = filled(client.get(address(offer)), email="ANNE@example.org", message=words, cv=pdf())
        again = client.post(address(offer), values)
        assert (again.status_code, again.url) == (first.status_code, first.url)
        send_outbox()
    assert Application.objects.count() == 1
    assert len(files()) == 1
    to_candidate = [mail.subject.split(":")[0].strip() for mail in mailoutbox if mail.to == ["anne@example.org"]]
    assert sorted(to_candidate) == ["Déjà reçue", "Votre candidature"]


def test_a_double_click_is_one_application_and_one_mail(client, mailoutbox):
    """Without a script a browser sends the form twice; nobody needs to be told that they have applied again."""
    offer = make_offer()
    page = client.get(address(offer))
    for _ in range(2):
        assert client.post(address(offer), filled(page, cv=pdf())).url == address(offer, "applied")
    send_outbox()
    assert [mail.subject.split(":")[0].strip() for mail in mailoutbox if mail.to == ["anne@example.org"]] == [
        "Votre candidature"
    ]
    assert len(files()) == 1
    Application.objects.update(created_at=timezone.now() - intake.RESUBMISSION_WINDOW)
    client.post(address(offer), filled(page, cv=pdf()))
    send_outbox()
    assert "est la seule qui compte" in mailoutbox[-1].body


def test_who_has_withdrawn_learns_why_nothing_new_can_come(client, mailoutbox):
    offer = make_offer()
    client.post(address(offer), filled(client.get(address(offer)), cv=pdf()))
    Application.objects.get().withdraw()
    client.post(address(offer), filled(client.get(address(offer)), cv=pdf()))
    send_outbox()
    (again,) = [mail for mail in mailoutbox if "Déjà reçue" in mail.subject]
    assert "Vous aviez retiré la première" in again.body
    assert "la seule qui compte" not in again.body


def test_programs_are_thanked_and_forgotten(client):
    offer = make_offer()
    response = client.post(address(offer), filled(client.get(address(offer)), cv=pdf(), detail="x"))
    assert response.url == address(offer, "applied")
    assert not Application.objects.exists()
    assert files() == []


def test_the_limit_of_a_network_keeps_the_form_and_its_file(client, settings):
    settings.APPLICATION_LIMIT_PER_HOUR = 1
    offers = [make_offer(), make_offer()]
    assert client.post(address(offers[0]), filled(client.get(address(offers[0])), cv=pdf())).status_code == 302
    response = client.post(address(offers[1]), filled(client.get(address(offers[1])), cv=pdf()))
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 3000
    assert "CV Anne.pdf" in response.content.decode()
    # So is the room on the disk: the next file is not kept.
    response = client.post(address(offers[1]), filled(response, email="", cv=pdf()))
    assert PendingUpload.objects.count() == 1
    assert "Ce fichier n’a pas pu être conservé" in response.content.decode()


def test_a_closed_offer_takes_nothing(client):
    offer = make_offer()
    values = filled(client.get(address(offer)), cv=pdf())
    offer.fill()
    response = client.post(address(offer), values, follow=True)
    assert "n’en reçoit plus" in response.content.decode()
    assert client.get(address(offer)).url == offer.get_absolute_url()
    assert not Application.objects.exists()
    assert address(offer) not in client.get(offer.get_absolute_url()).content.decode()


def test_a_draft_is_not_there_and_a_wrong_name_leads_to_the_right_one(client):
    draft = make_offer(status="draft", published_at=None, expires_at=None)
    assert client.get(address(draft)).status_code == 404
    offer = make_offer()
    assert client.get(reverse("applications:apply", args=[offer.pk, "autre"])).url == address(offer)
    assert client.get(reverse("applications:apply", args=[99999999, "autre"])).status_code == 404


def test_elsewhere_is_one_counted_click_away(client):
    offer = make_offer(apply_url="https://emploi.example.org/1")
    page = client.get(offer.get_absolute_url()).content.decode()
    assert f'href="{address(offer, "apply_elsewhere")}" rel="nofollow noopener noreferrer"' in page
    response = client.get(address(offer, "apply_elsewhere"))
    assert response.url == "https://emploi.example.org/1"
    assert "noindex" in response["X-Robots-Tag"]
    assert client.get(address(offer)).url == offer.get_absolute_url()
    offer.withdraw()
    assert client.get(address(offer, "apply_elsewhere")).url == offer.get_absolute_url()


# -- what can go wrong around it


def test_a_body_that_is_too_large_is_not_read(client):
    class Unread:
        def read(self, *args):
            raise AssertionError("read")

        readline = read

    offer = make_offer()
    response = client.generic(
        "POST",
        address(offer),
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(200 * 1024 * 1024),
        **{"wsgi.input": Unread()},
    )
    assert response.status_code == 413
    assert "5\u00a0Mo" in response.content.decode()


def _full(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_while_the_form_is_read(client, settings, monkeypatch):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    offer = make_offer()
    values = filled(client.get(address(offer)), cv=pdf())
    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", _full)
    response = client.post(address(offer), values)
    assert response.status_code == 507
    assert not Application.objects.exists()
    assert files() == []


def test_a_full_disk_while_the_file_is_stored(client, monkeypatch):
    offer = make_offer()
    values = filled(client.get(address(offer)), cv=pdf())
    real = pdf().__class__.chunks

    def half(self, *args):
        yield next(real(self))[:100]
        _full()

    monkeypatch.setattr("django.core.files.base.File.chunks", half)
    monkeypatch.setattr("django.core.files.uploadedfile.InMemoryUploadedFile.chunks", half)
    response = client.post(address(offer), values)
    assert response.status_code == 507
    assert not Application.objects.exists()
    assert not PendingUpload.objects.exists()
    assert files() == []


def test_a_full_disk_under_the_database(client, monkeypatch):
    class Full(Exception):
        sqlstate = "53100"
        sqlite_errorname = "SQLITE_FULL"

    def fail(*args, **kwargs):
        raise OperationalError("disk full") from Full()

    offer = make_offer()
    values = filled(client.get(address(offer)), cv=pdf())
    monkeypatch.setattr(intake, "queue_check", fail)
    response = client.post(address(offer), values)
    assert response.status_code == 507
    assert not Application.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert files() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("guarded", [True, False])
def test_of_fifty_at_once_one_is_stored(search_index, settings, guarded):
    """Without the constraint, the control: several get through the check that looks first."""
    settings.APPLICATION_LIMIT_PER_HOUR = 100
    if not guarded:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX application_once_per_offer")
    offer = make_offer()
    values = filled(IndexingClient(search_index).get(address(offer)))
    start, statuses = threading.Barrier(10), []

    def apply():
        try:
            client = Client()
            start.wait()
            statuses.extend(client.post(address(offer), {**values, "cv": pdf()}).status_code for _ in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=apply) for _ in range(10)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [302] * 50
        if guarded:
            assert Application.objects.count() == 1
            assert OutboxMessage.objects.filter(kind="applications.confirmation").count() == 1
            assert len(files()) == 1
        else:
            assert Application.objects.count() > 1
    finally:
        if not guarded:
            Application.objects.all().delete()
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE UNIQUE INDEX application_once_per_offer"
                    " ON applications_application (offer_id, (LOWER(email)))"
                )
