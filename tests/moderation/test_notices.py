"""The mails that tell moderators that something waits."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule

from jobboard.mail.models import OutboxMessage
from jobboard.mail.tasks import send_outbox
from offers.enums import OfferStatus
from offers.models import Offer
from offers.moderation import tasks
from offers.moderation.notices import moderators, queue_daily_notices
from tests.admin.staff import make_group_member, make_moderator, make_superuser
from tests.factories import make_company, make_offer, make_report, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def make_waiting_offer(age=timedelta(hours=2), **fields):
    return make_offer(status=OfferStatus.SUBMITTED, waiting_since=NOW - age, **fields)


def sent() -> list:
    """Send what is due and return all mails about what waits."""
    send_outbox()
    return [message for message in mail.outbox if message.subject.startswith("Modération")]


def test_moderators_are_staff_with_the_permission_and_a_confirmed_address():
    expected = [make_moderator(), make_group_member("Curation"), make_group_member("Modération"), make_superuser()]
    make_group_member("Commercial")
    make_moderator(confirmed=False)
    make_moderator(is_active=False)
    # The permission without access to the admin.
    make_user().groups.add(Group.objects.get(name="Modération"))
    changed = make_moderator(email="nouvelle@example.org")
    EmailAddress.objects.filter(user=changed).update(email="ancienne@example.org")
    other_case = make_moderator(email="autre@example.org")
    EmailAddress.objects.filter(user=other_case).update(email="Autre@example.org")
    assert list(moderators()) == [*expected, other_case]


def test_morning_mail_has_counts_ages_and_links_but_no_names(moderator):
    company = make_company(name="Ateliers Vauban")
    make_waiting_offer(timedelta(days=3), title="Directrice secrète", company=company)
    make_waiting_offer(title="Développeuse", company=company)
    report = make_report(created_at=NOW - timedelta(hours=5))
    company.revisions.create(changes={"name": "Banque secrète"}, created_at=NOW - timedelta(minutes=5))
    tasks.mail_daily_notices()
    [message] = sent()
    assert (message.subject, message.to) == ("Modération\u00a0: 4 décisions à prendre", ["moderatrice@example.org"])
    for line in (
        "2\u00a0offres à relire, la plus ancienne depuis 3\u00a0jours",
        "1\u00a0changement d’entreprise à relire, depuis moins d’une heure",
        "1\u00a0signalement attend une décision, depuis 5\u00a0heures",
        reverse("admin:offers_offer_moderation"),
        f"{reverse('admin:companies_companyrevision_changelist')}?status__exact=waiting",
        reverse("admin:moderation_report_changelist"),
    ):
        assert line in message.body, line
    for personal in ("secrète", "Développeuse", "Vauban", report.email, report.offer.title, "moderatrice"):
        assert personal not in message.body, personal


def test_morning_mail_is_sent_once_a_day_to_each_moderator(moderator):
    second = make_moderator()
    make_waiting_offer()
    queue_daily_notices(NOW)
    queue_daily_notices(NOW)
    assert sorted(message.to[0] for message in sent()) == sorted([moderator.email, second.email])
    queue_daily_notices(NOW + timedelta(days=1))
    assert len(sent()) == 4


def test_no_mail_when_nothing_waits(moderator, settings):
    make_offer()
    for setting in ("daily", "immediate"):
        settings.MODERATION_MAILS = setting
        tasks.mail_daily_notices()
        tasks.mail_arrival_notices()
    assert not OutboxMessage.objects.exists()


def test_mail_is_cancelled_when_everything_is_decided_before_it_is_sent(moderator):
    offer = make_waiting_offer()
    tasks.mail_daily_notices()
    Offer.objects.get(pk=offer.pk).publish(moderator)
    assert sent() == []


def test_mail_is_cancelled_for_a_former_moderator(moderator):
    make_waiting_offer()
    tasks.mail_daily_notices()
    moderator.groups.clear()
    assert sent() == []


def test_without_moderators_the_team_gets_the_mail(settings):
    settings.TEAM_EMAILS = ["equipe@example.org"]
    make_moderator(confirmed=False)
    make_waiting_offer()
    tasks.mail_daily_notices()
    tasks.mail_daily_notices()
    [message] = sent()
    assert message.to == ["equipe@example.org"]


@pytest.mark.parametrize(("setting", "morning", "arrival"), [("off", 0, 0), ("daily", 1, 0), ("immediate", 1, 1)])
def test_setting_decides_when_mails_are_sent(moderator, settings, setting, morning, arrival):
    settings.MODERATION_MAILS = setting
    make_waiting_offer()
    tasks.mail_arrival_notices()
    assert len(sent()) == arrival
    tasks.mail_daily_notices()
    assert len(sent()) == arrival + morning


def test_arrivals_are_mailed_once_and_together(moderator, settings):
    settings.MODERATION_MAILS = "immediate"
    make_waiting_offer()
    tasks.mail_arrival_notices()
    tasks.mail_arrival_notices()
    assert len(sent()) == 1
    # Later arrivals of any kind are one mail.
    make_offer(status=OfferStatus.SUBMITTED, waiting_since=timezone.now())
    newest = make_report(created_at=timezone.now())
    tasks.mail_arrival_notices()
    tasks.mail_arrival_notices()
    assert len(sent()) == 2
    # A decision is no arrival.
    newest.delete()
    tasks.mail_arrival_notices()
    assert len(sent()) == 2


def test_mails_about_what_waits_are_scheduled():
    schedules = dict(Schedule.objects.values_list("func", "schedule_type"))
    assert schedules["offers.moderation.tasks.mail_arrival_notices"] == Schedule.MINUTES
    assert schedules["offers.moderation.tasks.mail_daily_notices"] == Schedule.DAILY
