"""The inbox of a recruiter, and the status page of the candidate."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.models import OutboxMessage
from jobboard.mail.outbox import queue_mail
from jobboard.mail.tasks import send_outbox
from jobboard.privacy import files
from jobboard.privacy.models import FileDeletion
from jobboard.spreadsheet import _cell
from offers.applications import intake, tasks
from offers.applications.enums import ApplicationStatus, CvState
from offers.applications.models import Application, CvAccess
from tests.applications.pdfs import make_pdf
from tests.factories import make_application, make_company, make_offer, make_user

pytestmark = pytest.mark.django_db
INBOX = reverse("applications:inbox")


@pytest.fixture
def company():
    return make_company(name="Ateliers")


@pytest.fixture
def member(company, client):
    user = make_user(email="recruteuse@example.org")
    company.memberships.create(user=user)
    client.force_login(user)
    return user


@pytest.fixture
def offer(company):
    return make_offer(company=company, title="Développeuse Python")


def inbox_url(application, name="inbox_application"):
    return reverse(f"applications:{name}", args=[application.pk])


def html_of(response) -> str:
    return response.content.decode()


def test_inbox_lists_and_searches_the_applications_of_own_companies_only(client, member, offer):
    make_application(offer=offer, name="Anne Lefèvre")
    make_application(offer=offer, name="Bilal Haddad", status=ApplicationStatus.DECLINED)
    elsewhere = make_application(name="Chloé Étrangère")
    html = html_of(client.get(INBOX))
    assert "Anne Lefèvre" in html
    assert "Bilal Haddad" in html
    assert "Chloé" not in html
    assert elsewhere.offer.title not in html
    assert "Anne" not in html_of(client.get(INBOX, {"etat": "declined"}))
    assert "Bilal" not in html_of(client.get(INBOX, {"q": "lefèvre bonjour"}))
    assert "Anne" in html_of(client.get(INBOX, {"q": "LEF"}))
    # On both databases, the search ignores accents and case, and also looks at e-mail addresses.
    for typed in ("lefevre", "LEFÈVRE", "anne Lefèvre", Application.objects.get(name="Anne Lefèvre").email.upper()):
        assert "Anne" in html_of(client.get(INBOX, {"q": typed})), typed
        assert "Bilal" not in html_of(client.get(INBOX, {"q": typed})), typed
    assert "Anne" in html_of(client.get(INBOX, {"offre": offer.pk}))
    # The offer of another company is no valid choice, and invalid values are ignored.
    for value in (elsewhere.offer.pk, "x", "9" * 30, "-1"):
        assert "Chloé" not in html_of(client.get(INBOX, {"offre": value, "etat": "x", "page": "x"}))
    assert "Anne" in html_of(client.get(reverse("applications:inbox_offer", args=[offer.pk])))


def test_number_of_queries_does_not_depend_on_the_rows(client, member, offer, django_assert_num_queries):
    Application.objects.bulk_create(
        Application(offer=offer, name=f"Candidate {n}", email=f"{n}@example.org", message="Bonjour") for n in range(300)
    )
    for url, queries in ((INBOX, 8), (reverse("applications:inbox_offer", args=[offer.pk]), 8)):
        with django_assert_num_queries(queries):
            assert "300\u00a0candidatures" in html_of(client.get(url)).replace("300 c", "300\u00a0c")
    with django_assert_num_queries(6):
        assert len(b"".join(client.get(reverse("applications:inbox_export"))).splitlines()) == 301


def test_status_change_and_note(client, member, offer):
    application = make_application(offer=offer)
    client.post(inbox_url(application, "inbox_change"), {"etat": "seen"})
    client.post(inbox_url(application, "inbox_note"), {"text": "À rappeler lundi."})
    client.post(inbox_url(application, "inbox_change"), {"etat": "discussion"})
    conflict = client.post(inbox_url(application, "inbox_change"), {"etat": "seen"}, follow=True)
    assert "elle a changé entre-temps" in html_of(conflict)
    application.refresh_from_db()
    assert application.status == ApplicationStatus.DISCUSSION
    assert "À rappeler lundi." in html_of(client.get(inbox_url(application)))
    # The candidate sees the status, but not the notes.
    status_page = html_of(client.get(application.get_absolute_url()))
    assert "souhaite poursuivre" in status_page
    assert "rappeler" not in status_page
    invalid = client.post(inbox_url(application, "inbox_note"), {"text": "x" * 2001})
    assert "x" * 2001 in html_of(invalid)
    assert application.notes.count() == 1


def test_bulk_decline_mails_each_candidate_once(client, member, offer, mailoutbox):
    declined = [make_application(offer=offer) for _ in range(3)]
    foreign = make_application()
    withdrawn = make_application(offer=offer, status=ApplicationStatus.WITHDRAWN)
    pks = [each.pk for each in (*declined, foreign, withdrawn)]
    page = html_of(client.get(reverse("applications:inbox_decline"), {"c": pks}))
    assert "Décliner 3\u00a0candidatures" in page.replace("3 c", "3\u00a0c")
    assert "ne préjuge pas" in page
    data = {"c": [*pks, "x", "9" * 40], "text": "Merci, mais non."}
    response = client.post(reverse("applications:inbox_decline"), data, follow=True)
    assert "3\u00a0candidatures déclinées" in html_of(response).replace("3 c", "3\u00a0c")
    send_outbox()
    send_outbox()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(each.email for each in declined)
    assert "Merci, mais non." in mailoutbox[0].body
    assert Application.objects.filter(status=ApplicationStatus.DECLINED).count() == 3
    empty = client.post(reverse("applications:inbox_decline"), {"c": foreign.pk, "text": "Non."}, follow=True)
    assert "Cochez au moins une candidature" in html_of(empty)


def test_cv_is_downloaded_by_post_and_each_access_is_recorded(client, member, offer):
    application = make_application(offer=offer, cv="", cv_name="CV d’Anne (2026).pdf")
    application.cv.save("", ContentFile(make_pdf()))
    assert client.get(inbox_url(application, "inbox_cv")).status_code == 405
    response = client.post(inbox_url(application, "inbox_cv"))
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''CV%20d")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    access = CvAccess.objects.get()
    assert (access.user, access.application) == (member, application)
    assert "Première ouverture du CV" in html_of(client.get(application.get_absolute_url()))
    for change in (
        {"cv_state": CvState.WAITING},
        {"cv_state": CvState.REFUSED, "cv": ""},
        {"status": ApplicationStatus.WITHDRAWN, "decided_at": timezone.now()},
    ):
        before = Application.objects.filter(pk=application.pk).values(*change).get()
        Application.objects.filter(pk=application.pk).update(**change)
        assert client.post(inbox_url(application, "inbox_cv")).url == inbox_url(application)
        Application.objects.filter(pk=application.pk).update(**before)
    assert CvAccess.objects.count() == 1


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("+33 6 12 34 56 78", "+33 6 12 34 56 78"),
        ("+687 75.12.34", "+687 75.12.34"),
        ("+1 212-555-0123", "+1 212-555-0123"),
        ("+33", "'+33"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("+33 6 12\n=1", "'+33 6 12\n=1"),
        ("＝1+1", "'＝1+1"),
        (-5, "-5"),
    ],
)
def test_cell_is_no_formula_and_telephones_are_as_printed(value, cell):
    assert _cell(value) == cell


@pytest.mark.parametrize("typed", ["ostergard", "Østergård", "LUKASZ", "łukasz straße", "strasse"])
def test_search_folds_letters_as_the_search_of_offers_does(client, member, offer, typed):
    make_application(offer=offer, name="Łukasz Østergård", message="De la Hauptstraße.")
    make_application(offer=offer, name="Anne Martin")
    page = client.get(reverse("applications:inbox"), {"q": typed}).context["page"]
    assert [row.name for row in page] == ["Łukasz Østergård"]


def test_export_escapes_formulas_and_contains_own_applications_only(client, member, offer):
    make_application(offer=offer, name="=cmd|' /C calc'!A0", answers=[{"question": "Où", "answer": "Lyon"}])
    make_application(name="Ailleurs")
    lines = b"".join(client.get(reverse("applications:inbox_export"))).decode()
    assert "'=cmd" in lines
    assert "Où Lyon" in lines
    assert "Ailleurs" not in lines


def test_withdrawal_closes_the_application_and_is_idempotent(client, member, offer):
    application = make_application(offer=offer)
    assert client.get(reverse("applications:withdraw", args=[application.token])).status_code == 200
    application.refresh_from_db()
    assert application.is_open
    client.post(reverse("applications:withdraw", args=[application.token]))
    client.post(reverse("applications:withdraw", args=[application.token]))
    application.refresh_from_db()
    assert not application.is_open
    assert "ne s’ouvre plus" in html_of(client.get(inbox_url(application)))


def test_decline_that_is_revoked_before_sending_is_not_mailed(client, member, offer, mailoutbox):
    revoked, withdrawn, declined_again = (make_application(offer=offer) for _ in range(3))

    def decline(application, message):
        client.post(reverse("applications:inbox_decline"), {"c": application.pk, "text": message})

    for application in (revoked, withdrawn, declined_again):
        decline(application, "Le premier mot.")
    for application in (revoked, declined_again):
        client.post(inbox_url(application, "inbox_change"), {"etat": "discussion"})
    client.post(reverse("applications:withdraw", args=[withdrawn.token]))
    decline(declined_again, "Le dernier mot.")
    send_outbox()
    assert [mail.to for mail in mailoutbox] == [[declined_again.email]]
    assert "Le dernier mot." in mailoutbox[0].body
    assert not OutboxMessage.objects.due().exists()


def test_refused_cv_of_a_withdrawn_application_is_not_mailed(client, mailoutbox):
    application = make_application(cv="", cv_state=CvState.REFUSED, cv_reason="Le PDF est incomplet ou abîmé.")
    queue_mail("applications.cv_refused", application.pk, application=application.pk)
    application.withdraw()
    send_outbox()
    assert mailoutbox == []


def test_erasure_deletes_a_cv_that_was_replaced_concurrently(django_capture_on_commit_callbacks):
    application = make_application(cv="", cv_state=CvState.REFUSED)
    stale = Application.objects.get(pk=application.pk)
    with django_capture_on_commit_callbacks(execute=True):
        intake.replace_cv(application, ContentFile(make_pdf(), "Nouveau.pdf"))
        intake.erase_application(stale)
        intake.erase_application(stale)
    folders, _ = application.cv.storage.listdir("cv")
    assert not any(application.cv.storage.listdir(f"cv/{folder}")[1] for folder in folders)


@pytest.mark.django_db(transaction=True)
def test_erasure_by_the_candidate_deletes_the_row_and_the_cv(client, member, offer):
    application = make_application(offer=offer, cv="")
    application.cv.save("", ContentFile(make_pdf()))
    application.see(member)
    storage, name = application.cv.storage, application.cv.name
    link = application.get_absolute_url()
    response = client.post(reverse("applications:erase", args=[application.token]))
    assert response.url == reverse("applications:erased")
    assert not Application.objects.exists()
    assert not storage.exists(name)
    assert client.get(link).status_code == 404
    assert "aucune candidature" in html_of(client.get(link))


@pytest.mark.django_db(transaction=True)
def test_erasure_is_reported_only_when_the_file_is_gone(client, offer, settings, tmp_path):
    """As with two hosts that have separate private directories."""
    application = make_application(offer=offer, cv="")
    application.cv.save("", ContentFile(make_pdf()))
    storage, name, own = application.cv.storage, application.cv.name, settings.PRIVATE_DIR
    settings.PRIVATE_DIR = tmp_path / "other host"
    response = client.post(reverse("applications:erase", args=[application.token]), follow=True)
    assert "Tout est effacé" not in html_of(response)
    assert "La candidature est effacée, son CV va l’être." in html_of(response)
    assert not Application.objects.exists()
    settings.PRIVATE_DIR = own
    assert storage.exists(name)
    files.delete_due_files(timezone.now() + timedelta(hours=1))
    assert not storage.exists(name)
    assert not FileDeletion.objects.exists()


def test_refused_cv_is_replaced_on_the_status_page(client, django_capture_on_commit_callbacks):
    application = make_application(cv="", cv_state=CvState.REFUSED, cv_reason="Le PDF est incomplet ou abîmé.")
    url = reverse("applications:cv", args=[application.token])
    assert "incomplet ou abîmé" in html_of(client.get(application.get_absolute_url()))
    invalid = client.post(url, {"cv": ContentFile(b"<html>", "CV.pdf")})
    assert "pas un PDF" in html_of(invalid)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"cv": ContentFile(make_pdf(), "Nouveau.pdf")})
    # From another window, where the page still asks for a CV.
    with django_capture_on_commit_callbacks(execute=True):
        second = client.post(url, {"cv": ContentFile(make_pdf(), "Autre.pdf")}, follow=True)
    assert "Ce CV n’est pas enregistré" in html_of(second)
    application.refresh_from_db()
    assert (application.cv_state, application.cv_name) == (CvState.WAITING, "Nouveau.pdf")
    tasks.check_cv(application.pk)
    application.refresh_from_db()
    assert application.cv_can_be_opened


def test_answer_time_is_the_median_of_at_least_five_answers(client, django_assert_num_queries):
    now = timezone.now()
    quick, slow, few = (make_offer(company=make_company(name=name)) for name in ("Vite", "Lente", "Rare"))
    day = timezone.timedelta(days=1)

    def make_answered(offer, *days):
        for age in days:
            make_application(offer=offer, created_at=now - age * day, answered_at=now)

    make_answered(quick, 1, 2, 3, 4, 30)
    make_answered(slow, 10, 20, 30, 40, 50, 60)
    make_answered(few, 1, 1, 1, 1)
    assert "répond d’habitude" not in html_of(client.get(quick.get_absolute_url()))
    with django_assert_num_queries(7):
        tasks.update_answer_days()
    for offer, days in ((quick, 3), (slow, 35), (few, None)):
        offer.company.refresh_from_db()
        assert offer.company.answer_days == days
    html = html_of(client.get(quick.get_absolute_url())).replace("&nbsp;", "\u00a0")
    assert "répond d’habitude en 3\u00a0jours" in html
    # Unchanged values are not written again.
    with django_assert_num_queries(5):
        tasks.update_answer_days()
    hidden = make_offer(company=quick.company, confidential=True)
    assert "répond d’habitude" not in html_of(client.get(hidden.get_absolute_url()))


def test_application_to_a_company_without_members_is_mailed_to_the_team(settings, mailoutbox):
    settings.TEAM_EMAILS = ["equipe@example.org"]
    make_user(email="sans-entreprise@example.org")
    for application in (make_application(), make_application(offer=make_offer(confidential=True))):
        queue_mail("applications.arrival", application.pk, application=application.pk)
    send_outbox()
    assert [mail.to for mail in mailoutbox] == [["equipe@example.org"]] * 2


def test_staff_read_applications_with_the_permission_only(client, offer):
    make_application(offer=offer, name="Anne Lefèvre")
    client.force_login(make_user(is_staff=True))
    assert "Anne" not in html_of(client.get(INBOX))
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert "Anne" in html_of(client.get(INBOX))
    change = reverse("admin:applications_application_change", args=[Application.objects.get().pk])
    page = html_of(client.get(change))
    assert "Anne" in page
    assert ".pdf" in page
    assert "cv/00" not in page
