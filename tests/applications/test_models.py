"""Applications as rows: constraints, transitions, signed links, permissions and personal data."""

import json

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from jobboard.privacy import registry
from jobboard.privacy.registry import Person
from offers.applications.enums import ApplicationStatus
from offers.applications.models import Application, ApplicationNote, ApplicationRefused, CvAccess
from offers.models import Question
from tests.factories import make_application, make_company, make_offer, make_user
from tests.threads import run_in_threads


@pytest.mark.django_db
def test_email_address_applies_once_to_an_offer():
    first = make_application(email="anne@example.org")
    make_application(email="anne@example.org")
    with pytest.raises(IntegrityError):
        make_application(offer=first.offer, email="Anne@Example.org")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields", [{"position": Question.MAX_PER_OFFER + 1}, {"position": 0}, {"position": 1, "text": ""}]
)
def test_questions_of_an_offer_are_limited_and_have_a_text(fields):
    with pytest.raises(IntegrityError):
        Question.objects.create(**{"offer": make_offer(), "text": "Pourquoi\u00a0?", **fields})


@pytest.mark.django_db
def test_transitions_record_events_and_dates():
    application, user = make_application(), make_user()
    application.see(user)
    application.decline(user)
    application.discuss(user)
    application.refresh_from_db()
    assert application.status == ApplicationStatus.DISCUSSION
    events = list(application.events.all())
    assert [event.status for event in events] == ["seen", "declined", "discussion"]
    assert {event.by for event in events} == {user}
    assert application.seen_at == events[0].at
    assert application.answered_at == events[1].at
    assert application.last_contact_at == events[2].at
    assert application.decided_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"status": "hired", "decided_at": None}, {"decided_at": timezone.now()}])
def test_decided_applications_and_no_others_have_the_date_of_their_decision(fields):
    with pytest.raises(IntegrityError):
        make_application(**fields)


@pytest.mark.django_db
def test_transition_of_a_stale_object_is_refused():
    application, user = make_application(), make_user()
    stale = Application.objects.get(pk=application.pk)
    application.withdraw()
    with pytest.raises(ApplicationRefused):
        stale.hire(user)
    application.refresh_from_db()
    assert application.status == ApplicationStatus.WITHDRAWN
    assert application.events.count() == 1
    assert application.seen_at is None


@pytest.mark.django_db
def test_token_gives_its_application_and_a_forged_one_none():
    application = make_application()
    make_application()
    assert Application.objects.with_token(application.token) == application
    for token in ("", "x", application.public_id.hex, f"{application.public_id.hex}.x", application.token[:-1], "é.ö"):
        assert Application.objects.with_token(token) is None


@pytest.mark.django_db
def test_applications_are_readable_by_members_and_permitted_staff():
    company, other = make_company(), make_company()
    own, foreign = (
        make_application(offer=make_offer(company=company)),
        make_application(offer=make_offer(company=other)),
    )
    member, superuser = make_user(), make_user(is_staff=True, is_superuser=True)
    company.memberships.create(user=member)
    assert list(Application.objects.readable_by(member)) == [own]
    assert list(Application.objects.readable_by(make_user(is_staff=True))) == []
    assert set(Application.objects.readable_by(superuser)) == {own, foreign}


@pytest.mark.django_db
def test_personal_data_are_exported_and_erased():
    application, user = (
        make_application(email="anne@example.org", answers=[{"question": "Où", "answer": "Lyon"}]),
        make_user(),
    )
    application.see(user)
    ApplicationNote.objects.create(application=application, author=user, text="À rappeler.")
    CvAccess.objects.create(application=application, user=user)
    make_application(email="joanne@example.org")
    exported = json.loads(json.dumps(registry.export(Person(email="ANNE@example.org")), default=str))
    (row,) = exported["Candidatures"]
    assert row["notes du recruteur"] == ["À rappeler."]
    assert row["réponses"] == [{"question": "Où", "answer": "Lyon"}]
    assert len(row["ouvertures du CV"]) == 1
    # Erasing the recruiter keeps the application.
    assert registry.erase(Person(user=user))["applications.ApplicationNote"] == 1
    assert application.notes.get().author is None
    assert application.events.get().by is None
    assert registry.erase(Person(email="anne@example.org")) == {"applications.Application": 1}
    assert Application.objects.get().email == "joanne@example.org"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_concurrent_transitions_change_the_status_once():
    application = make_application()
    copies = iter([Application.objects.get(pk=application.pk) for _ in range(2)])
    # A withdrawn application has no further transition: the second thread must fail.
    results = run_in_threads(*[lambda: next(copies).withdraw()] * 2, refusal=ApplicationRefused)
    assert [type(result) for result in results].count(ApplicationRefused) == 1
    assert application.events.count() == 1
