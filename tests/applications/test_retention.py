"""Retention periods of applications by offer, status, consent and age; the purge, and the pages that show the date."""

import re
import threading
from datetime import datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from jobboard.privacy import purge, registry
from jobboard.privacy.registry import Person
from jobboard.text.dates import end_of_day, local_date
from offers.applications.enums import ApplicationStatus
from offers.applications.models import Application, ApplicationConsent
from offers.applications.models.retention import retained_until
from offers.enums import OfferStatus
from offers.models import Offer
from tests.factories import make_application, make_company, make_member, make_offer, make_user
from tests.offers.lifecycle import CLOSED, make_offer_in
from tests.threads import needs_postgresql

pytestmark = pytest.mark.django_db

NOW = timezone.now()
AGES = (1, 89, 90, 91, 729, 730, 731, 2_000)
UNDECIDED = {"received", "seen", "discussion"}
# Statuses of an offer that start the period of 90 days of its undecided applications.
ENDED = ("filled", "expired", "withdrawn", "removed", "published, past its last day")
# Offers that wait for their company: the period starts with their last edit.
SUSPENDED = ("draft", "returned")
OPEN = ("published", "submitted")
OFFER_STATES = [*ENDED, *SUSPENDED, *OPEN]


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def make_offer_ended(state: str, days: int) -> Offer:
    """Return an offer in `state` that was published long ago, and closed or last edited `days` ago."""
    status = state.partition(",")[0]
    dates = {"published_at": ago(days + 400), "expires_at": ago(-30)}
    if state in ENDED and status not in CLOSED:
        dates["expires_at"] = ago(days)
    if status in CLOSED:
        dates["closed_at"] = ago(days)
    offer = make_offer_in(status, **dates)
    Offer.objects.filter(pk=offer.pk).update(updated_at=ago(days))
    offer.refresh_from_db()
    return offer


def is_expected_due(state: str, status: str, consent: bool, age: int) -> bool:
    """Repeat the rule, for an application whose offer, decision and last contact are all `age` days old."""
    over = status not in UNDECIDED or state in (*ENDED, *SUSPENDED)
    return over and age > (730 if consent else 90)


def test_table_names_every_status():
    assert {state.partition(",")[0] for state in OFFER_STATES} == set(OfferStatus.values)
    assert {"declined", "hired", "withdrawn"} | UNDECIDED == set(ApplicationStatus.values)


@pytest.mark.parametrize("state", OFFER_STATES)
def test_applications_are_due_by_offer_status_consent_and_age(state):
    rows = {}
    for age in AGES:
        offer = make_offer_ended(state, age)
        for status in ApplicationStatus.values:
            for consent in (False, True):
                application = make_application(
                    offer=offer, status=status, keep_for_others=consent, created_at=ago(age), last_contact_at=ago(age)
                )
                rows[application.pk] = (status, consent, age)
    expected = {pk for pk, row in rows.items() if is_expected_due(state, *row)}
    due = set(Application.objects.due_for_deletion(NOW).values_list("pk", flat=True))
    assert {rows[pk] for pk in due ^ expected} == set()
    # The date on the pages says the same as the query.
    for application in Application.objects.select_related("offer"):
        last_day = retained_until(application, NOW)
        assert (last_day is not None and last_day < local_date(NOW)) == (application.pk in expected)
        if last_day:
            assert Application.objects.due_for_deletion(end_of_day(last_day)).filter(pk=application.pk).count() == 0
            next_day = end_of_day(last_day + timedelta(days=1))
            assert Application.objects.due_for_deletion(next_day).filter(pk=application.pk).count() == 1
    assert {application.retained_until is None for application in Application.objects.filter(status="seen")} == {
        state in OPEN
    }


@pytest.mark.parametrize(
    ("decided", "last_day"),
    [("2026-01-31T23:30", "2026-05-01"), ("2026-02-01T00:30", "2026-05-02"), ("2026-10-25T02:30", "2027-01-23")],
)
def test_period_ends_with_a_day_in_paris(decided, last_day):
    zone = timezone.get_default_timezone()
    decided_at = datetime.fromisoformat(decided).replace(tzinfo=zone)
    application = make_application(status="declined", last_contact_at=decided_at)
    assert f"{application.retained_until}" == last_day
    midnight = datetime.fromisoformat(f"{last_day}T00:00").replace(tzinfo=zone) + timedelta(days=1)
    assert not Application.objects.due_for_deletion(midnight - timedelta(seconds=1)).exists()
    assert Application.objects.due_for_deletion(midnight).exists()


