"""The mails about an application."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.kinds import Mail, absolute_url, mail_kind
from jobboard.mail.models import OutboxMessage
from jobboard.mail.outbox import queue_mail
from offers.applications.enums import ApplicationStatus, CvState
from offers.applications.inspection import advice_for
from offers.applications.models import Application, ApplicationEvent
from offers.applications.summary import summarize

# A repeated application is answered by mail at most once in this time.
REPEAT_NOTICE_INTERVAL = timedelta(days=1)


def queue_repeat_notice(application: Application) -> None:
    """Queue a mail that tells the candidate of an earlier application, at most once a day."""
    now = timezone.now()
    with transaction.atomic():
        # Lock the row: of two concurrent requests the second then reads the mail of the first.
        Application.objects.select_for_update(of=("self",)).filter(pk=application.pk).first()
        earlier = OutboxMessage.objects.filter(kind="applications.again", created_at__gt=now - REPEAT_NOTICE_INTERVAL)
        if not earlier.filter(context__application=application.pk).exists():
            key = f"{application.pk}-{now:%Y%m%d%H%M%S%f}"
            queue_mail("applications.again", key, application=application.pk)


@mail_kind("applications.confirmation", "candidature, accusé de réception")
def confirmation(application: int) -> Mail | None:
    return _to_candidate("confirmation", _application(application))


@mail_kind("applications.again", "candidature, déjà reçue")
def again(application: int) -> Mail | None:
    return _to_candidate("again", _application(application))


@mail_kind("applications.arrival", "candidature, annonce à l’entreprise")
def arrival(application: int) -> Mail | None:
    instance = Application.objects.select_related("offer").filter(pk=application).first()
    if instance is None:
        return None
    inbox_url = absolute_url(reverse("applications:inbox_application", args=[instance.pk]))
    return _mail("arrival", _recruiters(instance.offer), offer=instance.offer, inbox_url=inbox_url)


@mail_kind("applications.cv_refused", "candidature, CV refusé")
def cv_refused(application: int) -> Mail | None:
    instance = _application(application)
    if instance is None or not instance.is_open or instance.cv_state != CvState.REFUSED:
        return None
    return _to_candidate("cv_refused", instance, advice=advice_for(instance.cv_reason))


@mail_kind("applications.decline", "candidature, réponse négative")
def decline(application: int, event: int) -> Mail | None:
    """Return None if the status has changed since, or a newer refusal was written."""
    instance = _application(application)
    last = ApplicationEvent.objects.filter(application=application).order_by("-at", "-pk").first()
    if instance is None or instance.status != ApplicationStatus.DECLINED or last is None or last.pk != event:
        return None
    return _to_candidate("decline", instance, text=last.message)


@mail_kind("applications.links", "candidature, liens de suivi")
def links(application: int) -> Mail | None:
    """List the applications of the e-mail address of `application`. The mail contains no text typed by a user."""
    instance = _application(application)
    if instance is None:
        return None
    rows = Application.objects.of(instance.email).for_candidate().newest_first()
    return _mail("links", [instance.email], rows=[_with_urls(each) for each in rows])


def _application(pk: int) -> Application | None:
    return Application.objects.for_candidate().filter(pk=pk).first()


def _to_candidate(event: str, application: Application | None, **context) -> Mail | None:
    return application and _mail(event, [application.email], **_with_urls(application), **context)


def _with_urls(application: Application) -> dict:
    offer = summarize(application)
    return {
        "application": application,
        "offer": offer,
        "status_url": absolute_url(application.get_absolute_url()),
        "offer_url": absolute_url(offer.url) if offer.url else "",
    }


def _mail(event: str, to: list[str], **context) -> Mail:
    return Mail(f"applications/mail/application_{event}", context, to=to)


def _recruiters(offer) -> list[str]:
    """Return the e-mail addresses of the company’s members, or of the team without any."""
    if offer.company_id is None:
        # A filter by the company NULL would return the users without a company.
        return settings.TEAM_EMAILS
    people = get_user_model().objects.filter(memberships__company=offer.company_id, is_active=True)
    return list(people.order_by("pk").values_list("email", flat=True)[:20]) or settings.TEAM_EMAILS
