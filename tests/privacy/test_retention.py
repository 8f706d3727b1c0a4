"""The retention period of every source of personal data, tested one second before and after its end."""

from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.utils import timezone
from django_q.models import Task

from jobboard.accounts.models import User
from jobboard.mail.models import OutboxMessage
from jobboard.privacy import purge, registry
from jobboard.resubmission.models import SavedForm
from offers.alerts.models import AlertDelivery
from offers.applications.models import PendingUpload
from offers.companies.models import Invitation, JoinRequest
from tests.factories import (
    make_alert,
    make_company,
    make_lead,
    make_offer,
    make_report,
    make_user,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def make_unconfirmed(at, **fields):
    return make_user(confirmed=False, date_joined=at, **{"signed_up": True, **fields})


def make_session(end):
    user = make_user()
    Session.objects.create(session_key=f"{user.pk}", session_data="", expire_date=end)
    return UserSession.objects.create(user=user, session_key=f"{user.pk}", ip="192.0.2.1", user_agent="", data={})


def make_delivery(**fields):
    fields.setdefault("published_at", NOW - timedelta(days=500))
    return AlertDelivery.objects.create(alert=make_alert(), offer=make_offer(**fields), mailed_at=NOW)


def make_invitation(end, **fields):
    return Invitation.objects.create(company=make_company(), email="a@example.org", expires_at=end, **fields)


def make_join_request(**fields):
    return JoinRequest.objects.create(company=make_company(), user=make_user(), **fields)


def make_decided_report(at, **fields):
    return make_report(decision="none", statement="Rien.", decided_at=at, **fields)


def make_message(at, **fields):
    return OutboxMessage.objects.create(kind="essai", key=str(uuid4()), created_at=at, **fields)


def days(count: int) -> timedelta:
    return timedelta(days=count)


LONG_AGO = NOW - days(3_000)
# The retention period of each source, and a function that creates a row whose period starts at `at`.
SOURCES = {
    "accounts.User": (days(7), make_unconfirmed),
    "usersessions.UserSession": (days(0), make_session),
    "mail.OutboxMessage: with an address": (days(1), lambda at: make_message(at, recipient="a@example.org")),
    "mail.OutboxMessage": (days(30), lambda at: make_message(at, due_at=None)),
    "contact.Lead: never contacted": (days(1095), lambda at: make_lead(created_at=at)),
    "contact.Lead": (days(1095), lambda at: make_lead(created_at=LONG_AGO, last_contact_at=at)),
    "contact.Lead: not of a recruiter": (
        days(365),
        lambda at: make_lead(subject="candidature", company="", created_at=LONG_AGO, last_contact_at=at),
    ),
    "companies.Invitation": (days(30), make_invitation),
    "companies.Invitation: accepted": (days(30), lambda at: make_invitation(at, accepted_at=LONG_AGO)),
    "companies.JoinRequest: accepted": (days(365), lambda at: make_join_request(status="accepted", decided_at=at)),
    "companies.JoinRequest": (days(365), lambda at: make_join_request(status="declined", decided_at=at)),
    "alerts.Alert: never confirmed": (days(7), lambda at: make_alert(created_at=at, confirmed_at=None, due_at=None)),
    "alerts.Alert": (days(7), lambda at: make_alert(created_at=LONG_AGO, unsubscribed_at=at, due_at=None)),
    "alerts.AlertDelivery": (days(30), lambda at: make_delivery(status="filled", closed_at=at)),
    "alerts.AlertDelivery: over": (days(30), lambda at: make_delivery(expires_at=at)),
    "applications.PendingUpload": (
        timedelta(hours=2),
        lambda at: PendingUpload.objects.create(file="cv/00/x.pdf", name="CV.pdf", created_at=at),
    ),
    "resubmission.SavedForm": (
        timedelta(0),
        lambda at: SavedForm.objects.create(key=uuid4().hex, payload=b"", expires_at=at),
    ),
    "moderation.Report: undecided": (days(365), lambda at: make_report(created_at=at)),
    "moderation.Report": (days(365), lambda at: make_decided_report(at, created_at=LONG_AGO)),
}
# Sources whose period depends on more than one date, with a test of their own: tests/applications/test_retention.py.
TESTED_ELSEWHERE = {"applications.Application"}
# Rows without a period of their own: they are deleted with their account, company or offer.
UNLIMITED = {
    *("account.EmailAddress", "mfa.Authenticator", "admin.LogEntry", "companies.Membership", "companies.CompanyEvent"),
    *("applications.ApplicationEvent", "applications.ApplicationNote", "applications.CvAccess"),
    *("companies.CompanyRevision", "offers.OfferEvent", "offers.Revision", "privacy.PersonalDataRequest"),
}
# Rows that never expire.
NEVER_EXPIRED = {
    "accounts.User": [
        lambda: make_unconfirmed(LONG_AGO, last_login=LONG_AGO),
        lambda: make_unconfirmed(LONG_AGO, is_staff=True),
        lambda: make_unconfirmed(LONG_AGO, is_superuser=True),
        lambda: make_unconfirmed(LONG_AGO, signed_up=False),
        lambda: EmailAddress.objects.create(user=make_unconfirmed(LONG_AGO), email="x@example.org", verified=True),
    ],
    "companies.JoinRequest": [lambda: make_join_request()],
    "mail.OutboxMessage": [lambda: make_message(LONG_AGO)],
    "alerts.Alert": [lambda: make_alert(created_at=LONG_AGO, confirmed_at=LONG_AGO)],
    "alerts.AlertDelivery": [lambda: make_delivery(), lambda: make_delivery(status="draft", expires_at=LONG_AGO)],
}


def source_of(name):
    label = name.partition(":")[0]
    return next(source for source in registry.sources() if source.model._meta.label == label)


def test_every_source_has_a_retention_period_or_none():
    limited = {name.partition(":")[0] for name in SOURCES}
    assert {source.model._meta.label for source in registry.sources()} == (limited | UNLIMITED | TESTED_ELSEWHERE)
    for label in UNLIMITED:
        assert type(source_of(label)).past_retention is registry.PersonalDataSource.past_retention


def test_retention_periods_in_the_settings():
    periods = {name: getattr(site, name) for name in dir(site) if name.endswith("_RETENTION_DAYS")}
    assert periods == {
        "LEAD_RETENTION_DAYS": 1095,
        "CONTACT_RETENTION_DAYS": 365,
        "APPLICATION_RETENTION_DAYS": 90,
        "APPLICATION_CONSENT_RETENTION_DAYS": 730,
        "AUDIENCE_RETENTION_DAYS": 730,
        "REPORT_RETENTION_DAYS": 365,
        "OUTBOX_RETENTION_DAYS": 30,
        "TASK_RETENTION_DAYS": 30,
    }
    assert (site.UNCONFIRMED_ACCOUNT_DAYS, site.ALERT_UNCONFIRMED_DAYS, site.OFFER_GONE_AFTER_DAYS) == (7, 7, 30)


@pytest.mark.parametrize("name", SOURCES)
def test_row_expires_at_the_end_of_its_period(name):
    period, make = SOURCES[name]
    source = source_of(name)
    # Both databases store microseconds; one second is enough for each side.
    old, young = make(NOW - period - timedelta(seconds=1)), make(NOW - period + timedelta(seconds=1))
    assert old.pk != young.pk
    due = source.past_retention(NOW)
    assert [row.pk for row in due.filter(pk__in=[old.pk, young.pk])] == [old.pk]
    assert not source.past_retention(NOW - timedelta(seconds=2)).filter(pk=old.pk).exists()
    assert source.past_retention(NOW + timedelta(seconds=2)).filter(pk__in=[old.pk, young.pk]).count() == 2


@pytest.mark.parametrize("name", NEVER_EXPIRED)
def test_rows_that_never_expire(name):
    source = source_of(name)
    for make in NEVER_EXPIRED[name]:
        make()
    assert list(source.past_retention(NOW)) == []


def test_run_erases_the_expired_rows_of_every_source(django_capture_on_commit_callbacks):
    rows = {
        name: [make(timezone.now() - period + timedelta(minutes=side)) for side in (-5, 5)]
        for name, (period, make) in SOURCES.items()
    }
    with django_capture_on_commit_callbacks(execute=True):
        assert purge.run(timezone.now()).failed == {}
    for name, (old, young) in rows.items():
        model = source_of(name).model
        assert not model.objects.filter(pk=old.pk).exists(), name
        assert model.objects.filter(pk=young.pk).exists(), name


@pytest.mark.parametrize(("side", "remaining"), [(-1, 0), (1, 1)])
def test_tasks_and_orphaned_files_expire(side, remaining, monkeypatch):
    stopped = NOW - days(30) + timedelta(seconds=side)
    Task.objects.create(id="x", name="essai", func="x.y", started=stopped, stopped=stopped, success=True)
    storage = PendingUpload._meta.get_field("file").storage
    name = storage.save("cv/00/orphan.pdf", ContentFile(b"%PDF"))
    written = NOW - days(1) + timedelta(seconds=side)
    monkeypatch.setattr(type(storage), "get_modified_time", lambda self, name: written)
    purge.run(NOW)
    assert (Task.objects.count(), storage.exists(name)) == (remaining, bool(remaining))


def test_purge_of_an_unconfirmed_account_deletes_its_email_addresses():
    user = make_unconfirmed(timezone.now() - days(8))
    EmailAddress.objects.create(user=user, email=user.email, verified=False)
    purge.run()
    assert not User.objects.exists()
    assert not EmailAddress.objects.exists()
