"""Every verb of an application in every status, its dates, and the checks of its CV: tables written out here."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from jobboard.mail.models import OutboxMessage
from offers.applications import intake
from offers.applications.enums import ApplicationStatus, CvState
from offers.applications.models import Application, ApplicationRefused
from offers.applications.models.application import APPLICATION_TRANSITIONS
from tests.applications.pdfs import make_pdf
from tests.factories import make_application, make_member, make_offer, make_user

pytestmark = pytest.mark.django_db

# The statuses that each verb leads from, and the one that it leads to. A hired person is not declined.
VERBS = {
    "see": ("received", "seen"),
    "discuss": ("received seen declined hired", "discussion"),
    "decline": ("received seen discussion", "declined"),
    "hire": ("received seen discussion declined", "hired"),
    "withdraw": ("received seen discussion declined hired", "withdrawn"),
}
# The verbs after which the candidate has been answered, and those by which the company has looked at it.
ANSWERS = {"discuss", "decline", "hire"}
SEEN = {"see", *ANSWERS}
PRESSED = {"see": "seen", "discuss": "discussion", "hire": "hired"}


def do(application, verb, by):
    return application.withdraw() if verb == "withdraw" else getattr(application, verb)(by)


def test_every_verb_in_every_status():
    user, offer, wrong = make_user(), make_offer(), []
    assert {target for _, target in VERBS.values()} == set(ApplicationStatus.values) - {"received"}
    for status in ApplicationStatus.values:
        possible = {target for sources, target in VERBS.values() if status in sources.split()}
        assert set(APPLICATION_TRANSITIONS[status]) == possible, status
        pk = make_application(offer=offer, status=status).pk
        assert Application.objects.get(pk=pk).allowed_statuses() == possible - {"withdrawn"}, status
        for verb, (_, target) in VERBS.items():
            with transaction.atomic():
                application = Application.objects.get(pk=pk)
                with suppress(ApplicationRefused):
                    do(application, verb, user)
                stored = Application.objects.get(pk=pk)
                by = None if verb == "withdraw" else user.pk
                expected = [(target, by)] if target in possible else []
                events = list(stored.events.values_list("status", "by"))
                dates = (bool(stored.seen_at), bool(stored.answered_at))
                done = target in possible
                if (
                    (stored.status, application.status) != ((target,) * 2 if done else (status,) * 2)
                    or events != expected
                    or dates != (done and verb in SEEN, done and verb in ANSWERS)
                ):
                    wrong.append(f"{verb} from {status}: {stored.status}, {events}, {dates}")
                transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)


def test_first_dates_stay_and_the_last_contact_moves():
    application, user, start = make_application(), make_user(), timezone.now()
    at = [start + timedelta(days=day) for day in range(6)]
    for day, verb in enumerate(["see", "decline", "discuss", "hire", "discuss"], 1):
        getattr(application, verb)(user, at[day])
        application.refresh_from_db()
        assert application.last_contact_at == at[day]
        assert application.seen_at == at[1]
        assert application.answered_at == (at[2] if day > 1 else None)


def test_every_status_through_the_pages_of_the_recruiter(client):
    offer = make_offer()
    client.force_login(make_member(offer.company).user)
    for status in ApplicationStatus.values:
        for verb, pressed in [*PRESSED.items(), ("decline", None)]:
            application = make_application(offer=offer, status=status)
            if pressed:
                client.post(reverse("applications:inbox_change", args=[application.pk]), {"etat": pressed})
            else:
                client.post(reverse("applications:inbox_decline"), {"c": application.pk, "text": "Bonjour."})
            sources, target = VERBS[verb]
            application.refresh_from_db()
            assert application.status == (target if status in sources.split() else status), (verb, status)
            assert OutboxMessage.objects.about("applications", application=application.pk).exists() == (
                verb == "decline" and status in sources.split()
            ), (verb, status)


def test_every_status_through_the_page_of_the_candidate(client):
    for status in ApplicationStatus.values:
        application = make_application(status=status)
        client.post(reverse("applications:withdraw", args=[application.token]))
        application.refresh_from_db()
        assert application.status == "withdrawn"
        assert application.events.count() == (status != "withdrawn")


# The CV


@pytest.mark.parametrize("cv_state", CvState.values)
@pytest.mark.parametrize("status", ["received", "hired", "withdrawn"])
def test_a_cv_is_replaced_only_after_a_refusal_and_checked_from_the_start(
    cv_state, status, django_capture_on_commit_callbacks
):
    cv = "" if cv_state == "refused" else "cv/00/before.pdf"
    values = {"cv": cv, "cv_name": "Avant.pdf", "cv_state": cv_state, "cv_reason": "Abîmé.", "cv_attempts": 17}
    application = make_application(status=status, **values)
    with django_capture_on_commit_callbacks(execute=True):
        intake.replace_cv(application, ContentFile(make_pdf(), "Nouveau.pdf"))
    application.refresh_from_db()
    files = [name for name in application._meta.get_field("cv").storage.listdir("cv")[0] if name != "00"]
    if cv_state == "refused" and status != "withdrawn":
        assert (application.cv_name, application.cv_state, application.cv_reason) == ("Nouveau.pdf", "waiting", "")
        # Every attempt of the new file is still to come, the first of them now.
        assert application.cv_attempts == 0
        assert application.cv_due_at <= timezone.now()
        assert OrmQ.objects.count() == 1
        assert application.claim_cv()
        assert (application.cv_attempts, application.cv_due_at is None) == (1, False)
    else:
        assert {name: getattr(application, name) for name in values} == values
        assert application.cv_due_at is None
        assert not OrmQ.objects.exists()
        storage = application._meta.get_field("cv").storage
        assert not any(storage.listdir(f"cv/{name}")[1] for name in files)


def test_a_new_application_has_its_cv_checked_at_once():
    application = make_application(cv_state=CvState.WAITING, cv_due_at=timezone.now())
    at, dues = timezone.now(), []
    for attempt in range(1, 19):
        assert application.claim_cv(at), attempt
        assert application.cv_attempts == attempt
        if application.cv_due_at is None:
            break
        dues.append(round((application.cv_due_at - at) / timedelta(minutes=1)))
        assert not Application.objects.get(pk=application.pk).claim_cv(application.cv_due_at - timedelta(seconds=1))
        at = application.cv_due_at
    assert dues == [2, 4, 8, 16, 32, 64, 128, 256] + [360] * 9
    assert not application.claim_cv(at + timedelta(days=9))


OPENED = {"waiting": False, "safe": True, "flagged": True, "refused": False}


def test_which_cvs_can_be_opened(settings):
    assert set(OPENED) == set(CvState.values)
    for cv_state, opened in OPENED.items():
        for status in ApplicationStatus.values:
            application = Application(cv="cv/00/x.pdf", cv_state=cv_state, status=status)
            assert application.cv_can_be_opened == (opened and status != "withdrawn"), (cv_state, status)
    assert not Application(cv="", cv_state="safe").cv_can_be_opened
