"""Permissions to read and to answer applications, and the mail about a repeated application."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.models import OutboxMessage
from offers.applications import intake
from offers.applications.models import Application
from tests.factories import make_application, make_company, make_member, make_offer, make_user

pytestmark = pytest.mark.django_db
# Whether each actor may read the applications of a company, and whether it may answer them.
ACTORS = {
    "an owner": (True, True),
    "a recruiter": (True, True),
    "an owner of another company": (False, False),
    "a user": (False, False),
    "staff": (False, False),
    "view_application": (True, False),
    "change_application": (False, True),
    "delete_application": (False, False),
    "a superuser": (True, True),
}


def make_actor(name, company):
    if name.startswith("an owner of"):
        return make_member().user
    if name.startswith(("an owner", "a recruiter")):
        make_member(company)
        return make_member(company, role=name.split()[1]).user
    user = make_user(is_staff=name not in {"a user"}, is_superuser=name == "a superuser")
    user.user_permissions.add(*Permission.objects.filter(codename=name))
    return user


@pytest.mark.parametrize("name", ACTORS)
def test_permissions_of_each_actor(client, name):
    company = make_company()
    application = make_application(offer=make_offer(company=company))
    user = make_actor(name, company)
    reads, answers = ACTORS[name]
    assert Application.objects.readable_by(user).exists() == reads
    assert Application.objects.manageable_by(user).exists() == answers
    client.force_login(user)
    pk = application.pk
    assert client.get(reverse("applications:inbox_application", args=[pk])).status_code == (200 if reads else 404)
    assert client.get(reverse("applications:inbox_offer", args=[application.offer_id])).status_code == (
        200 if reads else 404
    )
    assert (application.name in client.get(reverse("applications:inbox")).content.decode()) == reads
    exported = b"".join(client.get(reverse("applications:inbox_export")).streaming_content)
    assert (application.email.encode() in exported) == reads
    assert client.post(reverse("applications:inbox_cv", args=[pk])).status_code == (302 if reads else 404)
    note = client.post(reverse("applications:inbox_note", args=[pk]), {"text": "À rappeler."})
    assert note.status_code == (302 if answers else 404)
    assert application.notes.exists() == answers
    change = client.post(reverse("applications:inbox_change", args=[pk]), {"etat": "seen"})
    assert change.status_code == (302 if answers else 404)
    application.refresh_from_db()
    assert application.status == ("seen" if answers else "received")
    client.post(reverse("applications:inbox_decline"), {"c": pk, "text": "Bonjour."})
    application.refresh_from_db()
    assert application.status == ("declined" if answers else "received")


REPEATED = [
    # Age of the first application, changed values, whether a mail about the repetition is sent.
    (timedelta(minutes=9, seconds=50), {}, False),
    (timedelta(minutes=10, seconds=10), {}, True),
    (timedelta(minutes=1), {"message": "Autre chose."}, True),
    (timedelta(minutes=1), {"name": "Autre nom"}, True),
    (timedelta(minutes=1), {"answers": [{"question": "Où", "answer": "Lyon"}]}, True),
    (timedelta(minutes=1), {"email": "CANDIDATE@example.org"}, False),
    (timedelta(minutes=1), {"phone": "+33612345678"}, False),
]


@pytest.mark.parametrize(("age", "changes", "mailed"), REPEATED)
def test_repeated_application_is_mailed_if_it_differs_or_is_late(age, changes, mailed):
    earlier = make_application(email="candidate@example.org", created_at=timezone.now() - age)
    values = {"name": earlier.name, "email": earlier.email, "message": earlier.message, **changes}
    intake.receive_application(Application(offer=earlier.offer, **values), "192.0.2.1", file=None, upload=None)
    assert Application.objects.count() == 1
    assert OutboxMessage.objects.filter(kind="applications.again").exists() == mailed


def test_repeated_application_after_a_withdrawal_is_mailed():
    earlier = make_application()
    earlier.withdraw()
    repeated = Application(offer=earlier.offer, name=earlier.name, email=earlier.email, message=earlier.message)
    intake.receive_application(repeated, "192.0.2.1")
    assert OutboxMessage.objects.filter(kind="applications.again").exists()