def test_later_contact_restarts_the_period_of_an_undecided_application():
    """A recruiter who writes to a candidate after the offer was closed does not lose the application at once."""
    application = make_application(offer=make_offer_ended("filled", 200), status="discussion", last_contact_at=ago(10))
    assert application.retained_until == local_date(ago(10)) + timedelta(days=90)
    assert not Application.objects.due_for_deletion(NOW).exists()


def test_changed_decision_moves_the_date():
    user, day = make_user(), timedelta(days=1)
    application = make_application()
    application.decline(user, ago(80))
    assert application.retained_until == local_date(ago(80)) + 90 * day
    application.hire(user, ago(5))
    assert application.retained_until == local_date(ago(5)) + 90 * day
    application.discuss(user, ago(1))
    application.refresh_from_db()
    assert (application.decided_at, application.retained_until) == (None, None)
    # Each change is in the history of the application.
    assert [event.status for event in application.events.all()] == ["declined", "hired", "discussion"]


@pytest.mark.parametrize("verbs", [["publish"], ["reopen"], ["reopen", "submit"], ["reopen", "submit", "publish"]])
def test_reopened_offer_keeps_its_undecided_applications(verbs):
    offer = make_offer_ended("filled", 100)
    undecided = make_application(offer=offer, last_contact_at=ago(120))
    declined = make_application(offer=offer, status="declined", last_contact_at=ago(120))
    assert set(Application.objects.due_for_deletion(NOW)) == {undecided, declined}
    for verb in verbs:
        getattr(offer, verb)()
    assert list(Application.objects.due_for_deletion(NOW)) == [declined]
    assert purge.run(NOW).done == {"Candidatures": 1}
    assert list(Application.objects.all()) == [undecided]


def test_offer_is_not_deleted_with_its_applications():
    application = make_application()
    with pytest.raises(Exception, match="protected"), transaction.atomic():
        application.offer.delete()
    assert Application.objects.exists()


def test_purge_deletes_the_cv_and_the_records_of_consent(django_capture_on_commit_callbacks):
    application = make_application(status="declined", last_contact_at=ago(800), cv="")
    application.cv.save("", ContentFile(b"%PDF-1.7"))
    application.set_keep_for_others(True, ago(800))
    application.set_keep_for_others(False, ago(2))
    storage, name = application.cv.storage, application.cv.name
    with django_capture_on_commit_callbacks(execute=True):
        assert purge.run(NOW).done == {"Candidatures": 1}
    assert not storage.exists(name)
    assert not ApplicationConsent.objects.exists()


# Consent


def test_each_change_of_consent_is_recorded_once():
    application = make_application(status="declined", last_contact_at=ago(100))
    application.set_keep_for_others(False, ago(9))
    for at in (ago(8), ago(7)):
        application.set_keep_for_others(True, at)
    assert application.last_contact_at == ago(8)
    application.set_keep_for_others(False, ago(6))
    Application.objects.get(pk=application.pk).set_keep_for_others(True, ago(5))
    assert list(application.consents.values_list("given", "at")) == [(True, ago(8)), (False, ago(6)), (True, ago(5))]


def test_withdrawal_ends_the_consent():
    application = make_application(keep_for_others=True)
    application.withdraw()
    application.refresh_from_db()
    assert (application.keep_for_others, application.consents.get().given) == (False, False)
    application.set_keep_for_others(True)
    assert Application.objects.get().keep_for_others is False


