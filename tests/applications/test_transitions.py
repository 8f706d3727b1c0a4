"""Every transition of an application from every status, its dates, and the checks of its CV."""

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

# The source statuses of each transition, and its target. A hired candidate is not declined.
TRANSITIONS = {
    "see": ("received", "seen"),
    "discuss": ("received seen declined hired", "discussion"),
    "decline": ("received seen discussion", "declined"),
    "hire": ("received seen discussion declined", "hired"),
    "withdraw": ("received seen discussion declined hired", "withdrawn"),
}
# The transitions that set `answered_at`, and those that set `seen_at`.
SETS_ANSWERED_AT = {"discuss", "decline", "hire"}
SETS_SEEN_AT = {"see", *SETS_ANSWERED_AT}
FORM_VALUES = {"see": "seen", "discuss": "discussion", "hire": "hired"}


def apply_transition(application, name, by):
    return application.withdraw() if name == "withdraw" else getattr(application, name)(by)


def test_every_transition_from_every_status():
    user, offer, differences = make_user(), make_offer(), []
    assert {target for _, target in TRANSITIONS.values()} == set(ApplicationStatus.values) - {"received"}
    for status in ApplicationStatus.values:
        possible = {target for sources, target in TRANSITIONS.values() if status in sources.split()}
        assert set(APPLICATION_TRANSITIONS[status]) == possible, status
        pk = make_application(offer=offer, status=status).pk
        assert Application.objects.get(pk=pk).allowed_statuses() == possible - {"withdrawn"}, status
        for name, (_, target) in TRANSITIONS.items():
            with transaction.atomic():
                application = Application.objects.get(pk=pk)
                with suppress(ApplicationRefused):
                    apply_transition(application, name, user)
                stored = Application.objects.get(pk=pk)
                by = None if name == "withdraw" else user.pk
                expected = [(target, by)] if target in possible else []
                events = list(stored.events.values_list("status", "by"))
                dates = (bool(stored.seen_at), bool(stored.answered_at))
                allowed = target in possible
                if (
                    (stored.status, application.status) != ((target,) * 2 if allowed else (status,) * 2)
                    or events != expected
                    or dates != (allowed and name in SETS_SEEN_AT, allowed and name in SETS_ANSWERED_AT)
                ):
                    differences.append(f"{name} from {status}: {stored.status}, {events}, {dates}")
                transaction.set_rollback(True)
    assert not differences, "\n".join(differences)


def test_first_dates_are_kept_and_last_contact_is_updated():
    application, user, start = make_application(), make_user(), timezone.now()
    at = [start + timedelta(days=day) for day in range(6)]
    for day, name in enumerate(["see", "decline", "discuss", "hire", "discuss"], 1):
        getattr(application, name)(user, at[day])
        application.refresh_from_db()
        assert application.last_contact_at == at[day]
        assert application.seen_at == at[1]
        assert application.answered_at == (at[2] if day > 1 else None)


def test_transitions_from_every_status_on_the_pages_of_the_recruiter(client):
    offer = make_offer()
    client.force_login(make_member(offer.company).user)
    for status in ApplicationStatus.values:
        for name, value in [*FORM_VALUES.items(), ("decline", None)]:
            application = make_application(offer=offer, status=status)
            if value:
                client.post(reverse("applications:inbox_change", args=[application.pk]), {"etat": value})
            else:
                client.post(reverse("applications:inbox_decline"), {"c": application.pk, "text": "Bonjour."})
            sources, target = TRANSITIONS[name]
            application.refresh_from_db()
            assert application.status == (target if status in sources.split() else status), (name, status)
            assert OutboxMessage.objects.about("applications", application=application.pk).exists() == (
                name == "decline" and status in sources.split()
            ), (name, status)


def test_withdrawal_from_every_status_on_the_page_of_the_candidate(client):
    for status in ApplicationStatus.values:
        application = make_application(status=status)
        client.post(reverse("applications:withdraw", args=[application.token]))
        application.refresh_from_db()
        assert application.status == "withdrawn"
        assert application.events.count() == (status != "withdrawn")


# The CV


@pytest.mark.parametrize("cv_state", CvState.values)
@pytest.mark.parametrize("status", ["received", "hired", "withdrawn"])
def test_cv_is_replaced_only_after_a_refusal_and_checked_again(cv_state, status, django_capture_on_commit_callbacks):
    cv = "" if cv_state == "refused" else "cv/00/before.pdf"
    values = {"cv": cv, "cv_name": "Avant.pdf", "cv_state": cv_state, "cv_reason": "Abîmé.", "cv_attempts": 17}
    application = make_application(status=status, **values)
    with django_capture_on_commit_callbacks(execute=True):
        intake.replace_cv(application, ContentFile(make_pdf(), "Nouveau.pdf"))
    application.refresh_from_db()
    files = [name for name in application._meta.get_field("cv").storage.listdir("cv")[0] if name != "00"]
    if cv_state == "refused" and status != "withdrawn":
        assert (application.cv_name, application.cv_state, application.cv_reason) == ("Nouveau.pdf", "waiting", "")
        # The attempts of the new file are counted from zero, and the first one is due now.
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


def test_checks_of_a_cv_are_retried_with_growing_delays():
    application = make_application(cv_state=CvState.WAITING, cv_due_at=timezone.now())
    at, delays = timezone.now(), []
    for attempt in range(1, 19):
        assert application.claim_cv(at), attempt
        assert application.cv_attempts == attempt
        if application.cv_due_at is None:
            break
        delays.append(round((application.cv_due_at - at) / timedelta(minutes=1)))
        assert not Application.objects.get(pk=application.pk).claim_cv(application.cv_due_at - timedelta(seconds=1))
        at = application.cv_due_at
    assert delays == [2, 4, 8, 16, 32, 64, 128, 256] + [360] * 9
    assert not application.claim_cv(at + timedelta(days=9))


OPENABLE = {"waiting": False, "safe": True, "flagged": True, "refused": False}


def test_cv_can_be_opened_by_its_state_and_the_status(settings):
    assert set(OPENABLE) == set(CvState.values)
    for cv_state, openable in OPENABLE.items():
        for status in ApplicationStatus.values:
            application = Application(cv="cv/00/x.pdf", cv_state=cv_state, status=status)
            assert application.cv_can_be_opened == (openable and status != "withdrawn"), (cv_state, status)
    assert not Application(cv="", cv_state="safe").cv_can_be_opened
