"""Reminders to confirm an offer, announcements of its expiry, and the signed links in their mails."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from jobboard.mail.models import OutboxMessage
from jobboard.mail.tasks import send_outbox
from offers.companies.enums import MemberRole
from offers.enums import OfferStatus
from offers.models import OfferEvent
from offers.posting import freshness, tasks
from offers.posting.models import Notice, Reminder
from tests.contact.processes import run_at_once
from tests.factories import make_company, make_member, make_offer, make_place, make_user
from tests.mail.outbox import due_again
from tests.offers.tasks import run_queued_tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(company):
    return make_member(company, make_user(email="proprietaire@example.org")).user


@pytest.fixture
def offer(company, owner):
    """Return an offer that was published, and not confirmed since, 22 days ago."""
    return make_offer(title="Testeuse", company=company, age=timedelta(days=22))


def send_mails() -> list:
    """Run the queued tasks; return all messages that have been sent."""
    run_queued_tasks()
    return mail.outbox


def links(message) -> dict[str, str]:
    """Return the path and query string of each signed link in the message, by its action (`acte`)."""
    urls = [urlsplit(url) for url in re.findall(r"http\S+/recruteurs/suivi/\S+", message.body)]
    return {parse_qs(url.query)["acte"][0]: f"{url.path}?{url.query}" for url in urls}


def test_reminder_after_three_weeks_is_sent_once(offer, owner):
    fresh = make_offer(company=offer.company, age=timedelta(days=20))
    tasks.send_reminders()
    tasks.send_reminders()
    [message] = send_mails()
    assert message.to == ["proprietaire@example.org"]
    assert message.subject == "Toujours à pourvoir\u00a0? Testeuse"
    assert set(links(message)) == {"confirmer", "pourvue", "retirer"}
    assert "proprietaire" not in message.body
    assert fresh.title not in message.body
    assert "proprietaire" not in str([queued.task for queued in OrmQ.objects.all()])
    assert send_mails() == [message]


@pytest.mark.parametrize(
    ("action", "status", "message"),
    [
        ("confirmer", OfferStatus.PUBLISHED, "est confirmée"),
        ("pourvue", OfferStatus.FILLED, "est marquée pourvue"),
        ("retirer", OfferStatus.WITHDRAWN, "est retirée"),
    ],
)
def test_link_shows_the_offer_and_its_button_applies_the_action(client, offer, owner, action, status, message):
    tasks.send_reminders()
    link = links(send_mails()[0])[action]
    confirmed_at = offer.confirmed_at
    page = client.get(link)
    html = page.content.decode()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    offer.refresh_from_db()
    assert (offer.status, offer.confirmed_at) == (OfferStatus.PUBLISHED, confirmed_at), "a GET changes nothing"
    # The first button has the action of the link.
    assert re.search(r'name="acte" value="(\w+)"', html)[1] == action
    response = client.post(link.partition("?")[0], {"offre": offer.pk, "acte": action}, follow=True)
    assert message in response.content.decode()
    offer.refresh_from_db()
    assert offer.status == status
    event = OfferEvent.objects.filter(offer=offer).first()
    assert (event.by, event.verb) == (owner, freshness.ACTIONS[action])
    if action == "confirmer":
        assert offer.confirmed_at.date() == timezone.now().date()
        assert (
            f"le {timezone.localtime(offer.confirmed_at).day}" in client.get(offer.get_absolute_url()).content.decode()
        )
        tasks.send_reminders()
        assert len(send_mails()) == 1


def test_second_reminder_is_sent_after_another_three_weeks(offer):
    tasks.send_reminders()
    offer.confirm()
    freshness.send_reminders(timezone.now() + timedelta(days=22))
    assert Notice.objects.filter(kind="confirm").count() == 2


def test_expiry_is_announced_a_week_and_a_day_before(company, owner):
    make_offer(company=company, expires_at=timezone.now() + timedelta(days=6), age=timedelta(days=54))
    freshness.send_reminders()
    freshness.send_reminders()
    freshness.send_reminders(timezone.now() + timedelta(days=5, hours=12))
    messages = send_mails()
    assert list(Notice.objects.values_list("kind", flat=True).order_by("pk")) == ["week", "day"]
    assert all(message.subject.startswith("Votre offre expire le ") for message in messages)
    assert "renouveler" in links(messages[0])


def test_queued_announcement_is_cancelled_by_renewal(company, owner, client):
    offer = make_offer(company=company, expires_at=timezone.now() + timedelta(days=6), age=timedelta(days=54))
    freshness.send_reminders()
    offer.renew(owner)
    assert send_mails() == []
    message = OutboxMessage.objects.get()
    assert (message.due_at, message.is_given_up) == (None, False), "the message is cancelled, not given up"


def test_one_mail_lists_all_offers_of_a_recruiter(company, owner, django_assert_max_num_queries):
    place = make_place()
    for _ in range(30):
        make_offer(company=company, place=place, age=timedelta(days=30))
    with django_assert_max_num_queries(24):
        tasks.send_reminders()
    [message] = send_mails()
    assert len(re.findall("acte=confirmer", message.body)) == 30
    assert message.subject == "Vos offres attendent un mot de vous"


def test_reminder_goes_to_the_requester_of_the_publication(company, owner):
    recruiter = make_member(company, make_user(email="recruteuse@example.org"), MemberRole.RECRUITER).user
    company.trusted = True
    company.save()
    offer = make_offer(company=company, status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    offer.publish(recruiter)
    due_at = timezone.now() + timedelta(days=22)
    freshness.send_reminders(due_at)
    assert [each.user for each in Reminder.objects.all()] == [recruiter]
    # A former member gets no more reminders.
    company.memberships.filter(user=recruiter).delete()
    offer.confirm()
    freshness.send_reminders(due_at + timedelta(days=22))
    assert Reminder.objects.order_by("pk").last().user == owner


def test_closed_offer_and_offer_without_company_get_no_reminder(company, owner):
    make_offer(company=company, status=OfferStatus.FILLED, closed_at=timezone.now(), age=timedelta(days=30))
    make_offer(confidential=True, age=timedelta(days=30))
    assert freshness.send_reminders() == 0


def test_link_of_a_former_member_is_refused(client, offer, owner):
    tasks.send_reminders()
    link = links(send_mails()[0])["retirer"]
    offer.company.memberships.all().delete()
    assert "ne travaillez plus" in client.get(link).content.decode()
    client.post(link, {"offre": offer.pk, "acte": "retirer"})
    offer.refresh_from_db()
    assert offer.status == OfferStatus.PUBLISHED


@pytest.mark.parametrize(
    "data",
    [{}, {"offre": "x", "acte": "retirer"}, {"offre": "9" * 30, "acte": "retirer"}, {"acte": "supprimer"}],
)
def test_invalid_values_change_nothing(client, offer, data):
    tasks.send_reminders()
    link = links(send_mails()[0])["retirer"]
    assert client.post(link.partition("?")[0], {"offre": offer.pk, **data}).status_code == 302
    offer.refresh_from_db()
    assert offer.status == OfferStatus.PUBLISHED
    assert client.get(f"{link.partition('?')[0]}?offre=²&acte=%27").status_code == 200


def test_link_cannot_change_another_offer(client, offer, company):
    other = make_offer(company=company)
    tasks.send_reminders()
    link = links(send_mails()[0])["retirer"].partition("?")[0]
    client.post(link, {"offre": other.pk, "acte": "retirer"})
    other.refresh_from_db()
    assert other.status == OfferStatus.PUBLISHED


@pytest.mark.parametrize("token", ["x", "a.b", "00000000000000000000000000000000.abc", "é"])
def test_forged_link_is_not_found(client, token):
    assert client.get(f"/recruteurs/suivi/{token}/").status_code == 404


def test_mail_is_sent_after_a_failure_of_the_mail_server(offer, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    tasks.send_reminders()
    assert send_mails() == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    due_again()
    send_outbox()
    send_outbox()
    assert len(mail.outbox) == 1


def test_reminders_and_outbox_are_scheduled():
    functions = set(Schedule.objects.values_list("func", flat=True))
    assert {"offers.posting.tasks.send_reminders", "jobboard.mail.tasks.send_outbox"} <= functions


@pytest.mark.django_db(transaction=True)
def test_concurrent_runs_send_each_reminder_once(tmp_path):
    company = make_company()
    make_member(company)
    for _ in range(40):
        make_offer(company=company, age=timedelta(days=30))
    lines = run_at_once(
        """
from offers.posting import freshness
from offers.posting.models import Notice, Reminder
sent = freshness.send_reminders()
sys.stdin.readline()
print(sent, Notice.objects.count(), Notice.reminders.through.objects.count())
""",
        3,
        tmp_path,
    )
    counts = [[int(count) for count in line.split()] for line in lines]
    assert sum(sent for sent, *_ in counts) == 40
    assert counts[-1][1:] == [40, 40]