def test_candidate_gives_and_ends_the_consent_on_the_status_page(client):
    application = make_application(status="declined", last_contact_at=ago(80))
    url = reverse("applications:keep", args=[application.token])
    page = client.get(application.get_absolute_url()).content.decode()
    assert "Gardée jusqu’au" in page
    assert 'name="keep_for_others"' in page
    assert "checked" not in page
    page = client.post(url, {"keep_for_others": "on"}, follow=True).content.decode()
    assert "Votre choix est enregistré" in page
    assert "checked" in page
    assert "Accord donné le" in page
    application.refresh_from_db()
    assert application.retained_until == timezone.localdate() + timedelta(days=730)
    assert "Sans votre accord, elle est gardée jusqu’au" in page
    page = client.post(url, {}, follow=True).content.decode()
    assert "checked" not in page
    assert "Accord retiré le" in page
    application.refresh_from_db()
    assert application.retained_until == local_date(ago(80)) + timedelta(days=90)
    assert client.get(url).status_code == 405
    application.delete()
    assert client.post(url, {"keep_for_others": "on"}, follow=True).status_code == 404


def test_status_page_warns_before_the_short_period_applies_at_once(client):
    application = make_application(status="declined", last_contact_at=ago(200), keep_for_others=True)
    page = client.get(application.get_absolute_url()).content.decode()
    assert "Sans votre accord, elle est effacée dès la nuit prochaine" in page
    page = client.post(reverse("applications:keep", args=[application.token]), {}, follow=True).content.decode()
    assert "elle est effacée la nuit prochaine" in page
    assert Application.objects.due_for_deletion().exists()


def test_withdrawn_application_has_no_choice_to_keep_it(client):
    application = make_application(status="withdrawn")
    assert "keep_for_others" not in client.get(application.get_absolute_url()).content.decode()
    # The choice was made in a tab that was open before the withdrawal.
    url = reverse("applications:keep", args=[application.token])
    page = client.post(url, {"keep_for_others": "on"}, follow=True).content.decode()
    assert "Votre choix n’est pas enregistré" in page
    assert "Votre choix est enregistré" not in page
    assert not ApplicationConsent.objects.exists()


@pytest.mark.parametrize("data", [{"keep_for_others": "on"}, {}])
def test_choice_that_is_sent_twice_is_confirmed_twice(client, data):
    application = make_application(keep_for_others=not data)
    url = reverse("applications:keep", args=[application.token])
    for _ in range(2):
        assert "Votre choix est enregistré" in client.post(url, data, follow=True).content.decode()
    assert application.consents.count() == 1


def test_recruiter_sees_the_date_and_the_consent(client):
    offer = make_offer()
    client.force_login(make_member(offer.company).user)
    application = make_application(offer=offer)
    url = reverse("applications:inbox_application", args=[application.pk])
    page = client.get(url).content.decode()
    assert "Gardée tant que l’offre est à pourvoir, puis 3\u00a0mois" in page
    assert "Pour cette offre seulement" in page
    application.decline(make_user(), datetime(2100, 1, 1, 12, tzinfo=timezone.get_default_timezone()))
    assert "Gardée jusqu’au 1er\u00a0avril 2100" in client.get(url).content.decode()
    application.set_keep_for_others(True, datetime(2100, 1, 2, 12, tzinfo=timezone.get_default_timezone()))
    page = client.get(url).content.decode()
    assert "Gardée jusqu’au 2\u00a0janvier 2102" in page
    assert "accepte que sa candidature soit gardée pour d’autres" in page
    exported = b"".join(client.get(reverse("applications:inbox_export")).streaming_content).decode()
    assert "Gardée jusqu’au" in exported
    assert "02/01/2102" in exported
    assert "2\u00a0ans" in client.get(reverse("applications:inbox")).content.decode()


def test_every_page_tells_the_same_rule_with_the_periods_of_the_settings(client, settings):
    """A later contact restarts the period of an undecided application, and the texts say so."""
    settings.APPLICATION_RETENTION_DAYS, settings.APPLICATION_CONSENT_RETENTION_DAYS = 45, 400
    decided = (
        "45\u00a0jours après la décision (sans décision\u00a0: après la fermeture de l’offre ou un contact plus tardif)"
    )
    application = make_application(keep_for_others=True)
    offer = application.offer
    client.force_login(make_member(offer.company).user)
    pages = [
        reverse("applications:apply", args=[offer.pk, offer.slug]),
        application.get_absolute_url(),
        reverse("applications:inbox"),
        reverse("applications:inbox_application", args=[application.pk]),
        reverse("privacy"),
    ]
    for page in pages:
        html = client.get(page).content.decode()
        for text in (
            f"ant que l’offre est à pourvoir, puis {decided}",
            "au moins 400\u00a0jours après le dernier contact",
        ):
            assert text in html, page
        for period in ("3\u00a0mois", "2\u00a0ans"):
            assert period not in html, page
    (source,) = [source for source in registry.sources() if source.model is Application]
    assert "45\u00a0jours" in source.retention
    assert "400\u00a0jours" in source.retention


