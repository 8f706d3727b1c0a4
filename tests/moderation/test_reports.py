"""Somebody reports an offer; a moderator decides; both sides hear why, and the company never by whom."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import close_old_connections, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from jobboard.form_token import make_form_token
from jobboard.mail.models import OutboxMessage
from jobboard.mail.tasks import send_outbox
from offers.enums import OfferStatus
from offers.models import Offer
from offers.moderation.enums import ReportDecision
from offers.moderation.models import Report
from offers.moderation.reporting.decide import AlreadyDecided, decide
from tests.factories import make_company, make_member, make_offer, make_report, make_user
from tests.mail.outbox import due_again

pytestmark = pytest.mark.django_db
LIST = reverse("admin:moderation_report_changelist")
DECIDE = reverse("admin:moderation_report_decide")


@pytest.fixture
def filled(settings):
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


@pytest.fixture
def moderator():
    user = make_user(email="moderatrice@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name="Modération"))
    return user


def address(offer):
    return reverse("moderation:report", args=[offer.pk, offer.slug])


def send_mails():
    for queued in OrmQ.objects.all():
        import_string(queued.func())(*queued.task["args"])


def test_a_report_is_stored_and_acknowledged(client, filled):
    offer = make_offer(title="Testeuse")
    assert address(offer) in client.get(offer.get_absolute_url()).content.decode()
    response = client.post(address(offer), filled)
    assert response.url == reverse("moderation:reported", args=[offer.pk, offer.slug])
    assert "noté" in client.get(response.url).content.decode()
    report = Report.objects.get()
    assert (report.offer, report.reason, report.email) == (offer, "money", "anne@example.org")
    assert mail.outbox == []
    assert "anne" not in str([queued.task for queued in OrmQ.objects.all()]).lower()
    send_mails()
    to_reporter, to_team = sorted(mail.outbox, key=lambda message: message.to != ["anne@example.org"])
    assert "frais de dossier" not in to_reporter.body
    assert "Testeuse" in to_reporter.body
    assert "anne" not in (to_team.subject + to_team.body).lower()
    assert reverse("admin:moderation_report_change", args=[report.pk]) in to_team.body
    send_mails()
    send_outbox()
    assert len(mail.outbox) == 2


def test_nobody_has_to_say_who_they_are(client, filled):
    client.post(address(make_offer()), {**filled, "name": "", "email": ""})
    assert Report.objects.get().email == ""
    assert list(OutboxMessage.objects.values_list("kind", flat=True)) == ["moderation.report_arrival"]


@pytest.mark.parametrize(
    ("wrong", "told"),
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
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(client, filled, wrong, told):
    sent = {**filled, **wrong}
    html = client.post(address(make_offer()), sent).content.decode()
    assert 'role="alert"' in html
    assert told in html
    for name in ("name", "email"):
        assert f'value="{sent[name]}"' in html
    assert sent["explanation"].strip()[:100] in html
    assert not Report.objects.exists()


def test_a_double_click_is_one_report_and_a_trap_none(client, filled):
    offer = make_offer()
    client.post(address(offer), {**filled, "detail": "x"})
    assert not Report.objects.exists()
    for _ in range(2):
        assert client.post(address(offer), filled).status_code == 302
    assert Report.objects.count() == 1
    # The same words about another offer are another report.
    client.post(address(make_offer()), filled)
    assert Report.objects.count() == 2


def test_the_limit_of_a_connection(client, filled, settings):
    settings.CONTACT_LIMIT_PER_HOUR = 1
    client.post(address(make_offer()), filled)
    response = client.post(address(make_offer()), filled)
    assert response.status_code == 429
    assert "Retry-After" in response.headers
    assert "frais de dossier" in response.content.decode()
    assert Report.objects.count() == 1


def test_what_the_public_has_not_seen_cannot_be_reported(client, filled):
    draft = make_offer(status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    assert client.get(address(draft)).status_code == client.post(address(draft), filled).status_code == 404
    assert client.get("/offres/99999999999999999999-x/signaler/").status_code == 404


def test_the_queue_is_oldest_first_and_counts_by_offer(client, moderator, django_assert_max_num_queries):
    company = make_company()
    reported = make_offer(company=company, title="Souvent signalée")
    reports = [make_report(offer=reported if number % 2 else make_offer(company=company)) for number in range(20)]
    client.force_login(moderator)
    with django_assert_max_num_queries(16):
        page = client.get(LIST).content.decode()
    assert page.index(f"/{reports[0].pk}/change/") < page.index(f"/{reports[19].pk}/change/")
    assert '<td class="field-waiting_on_offer">10</td>' in page
    assert "20 signalements attendent une décision" in client.get(reverse("admin:index")).content.decode().replace(
        "<b>20</b> <span>", "20 "
    )


@pytest.mark.parametrize(
    ("decision", "status", "said"),
    [
        (ReportDecision.NONE, OfferStatus.PUBLISHED, "elle reste en ligne"),
        (ReportDecision.CORRECT, OfferStatus.RETURNED, "doit la corriger"),
        (ReportDecision.REMOVE, OfferStatus.REMOVED, "supprimée du site"),
    ],
)
def test_a_decision_reaches_both_sides(client, moderator, decision, status, said):
    company = make_company()
    make_member(company, make_user(email="employeur@example.org"))
    offer = make_offer(company=company)
    for name in ("anne", "paul"):
        make_report(offer=offer, email=f"{name}@example.org")
    make_report(offer=offer, email="")
    client.force_login(moderator)
    page = client.get(f"{DECIDE}?offre={offer.pk}").content.decode()
    assert page.count("Bonjour, cette offre") == 3
    sent = {"decision": decision, "statement": "Des frais ne peuvent pas être demandés."}
    response = client.post(f"{DECIDE}?offre={offer.pk}", sent, follow=True)
    assert "3 signalements" in response.content.decode()
    offer.refresh_from_db()
    assert offer.status == status
    assert {(report.decision, report.decided_by) for report in Report.objects.all()} == {(decision, moderator)}
    for queued in OrmQ.objects.all():
        import_string(queued.func())(*queued.task["args"])
    by_address = {message.to[0]: message.body for message in mail.outbox}
    assert said in by_address["anne@example.org"]
    assert "Des frais" in by_address["paul@example.org"]
    assert [message.to for message in mail.outbox].count(["employeur@example.org"]) == 1
    told = by_address["employeur@example.org"]
    assert "Des frais" in told
    assert "anne" not in told.lower()
    assert ("rien à corriger" in told) is (decision == ReportDecision.NONE)


def test_of_an_offer_that_has_closed_meanwhile_nobody_is_told_that_it_is_online(moderator):
    report = make_report(reason="closed")
    report.offer.fill()
    decide(report.offer, ReportDecision.NONE, moderator, "Le poste est pourvu, et l’offre le dit.")
    send_outbox()
    (message,) = mail.outbox
    assert "reste en ligne" not in message.body
    assert "n’est plus en ligne" in message.body


def test_where_an_offer_has_no_company_only_who_reported_is_written_to(moderator):
    report = make_report(offer=make_offer(confidential=True))
    decide(report.offer, ReportDecision.NONE, moderator, "Rien.")
    send_outbox()
    assert [message.to for message in mail.outbox] == [[report.email]]
    assert not OutboxMessage.objects.due().exists()


def test_a_decision_needs_its_reasons(client, moderator):
    report = make_report()
    client.force_login(moderator)
    for sent in (
        {},
        {"decision": "none"},
        {"decision": "none", "statement": "  "},
        {"decision": "x", "statement": "y"},
    ):
        assert client.post(f"{DECIDE}?offre={report.offer_id}", sent).status_code == 200
    assert Report.objects.waiting().count() == 1


@pytest.mark.parametrize("asked", ["", "?offre=", "?offre=x", "?offre=99999999999999999999", "?offre=²"])
def test_a_decision_on_nothing(client, moderator, asked):
    client.force_login(moderator)
    assert client.get(DECIDE + asked).url == LIST


def test_several_offers_are_decided_at_once(client, moderator):
    reports = [make_report() for _ in range(3)]
    client.force_login(moderator)
    chosen = {"action": "decide_selected", "_selected_action": [report.pk for report in reports]}
    there = client.post(LIST, chosen).url
    client.post(there, {"decision": "remove", "statement": "Escroquerie."})
    assert set(Offer.objects.values_list("status", flat=True)) == {OfferStatus.REMOVED}
    assert not Report.objects.waiting().exists()


def test_only_who_moderates_decides(client):
    report = make_report()
    curator = make_user(is_staff=True)
    curator.groups.add(Group.objects.get(name="Commercial"))
    client.force_login(curator)
    assert client.get(f"{DECIDE}?offre={report.offer_id}").status_code == 403
    assert client.get(LIST).status_code == 403


def test_of_two_decisions_the_second_is_told(moderator):
    report = make_report()
    decide(report.offer, ReportDecision.NONE, moderator, "Rien.")
    with pytest.raises(AlreadyDecided):
        decide(report.offer, ReportDecision.REMOVE, moderator, "Si.")
    report.refresh_from_db()
    assert report.decision == "none"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_is_taken():
    moderator = make_user(is_staff=True, is_superuser=True)
    report = make_report()
    start, results = threading.Barrier(2), []

    def act(decision):
        offer = Offer.objects.get(pk=report.offer_id)
        start.wait()
        try:
            decide(offer, decision, moderator, "Voilà.")
            results.append(decision)
        except AlreadyDecided:
            results.append("told")
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=act, args=[each]) for each in (ReportDecision.NONE, ReportDecision.REMOVE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.refresh_from_db()
    assert sorted(results) == sorted(["told", report.decision])
    assert OutboxMessage.objects.filter(kind="moderation.report_decision").count() == 1


def test_old_reports_are_due(settings):
    settings.REPORT_RETENTION_DAYS = 30
    old = timezone.now() - timedelta(days=31)
    decided = {"decision": "none", "statement": "Rien."}
    make_report(created_at=old, decided_at=timezone.now(), **decided)
    due = [make_report(created_at=old, decided_at=old, **decided), make_report(created_at=old)]
    assert list(Report.objects.expired().order_by("pk")) == due


def test_the_company_hears_of_a_decision_once_the_mail_server_is_back(moderator, settings, caplog):
    company = make_company()
    make_member(company, make_user(email="employeur@example.org"))
    report = make_report(offer=make_offer(company=company))
    decide(report.offer, ReportDecision.REMOVE, moderator, "Des frais ne peuvent pas être demandés.")
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    send_outbox()
    assert "ConnectionRefusedError" in caplog.text
    assert "employeur" not in caplog.text
    settings.EMAIL_BACKEND = working
    OutboxMessage.objects.exclude(kind="moderation.decision").delete()
    due_again()
    send_outbox()
    send_outbox()
    assert [message.to for message in mail.outbox] == [["employeur@example.org"]]


def test_a_dead_mail_server_loses_nothing(client, filled, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    assert client.post(address(make_offer()), filled).status_code == 302
    send_mails()
    assert OutboxMessage.objects.filter(sent_at=None, attempts=1).count() == 2
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    due_again()
    send_outbox()
    assert len(mail.outbox) == 2
    assert Client().get("/").status_code == 200
