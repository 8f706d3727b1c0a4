"""Applications as rows: one per person and offer, statuses by verbs, links that only the candidate has."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from jobboard.privacy import registry
from jobboard.privacy.registry import Person
from offers.applications.enums import ApplicationStatus
from offers.applications.models import Application, ApplicationNote, ApplicationRefused, CvAccess
from offers.models import Question
from tests.factories import make_application, make_company, make_offer, make_user


@pytest.mark.django_db
def test_one_application_per_person_and_offer():
    first = make_application(email="anne@example.org")
    make_application(email="anne@example.org")
    with pytest.raises(IntegrityError):
        make_application(offer=first.offer, email="Anne@Example.org")


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"position": 6}, {"position": 0}, {"position": 1, "text": ""}])
def test_an_offer_asks_at_most_five_questions(fields):
    with pytest.raises(IntegrityError):
        Question.objects.create(**{"offer": make_offer(), "text": "Pourquoi\u00a0?", **fields})


@pytest.mark.django_db
def test_each_status_leaves_its_stamp_and_its_step():
    application, user = make_application(), make_user()
    application.see(user)
    application.decline(user)
    application.discuss(user)
    application.refresh_from_db()
    assert application.status == ApplicationStatus.DISCUSSION
    steps = list(application.events.all())
    assert [step.status for step in steps] == ["seen", "declined", "discussion"]
    assert {step.by for step in steps} == {user}
    assert application.seen_at == steps[0].at
    assert application.answered_at == steps[1].at
    assert application.last_contact_at == steps[2].at


@pytest.mark.django_db
def test_who_acts_on_what_has_changed_meanwhile_is_told():
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
def test_a_link_opens_one_application_and_a_forged_one_none():
    application = make_application()
    make_application()
    assert Application.objects.with_token(application.token) == application
    for token in ("", "x", application.public_id.hex, f"{application.public_id.hex}.x", application.token[:-1], "é.ö"):
        assert Application.objects.with_token(token) is None


@pytest.mark.django_db
def test_only_members_and_staff_with_the_right_read_them():
    company, other = make_company(), make_company()
    mine, theirs = (
        make_application(offer=make_offer(company=company)),
        make_application(offer=make_offer(company=other)),
    )
    member, boss = make_user(), make_user(is_staff=True, is_superuser=True)
    company.memberships.create(user=member)
    assert list(Application.objects.readable_by(member)) == [mine]
    assert list(Application.objects.readable_by(make_user(is_staff=True))) == []
    assert set(Application.objects.readable_by(boss)) == {mine, theirs}


@pytest.mark.django_db
def test_what_may_no_longer_be_kept():
    now = timezone.now()
    make_application(last_contact_at=now - timedelta(days=729))
    old = make_application(last_contact_at=now - timedelta(days=731))
    assert list(Application.objects.expired(now)) == [old]


@pytest.mark.django_db
def test_what_is_handed_over_and_erased():
    application, user = (
        make_application(email="anne@example.org", answers=[{"question": "Où", "answer": "Lyon"}]),
        make_user(),
    )
    application.see(user)
    ApplicationNote.objects.create(application=application, author=user, text="À rappeler.")
    CvAccess.objects.create(application=application, user=user)
    make_application(email="joanne@example.org")
    found = json.loads(json.dumps(registry.export(Person(email="ANNE@example.org")), default=str))
    (row,) = found["Candidatures"]
    assert row["notes du recruteur"] == ["À rappeler."]
    assert row["réponses"] == [{"question": "Où", "answer": "Lyon"}]
    assert len(row["ouvertures du CV"]) == 1
    # The recruiter goes, the application stays.
    assert registry.erase(Person(user=user))["applications.ApplicationNote"] == 1
    assert application.notes.get().author is None
    assert application.events.get().by is None
    assert registry.erase(Person(email="anne@example.org")) == {"applications.Application": 1}
    assert Application.objects.get().email == "joanne@example.org"


def _together(act, number):
    """Run `act` in so many threads, each with a connection of its own; what they raised."""
    start, raised = threading.Barrier(number), []

    def run():
        start.wait()
        try:
            act()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_of_two_decisions_at_once_one_counts():
    application = make_application()
    copies = iter([Application.objects.get(pk=application.pk) for _ in range(2)])
    # Neither may follow the other: the first one to come is the only one.
    raised = _together(lambda: next(copies).withdraw(), 2)
    assert [type(error) for error in raised] == [ApplicationRefused]
    assert application.events.count() == 1