def test_export_of_a_person_has_the_consent_and_the_date():
    application = make_application(email="anne@example.org", status="declined", last_contact_at=ago(3))
    application.set_keep_for_others(True, ago(2))
    (row,) = registry.export(Person(email="anne@example.org"))["Candidatures"]
    assert row["gardée pour d’autres offres"] is True
    assert [text.partition(" ")[0] for text in row["accords de conservation"]] == ["donné"]
    assert str(application.retained_until.year) in row["gardée jusqu’au"]


# The query


def explain(queryset) -> str:
    return queryset.explain() if connection.vendor == "sqlite" else queryset.explain(costs=False)


def test_each_batch_of_the_purge_is_one_query_on_indexes(django_assert_num_queries):
    make_application(status="declined", last_contact_at=ago(100))
    batch = Application.objects.due_for_deletion(NOW).order_by("pk").values_list("pk", flat=True)[: purge.BATCH]
    with django_assert_num_queries(1):
        assert len(batch) == 1
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # PostgreSQL reads small tables without an index.
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = explain(batch.all())
    for index in ("application_decided", "application_undecided", "application_kept"):
        assert index in plan, plan
    # Neither database reads the whole table; SQLite calls it U0 in a subquery.
    assert not re.search(r"Seq Scan on applications_application|SCAN (applications_application|U0)(?! USING)", plan), (
        plan
    )


@needs_postgresql
@pytest.mark.django_db(transaction=True)
def test_consent_given_during_the_purge_keeps_the_application(monkeypatch):
    """The candidate’s transaction holds the row when the purge wants to lock it."""
    application = make_application(status="declined", last_contact_at=ago(200))
    ticked, erasing = threading.Event(), threading.Event()

    def tick():
        try:
            with transaction.atomic():
                Application.objects.get(pk=application.pk).set_keep_for_others(True)
                ticked.set()
                erasing.wait(30)
                # The purge now waits for the row.
                threading.Event().wait(0.3)
        finally:
            connection.close()

    source = next(source for source in registry.sources() if source.model is Application)
    erase = type(source).erase
    thread = threading.Thread(target=tick)

    def erase_later(source, rows):
        thread.start()
        assert ticked.wait(30)
        erasing.set()
        return erase(source, rows)

    monkeypatch.setattr(type(source), "erase", erase_later)
    assert purge.run().failed == {}
    thread.join()
    assert Application.objects.get().keep_for_others is True
    assert ApplicationConsent.objects.count() == 1


@needs_postgresql
@pytest.mark.django_db(transaction=True)
def test_consent_after_the_purge_has_locked_the_row_finds_nothing(monkeypatch):
    application = make_application(status="declined", last_contact_at=ago(200))
    source = next(source for source in registry.sources() if source.model is Application)
    files, errors = type(source).files, []

    def tick():
        try:
            Application.objects.get(pk=application.pk).set_keep_for_others(True)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=tick)

    def lock_first(source, rows):
        names = list(files(source, rows))
        if not thread.ident:
            thread.start()
            threading.Event().wait(0.3)
        return iter(names)

    monkeypatch.setattr(type(source), "files", lock_first)
    assert purge.run().failed == {}
    thread.join()
    assert errors == []
    assert not Application.objects.exists()
    assert not ApplicationConsent.objects.exists()


def test_company_with_only_kept_applications_is_readable_by_its_members_only():
    """Consent is for other offers of the same company: it opens the application to no one else."""
    application = make_application(offer=make_offer(company=make_company()), keep_for_others=True)
    assert not Application.objects.readable_by(make_member().user).exists()
    assert Application.objects.readable_by(make_member(application.offer.company).user).exists()
