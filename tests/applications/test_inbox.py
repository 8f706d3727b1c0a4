"""The applications as recruiters see them."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.models import OutboxMessage
from jobboard.mail.outbox import queue_mail
from jobboard.mail.tasks import send_outbox
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


def detail_context(application, name="inbox_application"):
    return reverse(f"applications:{name}", args=[application.pk])


def text(response) -> str:
    return response.content.decode()


def test_a_member_finds_their_own_and_nothing_of_others(client, member, offer):
    make_application(offer=offer, name="Anne Lefèvre")
    make_application(offer=offer, name="Bilal Haddad", status=ApplicationStatus.DECLINED)
    elsewhere = make_application(name="Chloé Étrangère")
    found = text(client.get(INBOX))
    assert "Anne Lefèvre" in found
    assert "Bilal Haddad" in found
    assert "Chloé" not in found
    assert elsewhere.offer.title not in found
    assert "Anne" not in text(client.get(INBOX, {"etat": "declined"}))
    assert "Bilal" not in text(client.get(INBOX, {"q": "lefèvre bonjour"}))
    assert "Anne" in text(client.get(INBOX, {"q": "LEF"}))
    # As people type, on whatever database: without accents, in capitals that have them, a part of an address.
    for typed in ("lefevre", "LEFÈVRE", "anne Lefèvre", Application.objects.get(name="Anne Lefèvre").email.upper()):
        assert "Anne" in text(client.get(INBOX, {"q": typed})), typed
        assert "Bilal" not in text(client.get(INBOX, {"q": typed})), typed
    assert "Anne" in text(client.get(INBOX, {"offre": offer.pk}))
    # An offer of somebody else is none of the choices, and no number breaks the page.
    for value in (elsewhere.offer.pk, "x", "9" * 30, "-1"):
        assert "Chloé" not in text(client.get(INBOX, {"offre": value, "etat": "x", "page": "x"}))
    assert "Anne" in text(client.get(reverse("applications:inbox_offer", args=[offer.pk])))


def test_hundreds_of_rows_cost_as_many_queries_as_a_few(client, member, offer, django_assert_num_queries):
    Application.objects.bulk_create(
        Application(offer=offer, name=f"Candidate {n}", email=f"{n}@example.org", message="Bonjour") for n in range(300)
    )
    for url, queries in ((INBOX, 8), (reverse("applications:inbox_offer", args=[offer.pk]), 8)):
        with django_assert_num_queries(queries):
            assert "300\u00a0candidatures" in text(client.get(url)).replace("300 c", "300\u00a0c")
    with django_assert_num_queries(6):
        assert len(b"".join(client.get(reverse("applications:inbox_export"))).splitlines()) == 301


def test_status_note_and_steps(client, member, offer):
    application = make_application(offer=offer)
    client.post(detail_context(application, "inbox_change"), {"etat": "seen"})
    client.post(detail_context(application, "inbox_note"), {"text": "À rappeler lundi."})
    client.post(detail_context(application, "inbox_change"), {"etat": "discussion"})
    refused = client.post(detail_context(application, "inbox_change"), {"etat": "seen"}, follow=True)
    assert "elle a changé entre-temps" in text(refused)
    application.refresh_from_db()
    assert application.status == ApplicationStatus.DISCUSSION
    assert "À rappeler lundi." in text(client.get(detail_context(application)))
    # The candidate sees where it is, and nothing of what was noted.
    seen = text(client.get(application.get_absolute_url()))
    assert "souhaite poursuivre" in seen
    assert "rappeler" not in seen
    wrong = client.post(detail_context(application, "inbox_note"), {"text": "x" * 2001})
    assert "x" * 2001 in text(wrong)
    assert application.notes.count() == 1


def test_many_are_declined_with_a_mail_each(client, member, offer, mailoutbox):
    chosen = [make_application(offer=offer) for _ in range(3)]
    stranger = make_application()
    gone = make_application(offer=offer, status=ApplicationStatus.WITHDRAWN)
    pks = [each.pk for each in (*chosen, stranger, gone)]
    page = text(client.get(reverse("applications:inbox_decline"), {"c": pks}))
    assert "Décliner 3\u00a0candidatures" in page.replace("3 c", "3\u00a0c")
    assert "ne préjuge pas" in page
    data = {"c": [*pks, "x", "9" * 40], "text": "Merci, mais non."}
    response = client.post(reverse("applications:inbox_decline"), data, follow=True)
    assert "3\u00a0candidatures déclinées" in text(response).replace("3 c", "3\u00a0c")
    send_outbox()
    send_outbox()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(each.email for each in chosen)
    assert "Merci, mais non." in mailoutbox[0].body
    assert Application.objects.filter(status=ApplicationStatus.DECLINED).count() == 3
    empty = client.post(reverse("applications:inbox_decline"), {"c": stranger.pk, "text": "Non."}, follow=True)
    assert "Cochez au moins une candidature" in text(empty)


def test_a_cv_is_a_download_and_each_one_is_recorded(client, member, offer):
    application = make_application(offer=offer, cv="", cv_name="CV d’Anne (2026).pdf")
    application.cv.save("", ContentFile(make_pdf()))
    assert client.get(detail_context(application, "inbox_cv")).status_code == 405
    response = client.post(detail_context(application, "inbox_cv"))
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''CV%20d")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    access = CvAccess.objects.get()
    assert (access.user, access.application) == (member, application)
    assert "Première ouverture du CV" in text(client.get(application.get_absolute_url()))
    for change in (
        {"cv_state": CvState.WAITING},
        {"cv_state": CvState.REFUSED, "cv": ""},
        {"status": ApplicationStatus.WITHDRAWN},
    ):
        before = Application.objects.filter(pk=application.pk).values(*change).get()
        Application.objects.filter(pk=application.pk).update(**change)
        assert client.post(detail_context(application, "inbox_cv")).url == detail_context(application)
        Application.objects.filter(pk=application.pk).update(**before)
    assert CvAccess.objects.count() == 1


def test_no_cell_of_the_export_runs(client, member, offer):
    make_application(offer=offer, name="=cmd|' /C calc'!A0", answers=[{"question": "Où", "answer": "Lyon"}])
    make_application(name="Ailleurs")
    lines = b"".join(client.get(reverse("applications:inbox_export"))).decode()
    assert "'=cmd" in lines
    assert "Où Lyon" in lines
    assert "Ailleurs" not in lines


def test_what_the_candidate_takes_back_is_closed_at_once(client, member, offer):
    application = make_application(offer=offer)
    assert client.get(reverse("applications:withdraw", args=[application.token])).status_code == 200
    application.refresh_from_db()
    assert application.is_open
    client.post(reverse("applications:withdraw", args=[application.token]))
    client.post(reverse("applications:withdraw", args=[application.token]))
    application.refresh_from_db()
    assert not application.is_open
    assert "ne s’ouvre plus" in text(client.get(detail_context(application)))


def test_a_refusal_that_is_taken_back_before_it_has_left_is_not_mailed(client, member, offer, mailoutbox):
    taken_back, withdrawn, again = (make_application(offer=offer) for _ in range(3))

    def decline(application, words):
        client.post(reverse("applications:inbox_decline"), {"c": application.pk, "text": words})

    for application in (taken_back, withdrawn, again):
        decline(application, "Le premier mot.")
    for application in (taken_back, again):
        client.post(detail_context(application, "inbox_change"), {"etat": "discussion"})
    client.post(reverse("applications:withdraw", args=[withdrawn.token]))
    decline(again, "Le dernier mot.")
    send_outbox()
    assert [mail.to for mail in mailoutbox] == [[again.email]]
    assert "Le dernier mot." in mailoutbox[0].body
    assert not OutboxMessage.objects.due().exists()


def test_who_has_withdrawn_is_not_asked_for_another_file(client, mailoutbox):
    application = make_application(cv="", cv_state=CvState.REFUSED, cv_reason="Le PDF est incomplet ou abîmé.")
    queue_mail("applications.cv_refused", application.pk, application=application.pk)
    application.withdraw()
    send_outbox()
    assert mailoutbox == []


def test_what_is_erased_includes_a_file_that_came_meanwhile(django_capture_on_commit_callbacks):
    application = make_application(cv="", cv_state=CvState.REFUSED)
    in_another_window = Application.objects.get(pk=application.pk)
    with django_capture_on_commit_callbacks(execute=True):
        intake.replace_cv(application, ContentFile(make_pdf(), "Nouveau.pdf"))
        intake.erase_application(in_another_window)
        intake.erase_application(in_another_window)
    folders, _ = application.cv.storage.listdir("cv")
    assert not any(application.cv.storage.listdir(f"cv/{folder}")[1] for folder in folders)


def test_what_the_candidate_erases_is_gone(client, member, offer, django_capture_on_commit_callbacks):
    application = make_application(offer=offer, cv="")
    application.cv.save("", ContentFile(make_pdf()))
    application.see(member)
    storage, name = application.cv.storage, application.cv.name
    link = application.get_absolute_url()
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("applications:erase", args=[application.token]))
    assert response.url == reverse("applications:erased")
    assert not Application.objects.exists()
    assert not storage.exists(name)
    assert client.get(link).status_code == 404
    assert "aucune candidature" in text(client.get(link))


def test_a_refused_cv_is_replaced_from_the_status_page(client, django_capture_on_commit_callbacks):
    application = make_application(cv="", cv_state=CvState.REFUSED, cv_reason="Le PDF est incomplet ou abîmé.")
    url = reverse("applications:cv", args=[application.token])
    assert "incomplet ou abîmé" in text(client.get(application.get_absolute_url()))
    bad = client.post(url, {"cv": ContentFile(b"<html>", "CV.pdf")})
    assert "pas un PDF" in text(bad)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(url, {"cv": ContentFile(make_pdf(), "Nouveau.pdf")})
    application.refresh_from_db()
    assert (application.cv_state, application.cv_name) == (CvState.WAITING, "Nouveau.pdf")
    tasks.check_cv(application.pk)
    application.refresh_from_db()
    assert application.cv_can_be_opened


def test_the_usual_time_to_answer(client, django_assert_num_queries):
    now = timezone.now()
    quick, slow, few = (make_offer(company=make_company(name=name)) for name in ("Vite", "Lente", "Rare"))
    day = timezone.timedelta(days=1)

    def answered(offer, *days):
        for number in days:
            make_application(offer=offer, created_at=now - number * day, answered_at=now)

    answered(quick, 1, 2, 3, 4, 30)
    answered(slow, 10, 20, 30, 40, 50, 60)
    answered(few, 1, 1, 1, 1)
    assert "répond d’habitude" not in text(client.get(quick.get_absolute_url()))
    with django_assert_num_queries(7):
        tasks.update_answer_days()
    for offer, days in ((quick, 3), (slow, 35), (few, None)):
        offer.company.refresh_from_db()
        assert offer.company.answer_days == days
    assert "répond d’habitude en 3\u00a0jours" in text(client.get(quick.get_absolute_url())).replace("&nbsp;", "\u00a0")
    # Nothing is written where nothing has changed.
    with django_assert_num_queries(5):
        tasks.update_answer_days()
    hidden = make_offer(company=quick.company, confidential=True)
    assert "répond d’habitude" not in text(client.get(hidden.get_absolute_url()))


def test_where_a_company_has_nobody_the_team_hears_of_it(settings, mailoutbox):
    settings.TEAM_EMAILS = ["equipe@example.org"]
    make_user(email="sans-entreprise@example.org")
    for application in (make_application(), make_application(offer=make_offer(confidential=True))):
        queue_mail("applications.arrival", application.pk, application=application.pk)
    send_outbox()
    assert [mail.to for mail in mailoutbox] == [["equipe@example.org"]] * 2


def test_staff_see_them_with_the_right_only(client, offer):
    make_application(offer=offer, name="Anne Lefèvre")
    client.force_login(make_user(is_staff=True))
    assert "Anne" not in text(client.get(INBOX))
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert "Anne" in text(client.get(INBOX))
    change = reverse("admin:applications_application_change", args=[Application.objects.get().pk])
    page = text(client.get(change))
    assert "Anne" in page
    assert ".pdf" in page
    assert "cv/00" not in page
