"""Reports of offers: the public form, decisions, and mails, which never name the reporter to the company."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from jobboard.form_token import make_form_token
from jobboard.mail.models import OutboxMessage
from jobboard.mail.tasks import send_outbox
from offers.enums import OfferStatus
from offers.models import Offer
from offers.moderation.enums import ReportDecision
from offers.moderation.models import Report
from offers.moderation.reporting.decide import AlreadyDecided, decide
from tests.admin.staff import make_group_member, make_superuser
from tests.factories import make_company, make_member, make_offer, make_report, make_user
from tests.mail.outbox import due_again
from tests.offers.tasks import run_queued_tasks
from tests.threads import needs_postgresql, run_in_threads

pytestmark = pytest.mark.django_db
LIST = reverse("admin:moderation_report_changelist")
DECIDE = reverse("admin:moderation_report_decide")


@pytest.fixture
def report_data(settings):
    settings.CONTACT_MINIMUM_DELAY = -1
    return {
        "reason": "money",
        "explanation": "On me demande 50 € de frais de dossier.",
        "name": "Anne Martin",
        "email": "anne@example.org",
        "good_faith": "on",
        "form_token": make_form_token(),
        "detail": "",
    }


def report_url(offer) -> str:
    return reverse("moderation:report", args=[offer.pk, offer.slug])


def test_report_is_stored_and_acknowledged_by_mail(client, report_data):
    offer = make_offer(title="Testeuse")
    assert report_url(offer) in client.get(offer.get_absolute_url()).content.decode()
    response = client.post(report_url(offer), report_data)
    assert response.url == reverse("moderation:reported", args=[offer.pk, offer.slug])
    assert "noté" in client.get(response.url).content.decode()
    report = Report.objects.get()
    assert (report.offer, report.reason, report.email) == (offer, "money", "anne@example.org")
    assert mail.outbox == []
    assert "anne" not in str([queued.task for queued in OrmQ.objects.all()]).lower()
    run_queued_tasks()
    to_reporter, to_team = sorted(mail.outbox, key=lambda message: message.to != ["anne@example.org"])
    assert "frais de dossier" not in to_reporter.body
    assert "Testeuse" in to_reporter.body
    assert "anne" not in (to_team.subject + to_team.body).lower()
    assert reverse("admin:moderation_report_change", args=[report.pk]) in to_team.body
    run_queued_tasks()
    send_outbox()
    assert len(mail.outbox) == 2


def test_anonymous_report_is_accepted(client, report_data):
    client.post(report_url(make_offer()), {**report_data, "name": "", "email": ""})
    assert Report.objects.get().email == ""
    assert list(OutboxMessage.objects.values_list("kind", flat=True)) == ["moderation.report_arrival"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": ""}, "Choisir le motif"),
        ({"reason": "x"}, "x"),
        ({"explanation": "  "}, "obligatoire"),
        ({"explanation": "a" * 3_001}, "3000"),
        ({"email": "anne@"}, "pas complète"),
        ({"good_faith": ""}, "Cocher cette case"),
        ({"form_token": "x"}, "resté ouvert"),
    ],
)
def test_invalid_report_shows_an_error_and_keeps_the_values(client, report_data, changes, message):
    data = {**report_data, **changes}
    html = client.post(report_url(make_offer()), data).content.decode()
    assert 'role="alert"' in html
    assert message in html
    for name in ("name", "email"):
        assert f'value="{data[name]}"' in html
    assert data["explanation"].strip()[:100] in html
    assert not Report.objects.exists()


def test_repeated_post_is_one_report_and_the_honeypot_stores_none(client, report_data):
    offer = make_offer()
    client.post(report_url(offer), {**report_data, "detail": "x"})
    assert not Report.objects.exists()
    for _ in range(2):
        assert client.post(report_url(offer), report_data).status_code == 302
    assert Report.objects.count() == 1
    # The same text about another offer is another report.
    client.post(report_url(make_offer()), report_data)
    assert Report.objects.count() == 2


def test_rate_limit_per_ip_keeps_the_values(client, report_data, settings):
    settings.CONTACT_LIMIT_PER_HOUR = 1
    client.post(report_url(make_offer()), report_data)
    response = client.post(report_url(make_offer()), report_data)
    assert response.status_code == 429
    assert "Retry-After" in response.headers
    assert "frais de dossier" in response.content.decode()
    assert Report.objects.count() == 1


def test_draft_and_unknown_offer_cannot_be_reported(client, report_data):
    draft = make_offer(status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    assert client.get(report_url(draft)).status_code == client.post(report_url(draft), report_data).status_code == 404
    assert client.get("/offres/99999999999999999999-x/signaler/").status_code == 404


def test_list_is_oldest_first_and_counts_reports_of_the_offer(client, moderator, django_assert_max_num_queries):
    company = make_company()
    reported = make_offer(company=company, title="Souvent signalée")
    reports = [make_report(offer=reported if index % 2 else make_offer(company=company)) for index in range(20)]
    client.force_login(moderator)
    with django_assert_max_num_queries(16):
        page = client.get(LIST).content.decode()
    assert page.index(f"/{reports[0].pk}/change/") < page.index(f"/{reports[19].pk}/change/")
    assert '<td class="field-waiting_on_offer">10</td>' in page
    assert "20 signalements attendent une décision" in client.get(reverse("admin:index")).content.decode().replace(
        "<b>20</b> <span>", "20 "
    )


def test_decision_page_leads_back_without_the_word_cancel(client, moderator):
    first, second = make_report().offer, make_report().offer
    client.force_login(moderator)
    page = client.get(f"{DECIDE}?offre={first.pk}").content.decode()
    assert "Annuler" not in page
    back = reverse("admin:offers_offer_review", args=[first.pk])
    assert f'href="{back}">Revenir à l’offre</a>' in page
    page = client.get(f"{DECIDE}?offre={first.pk}&offre={second.pk}").content.decode()
    assert f'href="{LIST}">Revenir à la liste</a>' in page


@pytest.mark.parametrize(
    ("decision", "status", "text"),
    [
        (ReportDecision.NONE, OfferStatus.PUBLISHED, "elle reste en ligne"),
        (ReportDecision.CORRECT, OfferStatus.RETURNED, "doit la corriger"),
        (ReportDecision.REMOVE, OfferStatus.REMOVED, "supprimée du site"),
    ],
)
def test_decision_is_mailed_to_reporters_and_company(client, moderator, decision, status, text):
    company = make_company()
    make_member(company, make_user(email="employeur@example.org"))
    offer = make_offer(company=company)
    for name in ("anne", "paul"):
        make_report(offer=offer, email=f"{name}@example.org")
    make_report(offer=offer, email="")
    client.force_login(moderator)
    page = client.get(f"{DECIDE}?offre={offer.pk}").content.decode()
    assert page.count("Bonjour, cette offre") == 3
    data = {"decision": decision, "statement": "Des frais ne peuvent pas être demandés."}
    response = client.post(f"{DECIDE}?offre={offer.pk}", data, follow=True)
    assert "3\u00a0signalements" in response.content.decode()
    offer.refresh_from_db()
    assert offer.status == status
    assert {(report.decision, report.decided_by) for report in Report.objects.all()} == {(decision, moderator)}
    run_queued_tasks()
    body_by_recipient = {message.to[0]: message.body for message in mail.outbox}
    assert text in body_by_recipient["anne@example.org"]
    assert "Des frais" in body_by_recipient["paul@example.org"]
    assert [message.to for message in mail.outbox].count(["employeur@example.org"]) == 1
    company_mail = body_by_recipient["employeur@example.org"]
    assert "Des frais" in company_mail
    assert "anne" not in company_mail.lower()
    assert ("rien à corriger" in company_mail) is (decision == ReportDecision.NONE)


def test_mail_about_a_closed_offer_does_not_claim_that_it_is_online(moderator):
    report = make_report(reason="closed")
    report.offer.fill()
    decide(report.offer, ReportDecision.NONE, moderator, "Le poste est pourvu, et l’offre le dit.")
    send_outbox()
    (message,) = mail.outbox
    assert "reste en ligne" not in message.body
    assert "n’est plus en ligne" in message.body


def test_decision_on_an_offer_without_company_is_mailed_to_the_reporter_only(moderator):
    report = make_report(offer=make_offer(confidential=True))
    decide(report.offer, ReportDecision.NONE, moderator, "Rien.")
    send_outbox()
    assert [message.to for message in mail.outbox] == [[report.email]]
    assert not OutboxMessage.objects.due().exists()


def test_decision_without_a_statement_is_refused(client, moderator):
    report = make_report()
    client.force_login(moderator)
    for data in (
        {},
        {"decision": "none"},
        {"decision": "none", "statement": "  "},
        {"decision": "x", "statement": "y"},
    ):
        assert client.post(f"{DECIDE}?offre={report.offer_id}", data).status_code == 200
    assert Report.objects.waiting().count() == 1


@pytest.mark.parametrize("query", ["", "?offre=", "?offre=x", "?offre=99999999999999999999", "?offre=²"])
def test_decision_page_without_a_reported_offer_redirects_to_the_list(client, moderator, query):
    client.force_login(moderator)
    assert client.get(DECIDE + query).url == LIST


def test_selected_reports_are_decided_together(client, moderator):
    reports = [make_report() for _ in range(3)]
    client.force_login(moderator)
    selection = {"action": "decide_selected", "_selected_action": [report.pk for report in reports]}
    decide_url = client.post(LIST, selection).url
    client.post(decide_url, {"decision": "remove", "statement": "Escroquerie."})
    assert set(Offer.objects.values_list("status", flat=True)) == {OfferStatus.REMOVED}
    assert not Report.objects.waiting().exists()


def test_staff_without_permission_cannot_decide(client):
    report = make_report()
    client.force_login(make_group_member("Commercial"))
    assert client.get(f"{DECIDE}?offre={report.offer_id}").status_code == 403
    assert client.get(LIST).status_code == 403


def test_second_decision_is_refused(moderator):
    report = make_report()
    decide(report.offer, ReportDecision.NONE, moderator, "Rien.")
    with pytest.raises(AlreadyDecided):
        decide(report.offer, ReportDecision.REMOVE, moderator, "Si.")
    report.refresh_from_db()
    assert report.decision == "none"


@needs_postgresql
@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_decisions_is_refused():
    moderator = make_superuser()
    report = make_report()

    def decision_of(decision):
        offer = Offer.objects.get(pk=report.offer_id)

        def apply():
            decide(offer, decision, moderator, "Voilà.")
            return decision

        return apply

    outcomes = run_in_threads(
        decision_of(ReportDecision.NONE), decision_of(ReportDecision.REMOVE), refusal=AlreadyDecided
    )
    report.refresh_from_db()
    assert [outcome for outcome in outcomes if not isinstance(outcome, AlreadyDecided)] == [report.decision]
    assert OutboxMessage.objects.filter(kind="moderation.report_decision").count() == 1


def test_reports_past_retention_are_expired(settings):
    settings.REPORT_RETENTION_DAYS = 30
    old = timezone.now() - timedelta(days=31)
    decided = {"decision": "none", "statement": "Rien."}
    make_report(created_at=old, decided_at=timezone.now(), **decided)
    expired = [make_report(created_at=old, decided_at=old, **decided), make_report(created_at=old)]
    assert list(Report.objects.expired().order_by("pk")) == expired


def test_mail_to_the_company_is_retried_after_a_failure_of_the_mail_server(moderator, settings, caplog):
    company = make_company()
    make_member(company, make_user(email="employeur@example.org"))
    report = make_report(offer=make_offer(company=company))
    decide(report.offer, ReportDecision.REMOVE, moderator, "Des frais ne peuvent pas être demandés.")
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    send_outbox()
    assert "ConnectionRefusedError" in caplog.text
    assert "employeur" not in caplog.text
    settings.EMAIL_BACKEND = backend
    OutboxMessage.objects.exclude(kind="moderation.decision").delete()
    due_again()
    send_outbox()
    send_outbox()
    assert [message.to for message in mail.outbox] == [["employeur@example.org"]]


def test_report_is_mailed_after_a_failure_of_the_mail_server(client, report_data, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    assert client.post(report_url(make_offer()), report_data).status_code == 302
    run_queued_tasks()
    assert OutboxMessage.objects.filter(sent_at=None, attempts=1).count() == 2
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    due_again()
    send_outbox()
    assert len(mail.outbox) == 2
    assert Client().get("/").status_code == 200
